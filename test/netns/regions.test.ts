/** Instances of several regions, and hosts of the internet: each a stack like any other. */
import t from 'tap';
import { labForFile, labText, vpclab, whyNoLabs } from './test-lab.ts';

async function testRegions(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(
    t,
    labText(
      'regions',
      `
vpcs:
  main: { cidr: 10.0.0.0/16, subnets: { a: { cidr: 10.0.1.0/24 } } }
  away: { region: eu-west-1, cidr: 10.0.0.0/16, subnets: { b: { cidr: 10.0.1.0/24 } } }
internet:
  hosts:
    web:
      address: 198.51.100.10
      ipv6Address: "::10"
      files: { /srv/index.html: { content: hello } }
      daemons: { web: "exec python3 -m http.server 80 --bind :: --directory /srv" }
    reader: { ipv6Address: "::11" }
instances:
  here: { subnet: a, address: 10.0.1.11 }
  there: { subnet: b, address: 10.0.1.11 }
  beside: { subnet: b, address: 10.0.1.12 }
`,
    ),
  );
  await t.test('instances of a region reach each other, and none of another', async (t) => {
    const zones = (await lab.status()).instances.map(({ name, zone }) => `${name} ${zone}`);
    t.strictSame(zones.toSorted(), [
      'beside eu-west-1a',
      'here us-east-1a',
      'reader internet',
      'there eu-west-1a',
      'web internet',
    ]);
    t.equal((await lab.sh('beside', 'ping -c1 -W1 10.0.1.11')).exitCode, 0);
    t.equal((await lab.sh('here', 'ping -c1 -W1 10.0.1.12')).exitCode, 1);
  });
  await t.test('hosts of the internet have stacks of their own', async (t) => {
    const fetch = (from: string) => `curl -sS --retry 20 --retry-connrefused -m 5 http://${from}/`;
    t.equal(await lab.read('reader', fetch('198.51.100.10')), 'hello');
    t.equal(await lab.read('reader', fetch('[2001:db8:c633:6400::10]')), 'hello');
    t.match(await lab.read('reader', 'ip -4 -br addr show eth0'), '198.51.100.4/24');
  });
  await t.test('the API of the account knows neither hosts nor other regions', async (t) => {
    const answer = JSON.stringify(await lab.action('DescribeInstances', {}));
    t.match(answer, '10.0.1.11');
    t.notMatch(answer, /198\.51\.100|eu-west-1|10\.0\.1\.12/);
  });
  await t.test('commands find instances wherever they are', async (t) => {
    for (const name of ['there', 'web']) {
      const { exitCode } = await vpclab(['exec', '-n', lab.name, name, '--', 'true']);
      t.equal(exitCode, 0, name);
    }
    const told = await vpclab(['explain', '-n', lab.name, 'beside', 'web']);
    t.match(told.stdout, /^forward: icmp, 10\.0\.1\.12 > 198\.51\.100\.10\n/);
    const { stdout } = await vpclab(['export', lab.name]);
    t.match(stdout, 'region: eu-west-1');
    t.match(stdout, /hosts:\n {4}web:\n {6}address: 198\.51\.100\.10/);
  });
  await testHostIsAsBefore();
}

const whyNot = whyNoLabs();
if (whyNot === null) await testRegions();
else t.plan(0, whyNot);

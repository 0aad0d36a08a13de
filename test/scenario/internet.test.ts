/** Public hosts of lab files: where they are, what they are made of, and who sees them. */
import t from 'tap';
import { formatCidr } from '../../src/addr/cidr.ts';
import { formatIpv4, parseIpv4 } from '../../src/addr/ipv4.ts';
import { formatIpv6 } from '../../src/addr/ipv6.ts';
import { planEntries } from '../../src/cli/plan-lines.ts';
import { isInternet } from '../../src/model/realm.ts';
import { routeState } from '../../src/model/routes.ts';
import { blocksAround } from '../../src/scenario/file/internet-blocks.ts';
import { loadLab } from '../../src/scenario/file/load.ts';
import { indexNames, lookupVariable } from '../../src/scenario/names.ts';
import { applyPlan } from '../../src/scenario/plan/apply.ts';
import { planLab } from '../../src/scenario/plan/plan.ts';
import { playSteps } from '../../src/scenario/play/steps.ts';
import { made, sourcesOf } from './describing.ts';
import { LAB_OPTIONS } from './lab-options.ts';

const FILE = `
name: public
defaultVpc: false
vpcs:
  main:
    cidr: 10.0.0.0/16
    internetGateway: true
    subnets: { a: { cidr: 10.0.1.0/24 } }
    routeTables: { out: { main: true, routes: { 0.0.0.0/0: igw } } }
internet:
  hosts:
    any: {}
    web:
      address: 198.51.100.10
      ipv6Address: "::10"
      image: frr
      start: echo hello
      daemons: { web: exec httpd }
      env: { A: b }
      dhcp: static
      files: { /etc/x: { content: x } }
    other: { address: 203.0.113.20 }
    dns: { address: 8.8.8.8, ipv6Address: "2001:4860:4860::8888" }
instances: { r1: { subnet: a, elasticAddress: true } }
steps:
  - { name: a host stops, stop: [web, r1] }
`;

const load = (text: string) => loadLab(text, LAB_OPTIONS);

t.test('public hosts are instances of a realm of their own, with public addresses', async (t) => {
  const lab = load(FILE);
  t.match(lab.instances.get('web'), {
    image: 'frr',
    start: 'echo hello',
    daemons: [{ name: 'web', command: 'exec httpd' }],
    env: { A: 'b' },
    dhcp: 'static',
    role: null,
  });
  const runtime = await made(lab);
  t.strictSame(planLab(lab, runtime.fabric, runtime.imageIdOf), [], 'nothing is left to do');
  const { fabric, snapshot } = runtime;
  const internet = fabric.regions.find(isInternet);
  t.strictSame(
    [...(internet?.instances.values() ?? [])].map(({ tags }) => tags.get('Name')),
    ['any', 'web', 'other', 'dns'],
  );
  t.strictSame(
    [...(internet?.enis.values() ?? [])].map(({ addresses, ipv6Addresses }) => [
      ...addresses.map(formatIpv4),
      ...ipv6Addresses.map(formatIpv6),
    ]),
    [
      ['198.51.100.4'],
      ['198.51.100.10', '2001:db8:c633:6400::10'],
      ['203.0.113.20'],
      ['8.8.8.8', '2001:4860:4860::8888'],
    ],
  );
  t.strictSame(
    [...(internet?.vpcs.values() ?? [])].map(({ cidrs, isDefault }) => [
      formatCidr(cidrs[0].cidr),
      isDefault,
    ]),
    [
      ['198.51.100.0/24', false],
      ['203.0.113.0/24', false],
      ['8.8.8.0/24', false],
    ],
    'a VPC for each block, and no default one',
  );
  for (const table of internet?.routeTables.values() ?? []) {
    const leaving = table.routes.filter(({ target }) => target.kind !== 'local');
    for (const route of leaving) t.equal(routeState(fabric, table, route), 'active');
    t.ok(leaving.length > 0 || table.associations.length === 0);
  }
  t.equal(snapshot.instances.size, 1, 'they are not in the region at home');
  t.notMatch(
    JSON.stringify(sourcesOf(snapshot)),
    /198\.51\.100|internet"/,
    'nor are they described',
  );
  const names = indexNames(fabric);
  t.equal(lookupVariable(names, 'web.eth0.address'), '198.51.100.10');
  t.type(
    lookupVariable(names, 'igw'),
    'string',
    'gateways of the internet have names of their own',
  );
});

t.test('a plan has no commands for public hosts, which no client can make', (t) => {
  const lab = load(FILE);
  const entries = planEntries(
    planLab(lab, null, (name) => `ami-${name}`),
    lab.home,
  );
  const [hosts, others] = [true, false].map((isHost) =>
    entries.filter(({ region }) => (region === 'internet') === isHost),
  );
  t.ok(hosts?.every(({ command }) => command === null));
  t.match(
    others?.find(({ action }) => action === 'CreateVpc')?.command,
    /^aws ec2 create-vpc .* 10\.0\.0\.0\/16 /,
  );
  t.end();
});

t.test('public hosts stop as instances do', async (t) => {
  const lab = load(FILE);
  const runtime = await made(lab);
  runtime.performed.length = 0;
  for await (const { message = '' } of playSteps(lab, runtime, runtime.clock)) t.equal(message, '');
  t.strictSame(
    runtime.performed.map(({ action, region }) => `${region} ${action}`),
    ['internet StopInstances', 'us-east-1 StopInstances'],
  );
});

t.test('public hosts come, change and go', async (t) => {
  const [before = '', after = ''] = FILE.split('internet:');
  const vpcsOnly = `${before}${after.slice(after.indexOf('instances:'))}`;
  const runtime = await made(load(vpcsOnly.replace('[web, r1]', 'r1')));
  for (const text of [
    FILE,
    FILE.replace('203.0.113.20', '203.0.113.21'),
    FILE.replace(', ipv6Address: "2001:4860:4860::8888"', ''),
    FILE.replace(/ {4}(?:dns|other): .*\n/g, ''),
  ]) {
    const lab = load(text);
    const plan = planLab(lab, runtime.fabric, runtime.imageIdOf);
    t.not(plan.length, 0);
    await applyPlan(plan, runtime, { clock: runtime.clock });
    t.strictSame(planLab(lab, runtime.fabric, runtime.imageIdOf), [], 'nothing is left to do');
  }
  const internet = runtime.fabric.regions.find(isInternet);
  t.equal(internet?.vpcs.size, 1);
});

t.test('uplink is off unless the file says host', (t) => {
  t.notOk(load(FILE).hasUplink);
  t.ok(load(FILE.replace('internet:', 'internet:\n  uplink: host')).hasUplink);
  t.ok(load('name: alone\ninternet: { uplink: host }\n').hasUplink, 'hosts are not needed');
  t.end();
});

t.test('blocksAround gives blocks that are apart, in which nobody has a reserved address', (t) => {
  const rows: [addresses: string[], blocks: string[]][] = [
    [[], []],
    [['8.8.8.8'], ['8.8.8.0/24']],
    [['1.1.1.1'], ['1.1.0.0/23']],
    [['1.1.1.1', '1.1.0.9'], ['1.1.0.0/23']],
    [['1.1.0.9', '1.1.1.1', '1.1.1.200'], ['1.1.0.0/23']],
    [['192.0.2.1'], ['192.0.2.0/24']],
    [['192.0.2.9', '192.0.3.1'], ['192.0.2.0/23']],
    [['9.9.255.255'], ['9.9.0.0/16']],
    [
      ['8.8.8.8', '8.8.4.4'],
      ['8.8.8.0/24', '8.8.4.0/24'],
    ],
  ];
  for (const [addresses, blocks] of rows) {
    const parsed = addresses.flatMap((text) => parseIpv4(text) ?? []);
    t.strictSame(blocksAround(parsed).map(formatCidr), blocks, addresses.join(' '));
  }
  t.end();
});

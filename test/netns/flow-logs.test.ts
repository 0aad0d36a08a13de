/** Flow logs of a real lab: from the packets of a guest to the lines of a file. */
import fs from 'node:fs';
import t from 'tap';
import {
  labForFile,
  labText,
  startVpclab,
  type TestLab,
  until,
  vpclab,
  whyNoLabs,
} from './test-lab.ts';

const LAB = labText(
  'flowlogs',
  `
settings: { flowLogInterval: 1s }
vpcs:
  main:
    cidr: 10.76.0.0/16
    subnets:
      a: { cidr: 10.76.1.0/24 }
      b: { cidr: 10.76.2.0/24 }
instances:
  client: { subnet: a, address: 10.76.1.11, dhcp: static }
  server: { subnet: b, address: 10.76.2.12, dhcp: static }
`,
);
const WINDOW_MS = 10_000;

async function vpcIdOf(lab: TestLab): Promise<string> {
  const Filters = [{ Name: 'is-default', Values: ['false'] }];
  const { Vpcs } = (await lab.action('DescribeVpcs', { Filters })) as { Vpcs: { VpcId: string }[] };
  return Vpcs[0]?.VpcId ?? '';
}

/** @returns what a process has open; one that is closed meanwhile is left out. */
function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return fs.readdirSync(folder).flatMap((name) => {
    try {
      return [fs.readlinkSync(`${folder}/${name}`)];
    } catch {
      return [];
    }
  });
}

async function testFlowLogs(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);
  const vpcId = await vpcIdOf(lab);
  const eniId = (await lab.instance('server')).interfaces[0]?.eniId ?? '';
  const created = await lab.action('CreateFlowLogs', {
    ResourceIds: [vpcId],
    ResourceType: 'VPC',
    TrafficType: 'ALL',
    LogGroupName: '/aws/vpc/../flows',
  });
  const file = `/var/lib/vpclab/${lab.name}/flow-logs/cloud-watch-logs/aws/vpc/%2E%2E/flows/${eniId}-all.log`;
  const records = (): string[] => fs.readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const follower = startVpclab(['flow-logs', 'server', '--follow', '-n', lab.name]);

  await t.test(
    '[FL-1] [FL-2] what a ping sent and got is there at the end of a window',
    async (t) => {
      await lab.read('client', 'ping -c2 -i0.2 -W1 10.76.2.12');
      for (const ends of ['10.76.1.11 10.76.2.12', '10.76.2.12 10.76.1.11']) {
        const form = new RegExp(
          `^2 123456789012 ${eniId} ${ends} 0 0 1 (\\d) (\\d+) \\d{10} \\d{10} ACCEPT OK$`,
        );
        // The end of a window may fall between the two packets.
        const sums = (): readonly number[] =>
          [1, 2].map((group) =>
            records().reduce((sum, line) => sum + Number(form.exec(line)?.[group] ?? 0), 0),
          );
        t.same(await until(ends, WINDOW_MS, sums, ([packets]) => packets === 2), [2, 168]);
      }
      t.equal(fs.statSync(file).mode & 0o777, 0o640);
    },
  );

  await t.test('[FL-3] silence is NODATA, one record a window', async (t) => {
    const lines = await until('NODATA', WINDOW_MS, records, (lines) =>
      lines.some((line) => line.endsWith('NODATA')),
    );
    const silent = lines.find((line) => line.endsWith('NODATA')) ?? '';
    t.match(silent, /^2 123456789012 eni-\w+ - - - - - - - \d+ \d+ - NODATA$/);
    const { exitCode, stdout } = await vpclab(['flow-logs', eniId, '-n', lab.name]);
    t.equal(exitCode, 0);
    t.ok(stdout.startsWith(`${lines.join('\n')}\n`));
  });

  await t.test('[FL-8] the router, DHCP and ARP are in no record', async (t) => {
    t.notOk(
      records().some((line) => / 10\.76\.\d\.1 /.test(line)),
      records().join('\n'),
    );
  });

  await t.test('DeleteFlowLogs writes what passed until then, and no more', async (t) => {
    await lab.read('client', 'ping -c1 -W1 -s 100 10.76.2.12');
    await lab.action('DeleteFlowLogs', { FlowLogIds: created['FlowLogIds'] });
    const atEnd = records();
    t.match(atEnd.at(-1), / 10\.76\.2\.12 10\.76\.1\.11 0 0 1 1 128 /);
    await lab.read('client', 'ping -c1 -W1 10.76.2.12');
    await lab.action('CreateFlowLogs', {
      ResourceIds: [eniId],
      ResourceType: 'NetworkInterface',
      TrafficType: 'ALL',
      LogGroupName: 'others',
    });
    t.same(records(), atEnd);
    await until(
      'the follower has opened the new file',
      WINDOW_MS,
      () => openFiles(follower.pid ?? 0),
      (files) => files.some((file) => file.includes('/others/')),
    );
    await lab.read('client', 'ping -c1 -W1 -s 200 10.76.2.12');
  });

  await testHostIsAsBefore();

  await t.test('a follower gets the records of the last window, and ends', async (t) => {
    const { exitCode, stdout } = await follower;
    t.equal(exitCode, 0);
    const lines = stdout.split('\n').filter((line) => / 0 0 1 1 228 .* ACCEPT OK$/.test(line));
    t.equal(lines.length, 2, stdout);
  });
}

const obstacle = whyNoLabs();
if (obstacle === null) await testFlowLogs();
else t.plan(0, obstacle);

/** The step runner against the real actions and a recorder in place of the instances. */
import t from 'tap';
import type { PortStats } from '../../src/engine/control-api.ts';
import { loadLab } from '../../src/scenario/file/load.ts';
import { applyPlan } from '../../src/scenario/plan/apply.ts';
import { planLab } from '../../src/scenario/plan/plan.ts';
import { playSteps } from '../../src/scenario/play/steps.ts';
import { LAB_OPTIONS } from './lab-options.ts';
import { ModelRuntime } from './model-runtime.ts';
import { prepare } from './played-lab.ts';

function port(
  instance: string,
  device: string,
  eniId: string,
  drops: Record<string, number>,
): PortStats {
  const none = { frames: 0, bytes: 0 };
  return {
    instance,
    device,
    eniId,
    received: none,
    sent: none,
    forwarded: 0,
    answered: 0,
    punted: 0,
    drops,
  };
}

t.test('playSteps plays the parts in their order', async (t) => {
  const { runtime, play } = await prepare(`
  - name: all parts
    expect: { on: client, command: expected }
    run: { on: [r1, r2], command: ran }
    aws: ec2 replace-route --route-table-id $clients --destination-cidr-block 192.0.2.10/32 --network-interface-id $r2.eth0
    set: { instance: r2, sourceDestCheck: false }
    kill: client
    stop: r2
`);
  const [report] = await play();
  t.match(report, { type: 'step', name: 'all parts', ok: true, ms: Number });
  t.notOk(Object.hasOwn(report ?? {}, 'message'));
  t.strictSame(runtime.calls, [
    'StopInstances',
    'kill client',
    'ModifyNetworkInterfaceAttribute',
    'ReplaceRoute',
    'r1$ ran',
    'r2$ ran',
    'client$ expected',
  ]);
});

t.test('playSteps resolves variables to what they stand for at that moment', async (t) => {
  const { runtime, play } = await prepare(`
  - name: variables
    set: { interface: service, attach: r2 }
    run: { on: client, command: "ping $r2.eth1.address; echo $HOME \${service.mac} $r1.log $1 $unknown \${r1}x" }
`);
  t.match(await play(), [{ ok: true }]);
  const enis = [...runtime.snapshot.enis.values()];
  const service = enis.find((eni) => eni.tags.get('Name') === 'service');
  const [r1] = [...runtime.snapshot.instances.values()];
  const command = runtime.calls.at(-1) ?? '';
  t.match(command, /^client\$ ping 10\.0\.1\.50; echo \$HOME [0-9a-f:]{17} /);
  t.ok(command.endsWith(` ${r1?.instanceId}.log $1 $unknown ${r1?.instanceId}x`), command);
  t.ok(service);
});

t.test('playSteps compiles settings to actions', async (t) => {
  const { runtime, play } = await prepare(`
  - { name: check, set: { instance: r1, sourceDestCheck: false } }
  - { name: move address, set: { instance: r2, address: 10.0.1.100 } }
  - { name: move interface, set: { interface: r1.eth1, attach: { instance: r2, device: 2 } } }
  - { name: take off, set: { interface: service, attach: none } }
  - { name: gone, set: { interface: r2.eth2, attach: r1 } }
`);
  const reports = await play();
  t.strictSame(
    reports.map(({ ok }) => ok),
    [true, true, true, true, false],
  );
  t.equal(
    reports[4]?.message,
    'Cannot set "r2.eth2": found no such interface, wanted one that exists',
  );
  t.match(runtime.performed, [
    { action: 'ModifyNetworkInterfaceAttribute', input: { SourceDestCheck: { Value: false } } },
    {
      action: 'AssignPrivateIpAddresses',
      input: { PrivateIpAddresses: ['10.0.1.100'], AllowReassignment: true },
    },
    { action: 'DetachNetworkInterface', input: { Force: true } },
    { action: 'AttachNetworkInterface', input: { DeviceIndex: 2 } },
    { action: 'DetachNetworkInterface' },
  ]);
});

t.test('playSteps wants the refusal that a step names', async (t) => {
  const { play } = await prepare(`
  - { name: refused, aws: { command: ec2 delete-vpc --vpc-id $main, fails: DependencyViolation } }
  - { name: other refusal, aws: { command: ec2 delete-vpc --vpc-id $main, fails: InvalidVpcID.NotFound } }
  - { name: no refusal, aws: { command: ec2 describe-vpcs, fails: InvalidVpcID.NotFound } }
  - { name: unwanted refusal, aws: [ec2 describe-vpcs, ec2 delete-vpc --vpc-id $main] }
`);
  const reports = await play();
  t.strictSame(
    reports.map(({ ok }) => ok),
    [true, false, false, false],
  );
  t.match(
    reports[1]?.message,
    /found refusal DependencyViolation \(.*\), wanted refusal InvalidVpcID.NotFound$/,
  );
  t.match(reports[2]?.message, /^Cannot do "ec2 describe-vpcs": found success, wanted refusal/);
  t.match(reports[3]?.message, /found refusal DependencyViolation \(.*\), wanted success$/);
});

t.test('playSteps stops and starts instances', async (t) => {
  const { runtime, play } = await prepare(`
  - { name: stop, stop: [r1, r2] }
  - { name: start, start: r1 }
`);
  t.match(await play(), [{ ok: true }, { ok: true }]);
  const states = [...runtime.snapshot.instances.values()].map(({ state }) => state);
  t.strictSame(states, ['running', 'stopped', 'running']);
});

t.test('playSteps reports a command that fails and goes on with the next step', async (t) => {
  const { runtime, play } = await prepare(`
  - { name: fails, run: { on: r1, command: bad }, expect: { on: r1, command: never } }
  - { name: late, run: { on: r1, command: slow, within: 2s } }
  - { name: fine, run: { on: r1, command: good } }
`);
  runtime.answer = (_, command) =>
    command === 'bad'
      ? { exitCode: 2, stderr: 'first\nlast line\n' }
      : { exitCode: command === 'slow' ? 124 : 0 };
  t.match(await play(), [
    {
      ok: false,
      message:
        'Cannot run "bad" on "r1": found exit code 2 ("last line"), wanted exit code 0 within 30s',
    },
    {
      ok: false,
      message: 'Cannot run "slow" on "r1": found no end in time, wanted exit code 0 within 2s',
    },
    { ok: true },
  ]);
  t.notOk(runtime.calls.includes('r1$ never'));
});

/** An expectation, what the lab answers at each try, and the message; null: it holds. */
const COMMANDS: readonly (readonly [
  expect: string,
  tries: { exitCode?: number; stdout?: string }[],
  message: string | null,
])[] = [
  ['command: x', [{}], null],
  ['command: x', [{ exitCode: 1 }, { exitCode: 1 }, {}], null],
  ['command: x, fails: true', [{}, { exitCode: 1 }], null],
  ['command: x, matches: "^b$"', [{ stdout: 'a\nb\n' }], null],
  ['command: x, equals: " a b"', [{ stdout: 'a b\n' }], null],
  ['command: x, equals: $r1.eth0.address', [{ stdout: '10.0.1.11\n' }], null],
  [
    'command: x, within: 300ms',
    [{ exitCode: 1 }],
    'Cannot confirm "x" on "r1": found exit code 1, wanted exit code 0 within 300ms',
  ],
  [
    'command: x, fails: true',
    [{}],
    'Cannot confirm "x" on "r1": found exit code 0, wanted it to fail within 5s',
  ],
  [
    'command: x, matches: ^c$',
    [{ stdout: 'a\nb\n' }],
    'Cannot confirm "x" on "r1": found output "a\nb", wanted a match of /^c$/ within 5s',
  ],
  [
    'command: x, equals: c',
    [{ stdout: 'a' }],
    'Cannot confirm "x" on "r1": found output "a", wanted "c" within 5s',
  ],
];

t.test('checkExpectation tries a command until it is as wanted', async (t) => {
  for (const [expect, tries, message] of COMMANDS) {
    const { runtime, play } = await prepare(`  - { name: x, expect: { on: r1, ${expect} } }`);
    let count = 0;
    runtime.answer = () => tries[Math.min(count++, tries.length - 1)] ?? {};
    const [report] = await play();
    t.equal(report?.message ?? null, message, expect);
    if (message === null) t.equal(report?.ms, (tries.length - 1) * 100, 'one try each 100 ms');
  }
});

const OTHERS: readonly (readonly [expect: string, message: string | null])[] = [
  ['on: r1, log: MASTER', null],
  ['on: r1, log: MASTER, count: 2', null],
  ['on: r2, log: MASTER, count: 0', null],
  [
    'on: r1, log: MASTER, count: 3, within: 0ms',
    'Cannot confirm the log of "r1": found 2 lines that match /MASTER/, wanted at least 3 within 0ms',
  ],
  [
    'on: [r1, r2], log: MASTER, count: 0, within: 1s',
    'Cannot confirm the log of "r1": found 2 lines that match /MASTER/, wanted none within 1s',
  ],
  ['drops: { from: r1, reason: MULTICAST_NOT_FORWARDED, exactly: 5 }', null],
  ['drops: { from: r1.eth1, reason: MULTICAST_NOT_FORWARDED, exactly: 2 }', null],
  ['drops: { from: r2, reason: MULTICAST_NOT_FORWARDED, atMost: 0 }', null],
  [
    'drops: { from: [r1, r2], reason: MULTICAST_NOT_FORWARDED }, within: 1s',
    'Cannot confirm the drops from "r2": found 0 drops of MULTICAST_NOT_FORWARDED (all: none), wanted at least 1 within 1s',
  ],
  [
    'drops: { from: r1.eth0, reason: ARP_GRATUITOUS, atLeast: 2, atMost: 4 }, within: 1s',
    'Cannot confirm the drops from "r1.eth0": found 1 drops of ARP_GRATUITOUS (all: MULTICAST_NOT_FORWARDED 3, ARP_GRATUITOUS 1), wanted at least 2 and at most 4 within 1s',
  ],
  [
    'on: client, arp: { 10.0.1.11: r1, 10.0.1.12: 02:00:00:00:00:01, 10.0.1.13: none, 10.0.1.14: none }',
    null,
  ],
  ['on: client, arp: { $r1.eth0.address: r1.eth0 }', null],
  [
    'on: client, arp: { 10.0.1.12: none }, within: 1s',
    'Cannot confirm 10.0.1.12 in the ARP cache of "client": found 02:00:00:00:00:01, wanted none within 1s',
  ],
  [
    'on: client, arp: { 10.0.1.14: 02:00:00:00:00:01 }, within: 1s',
    'Cannot confirm 10.0.1.14 in the ARP cache of "client": found none, wanted 02:00:00:00:00:01 within 1s',
  ],
  ['on: r1, health: ok', null],
  ['on: r1, flowLog: (ACCEPT|REJECT) OK$, count: 2, within: 1s', null],
  ['on: r1, flowLog: NODATA, count: 0, within: 1s', null],
  [
    'on: r1, flowLog: ACCEPT, count: 0, within: 1s',
    'Cannot confirm the flow logs of "r1": found 1 records that match /ACCEPT/, wanted none within 1s',
  ],
  [
    'on: r2, flowLog: ACCEPT, within: 1s',
    'Cannot confirm the flow logs of "r2": found 0 records that match /ACCEPT/, wanted at least 1 within 1s',
  ],
  [
    'on: r1, health: impaired, within: 1s',
    'Cannot confirm the health of "r1": found ok, wanted impaired within 1s',
  ],
];

t.test('checkExpectation reads logs, drop counters, ARP caches and health', async (t) => {
  for (const [expect, message] of OTHERS) {
    const { runtime, play } = await prepare(`  - { name: x, expect: { ${expect} } }`);
    const enis = [...runtime.snapshot.enis.values()];
    const [service, r1] = ['10.0.1.50', '10.0.1.11'].map((address) =>
      enis.find((eni) => eni.addresses[0] === ipv4(address)),
    );
    runtime.flowLogs = { r1: '2 eni-1 ACCEPT OK\n2 eni-1 REJECT OK\n' };
    runtime.logs = { r1: 'Entering MASTER STATE\nother\nMASTER again\n', r2: 'BACKUP\n' };
    runtime.ports = [
      port('r1', 'eth0', r1?.eniId ?? '', { MULTICAST_NOT_FORWARDED: 3, ARP_GRATUITOUS: 1 }),
      port('r1', 'eth1', service?.eniId ?? '', { MULTICAST_NOT_FORWARDED: 2 }),
    ];
    const mac = (r1?.mac ?? 0).toString(16).padStart(12, '0').match(/../g)?.join(':');
    runtime.answer = () => ({
      stdout: `10.0.1.11 dev eth0 lladdr ${mac} REACHABLE\n10.0.1.12 dev eth0 lladdr 02:00:00:00:00:01 STALE\n10.0.1.13 dev eth0 FAILED\n`,
    });
    const [report] = await play();
    t.equal(report?.message ?? null, message, expect);
  }
});

function ipv4(text: string): number {
  return text.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

t.test('playSteps counts drops since the step began when it is asked to', async (t) => {
  const { runtime, play } = await prepare(`
  - name: of the lab
    expect: { drops: { from: r1, reason: ARP_GRATUITOUS, exactly: 5 } }
  - name: of the step
    run: { on: r1, command: two more }
    expect: { drops: { from: r1, reason: ARP_GRATUITOUS, exactly: 2, since: step } }
  - name: none in this one
    expect: { drops: { from: r1, reason: ARP_GRATUITOUS, since: step }, within: 1s }
`);
  const ports = (count: number) => [port('r1', 'eth0', 'eni-1', { ARP_GRATUITOUS: count })];
  runtime.ports = ports(5);
  runtime.answer = () => {
    runtime.ports = ports(7);
    return {};
  };
  const reports = await play();
  t.strictSame(
    reports.map(({ ok }) => ok),
    [true, true, false],
  );
  t.match(reports[2]?.message, 'found 0 drops of ARP_GRATUITOUS since the step began');
});

t.test('playSteps sets the groups of an interface and knows groups by their names', async (t) => {
  const lab = `
name: grouped
prefixLists: { partners: [192.0.2.0/24] }
vpcs:
  other: { cidr: 10.9.0.0/16, securityGroups: { web: {} }, subnets: { z: { cidr: 10.9.1.0/24 } } }
  main:
    cidr: 10.0.0.0/16
    securityGroups: { web: { ingress: [tcp 80 from anywhere] }, db: {} }
    networkAcls: { clients: {} }
    subnets: { a: { cidr: 10.0.1.0/24 } }
instances: { r1: { subnet: a } }
steps:
  - { name: set, set: { instance: r1, securityGroups: [web, db] } }
  - name: aws
    aws:
      - ec2 revoke-security-group-ingress --group-id \${main/web} --protocol tcp --port 80 --cidr 0.0.0.0/0
      - ec2 authorize-security-group-egress --group-id $db --ip-permissions IpProtocol=udp,FromPort=53,ToPort=53,PrefixListIds=[{PrefixListId=$partners}]
      - ec2 create-network-acl-entry --network-acl-id $clients --ingress --rule-number 1 --protocol all --cidr-block 10.0.0.0/8 --rule-action allow
      - ec2 create-security-group --group-name made --description made --vpc-id $main
      - ec2 delete-security-group --group-id $made
      - { command: ec2 delete-security-group --group-id $db, fails: DependencyViolation }
  - { name: back, set: { instance: r1, securityGroups: default } }
`;
  const loaded = loadLab(lab, LAB_OPTIONS);
  const runtime = new ModelRuntime(loaded);
  await applyPlan(planLab(loaded, null, runtime.imageIdOf), runtime, { clock: runtime.clock });
  const groupsOfEni = () => {
    const [eni] = runtime.snapshot.enis.values();
    return eni?.groupIds.map((id) => runtime.snapshot.securityGroups.get(id));
  };
  const seen: unknown[] = [];
  for await (const { message } of playSteps(loaded, runtime, runtime.clock)) {
    t.equal(message, undefined);
    seen.push(groupsOfEni()?.map((group) => group?.name));
  }
  t.strictSame(seen, [['web', 'db'], ['web', 'db'], ['default']]);
  const [eni] = runtime.snapshot.enis.values();
  t.ok(groupsOfEni()?.every((group) => group?.vpcId === eni?.vpcId));
});

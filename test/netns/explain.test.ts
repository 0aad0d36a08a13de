/** `explain` and `stats --watch` on a lab that runs: what they say is what its guests see. */
import { once } from 'node:events';
import readline from 'node:readline';
import { execa } from 'execa';
import t from 'tap';
import type { StatsRates } from '../../src/cli/stats-rates.ts';
import type { Explanation } from '../../src/engine/explain/explanation.ts';
import { at, listAt, textAt } from '../actions/lab.ts';
import { labForFile, labText, programOf, type TestLab, vpclab, whyNoLabs } from './test-lab.ts';

const LAB = labText(
  'explain',
  `
vpcs:
  main:
    cidr: 10.79.0.0/16
    subnets:
      a: { cidr: 10.79.1.0/24, routeTable: ways }
      b: { cidr: 10.79.2.0/24 }
    routeTables:
      ways: { routes: { 192.0.2.10/32: wall } }
instances:
  client: { subnet: a, address: 10.79.1.11, dhcp: static }
  wall:
    subnet: a
    address: 10.79.1.12
    sourceDestCheck: false
    dhcp: static
    start: ip address add 192.0.2.10/32 dev lo
  server: { subnet: b, address: 10.79.2.20, dhcp: static }
`,
);

async function explainIn(lab: TestLab, argv: readonly string[]) {
  const { exitCode, stdout, stderr } = await vpclab(['explain', '-n', lab.name, ...argv, '--json']);
  if (stdout === '') throw new Error(stderr);
  return { exitCode, explanation: JSON.parse(stdout) as Explanation };
}

/** The server lets in HTTP alone, and its subnet lets out nothing but TCP to ports above 1023. */
async function addFilters(lab: TestLab): Promise<void> {
  const [eni] = (await lab.instance('server')).interfaces;
  const described = await lab.action('DescribeNetworkInterfaces', {
    NetworkInterfaceIds: [eni?.eniId],
  });
  const { VpcId, SubnetId } = at(described, 'NetworkInterfaces', 0) as {
    readonly VpcId: string;
    readonly SubnetId: string;
  };
  const words = { VpcId, GroupName: 'www', Description: 'HTTP' };
  const GroupId = textAt(await lab.action('CreateSecurityGroup', words), 'GroupId');
  const http = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80 };
  await lab.action('AuthorizeSecurityGroupIngress', {
    GroupId,
    IpPermissions: [{ ...http, IpRanges: [{ CidrIp: '10.79.0.0/16' }] }],
  });
  await lab.action('ModifyNetworkInterfaceAttribute', {
    NetworkInterfaceId: eni?.eniId,
    Groups: [GroupId],
  });
  const acl = await lab.action('CreateNetworkAcl', { VpcId });
  const NetworkAclId = textAt(acl, 'NetworkAcl', 'NetworkAclId');
  const entry = { NetworkAclId, RuleNumber: 10, RuleAction: 'allow', CidrBlock: '0.0.0.0/0' };
  const high = { Protocol: '6', PortRange: { From: 1024, To: 65535 } };
  await lab.action('CreateNetworkAclEntry', { ...entry, Protocol: '-1', Egress: false });
  await lab.action('CreateNetworkAclEntry', { ...entry, ...high, Egress: true });
  const filters = [{ Name: 'association.subnet-id', Values: [SubnetId] }];
  const before = await lab.action('DescribeNetworkAcls', { Filters: filters });
  const found = listAt(before, 'NetworkAcls', 0, 'Associations').find(
    (each) => at(each, 'SubnetId') === SubnetId,
  );
  const AssociationId = textAt(found, 'NetworkAclAssociationId');
  await lab.action('ReplaceNetworkAclAssociation', { AssociationId, NetworkAclId });
}

async function testAgreement(lab: TestLab): Promise<void> {
  const pings = [
    ['client', '10.79.1.12', null],
    ['client', '192.0.2.10', null],
    ['client', '10.79.1.1', null],
    ['client', '10.79.1.99', 'ARP_ADDRESS_NOT_ASSIGNED'],
    ['client', '10.79.2.99', 'NO_POSSIBLE_DESTINATION'],
    ['client', '10.79.2.20', 'ENI_SG_RULES_MISMATCH'],
    ['server', '10.79.1.11', 'SUBNET_ACL_RESTRICTION'],
    ['server', '192.0.2.10', 'NO_ROUTE_TO_DESTINATION'],
  ] as const;
  await t.test('explain of a ping says what the ping finds, and the stats count', async (t) => {
    for (const [from, to, code] of pings) {
      const { exitCode, explanation } = await explainIn(lab, [from, to]);
      const ping = await lab.sh(from, `ping -c1 -W1 ${to}`);
      t.equal(exitCode, code === null ? 0 : 1, `${from} ${to}`);
      t.equal(ping.exitCode, exitCode, `ping from ${from} to ${to}`);
      if (code === null) continue;
      t.match(explanation.forward.end, { kind: 'blocked', code });
      t.ok(((await lab.port(from)).drops[code] ?? 0) > 0, `${code} of ${from}`);
    }
  });
}

async function testChange(lab: TestLab): Promise<void> {
  await t.test('explain follows the model: a rule, an instance that stops', async (t) => {
    const { explanation } = await explainIn(lab, ['client', 'server', 'tcp/80']);
    t.equal(explanation.isReachable, true);
    const [hop] = explanation.forward.hops;
    const step = hop?.steps.find(({ layer }) => layer === 'security-groups-ingress');
    t.match(step?.decision, { kind: 'group-rule', group: { name: 'www' } });
    const decision = step?.decision;
    if (decision?.kind !== 'group-rule') throw new Error('no rule');
    await lab.action('RevokeSecurityGroupIngress', {
      GroupId: decision.group.id,
      SecurityGroupRuleIds: [decision.ruleId],
    });
    const closed = await explainIn(lab, ['client', 'server', 'tcp/80']);
    t.match(closed.explanation.forward.end, { code: 'SG_HAS_NO_RULES' });
    const { instanceId } = await lab.instance('wall');
    await lab.action('StopInstances', { InstanceIds: [instanceId] });
    const stopped = await explainIn(lab, ['client', '192.0.2.10']);
    t.match(stopped.explanation.forward.end, { code: 'BAD_STATE_ROUTE' });
    const text = await vpclab(['explain', '-n', lab.name, 'client', '192.0.2.10']);
    t.equal(text.exitCode, 1);
    t.match(text.stdout, /\nforward: blocked at route table ways \(rtb-\w+\) \(BAD_STATE_ROUTE: /);
  });
}

async function testNames(lab: TestLab): Promise<void> {
  await t.test('explain of a name that nobody has exits with 4', async (t) => {
    const { exitCode, stderr } = await vpclab(['explain', '-n', lab.name, 'client', 'serfer']);
    t.equal(exitCode, 4);
    t.equal(stderr, 'Cannot find "serfer": nothing has that name, wanted "server"\n');
  });
}

async function testWatch(lab: TestLab): Promise<void> {
  await t.test('stats --watch counts per second until Ctrl-C, which is no failure', async (t) => {
    const [file, ...args] = programOf([
      'stats',
      lab.name,
      '--watch',
      '--interval',
      '0.2',
      '--json',
    ]);
    const watching = execa(file, args, { reject: false, buffer: false });
    const pinging = lab.sh('client', 'ping -i 0.02 -c 100 -W 1 10.79.1.1');
    const lines = readline.createInterface({ input: watching.stdout });
    let busiest = 0;
    for await (const line of lines) {
      const rates = JSON.parse(line) as StatsRates;
      const port = rates.ports.find(({ interface: name }) => name === 'client.eth0');
      busiest = Math.max(busiest, port?.received.frames ?? 0);
      if (busiest >= 20) break;
    }
    t.ok(busiest >= 20, `${busiest} frames a second`);
    watching.kill('SIGINT');
    t.equal((await watching).exitCode, 0);
    await pinging;
  });
  await t.test('stats --watch writes a plain block each time when it is no terminal', async (t) => {
    const [file, ...args] = programOf(['stats', lab.name, '--watch', '--interval', '0.05']);
    const watching = execa(file, args, { reject: false, buffer: false });
    const lines = readline.createInterface({ input: watching.stdout });
    const seen: string[] = [];
    lines.on('line', (line) => seen.push(line));
    while (seen.filter((line) => line === '').length < 2) await once(lines, 'line');
    watching.kill('SIGINT');
    t.equal((await watching).exitCode, 0);
    const titles = seen.filter((line) => /^\d{4}-.*; generation \d+; flows: /.test(line));
    t.ok(titles.length >= 2);
    t.ok(seen.some((line) => line.startsWith('client.eth0\t')));
    t.notOk(seen.join('').includes('\u001b'), 'no colour, no redraw');
  });
}

const reason = whyNoLabs();
if (reason === null) {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);
  await addFilters(lab);
  await testAgreement(lab);
  await testNames(lab);
  await testWatch(lab);
  await testChange(lab);
  await testHostIsAsBefore();
} else t.plan(0, reason);

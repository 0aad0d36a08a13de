/** Plans of security groups and network ACLs, and what comes of them when the real actions perform them. */
import t, { type Test } from 'tap';
import { formatCidr } from '../../src/addr/cidr.ts';
import { entriesInForce, type PrefixList } from '../../src/model/filters.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { loadLab } from '../../src/scenario/file/load.ts';
import { eniOf, indexNames, lookupVariable } from '../../src/scenario/names.ts';
import { applyPlan } from '../../src/scenario/plan/apply.ts';
import { planLab } from '../../src/scenario/plan/plan.ts';
import { formatTraffic } from '../../src/scenario/traffic-words.ts';
import { imported, sourcesOf } from './describing.ts';
import { LAB_OPTIONS } from './lab-options.ts';
import { ModelRuntime } from './model-runtime.ts';

/** Makes the lab and gives its runtime. */
async function made(text: string): Promise<ModelRuntime> {
  const lab = loadLab(text, LAB_OPTIONS);
  const runtime = new ModelRuntime(lab);
  await applyPlan(planLab(lab, null, runtime.imageIdOf), runtime, { clock: runtime.clock });
  return runtime;
}

/** Plans the change to the text, does it, and checks that nothing is left to do. */
async function change(t: Test, runtime: ModelRuntime, text: string): Promise<string[]> {
  const lab = loadLab(text, LAB_OPTIONS);
  const plan = planLab(lab, runtime.fabric, runtime.imageIdOf);
  await applyPlan(plan, runtime, { clock: runtime.clock });
  t.strictSame(planLab(lab, runtime.fabric, runtime.imageIdOf), [], 'nothing is left to do');
  return plan.map(({ action, subject, reason }) => `${action} ${subject}: ${reason}`);
}

/** The rules of a group in words, sorted; groups by their names. */
function rulesOf(snapshot: Snapshot, variable: string): string[] {
  const id = lookupVariable(indexNames(snapshot), variable);
  const group = [...snapshot.securityGroups.values()].find((each) => each.groupId === id);
  const nameOf = (groupId: string) =>
    [...snapshot.securityGroups.values()].find((each) => each.groupId === groupId)?.name;
  return (group?.rules ?? [])
    .map(({ isEgress, traffic, peer }) => {
      const whom =
        peer.kind === 'cidr'
          ? formatCidr(peer.cidr)
          : peer.kind === 'group'
            ? nameOf(peer.groupId)
            : peer.kind;
      return `${isEgress ? 'out' : 'in'} ${formatTraffic(traffic)} ${whom}`;
    })
    .sort();
}

/** The entries of an ACL in words, without the final denials. */
function entriesOf(snapshot: Snapshot, variable: string): string[] {
  const id = lookupVariable(indexNames(snapshot), variable);
  const acl = [...snapshot.networkAcls.values()].find((each) => each.networkAclId === id);
  return (acl?.entries ?? [])
    .filter(({ ruleNumber }) => ruleNumber <= 32_766)
    .map(
      ({ isEgress, ruleNumber, action, traffic, cidr }) =>
        `${isEgress ? 'out' : 'in'} ${ruleNumber} ${action} ${formatTraffic(traffic)} ${formatCidr(cidr)}`,
    )
    .sort();
}

function groupNames(runtime: ModelRuntime, variable: string): string[] {
  const { snapshot } = runtime;
  const { groupIds = [] } = eniOf(indexNames(snapshot), variable) ?? {};
  return groupIds.map((id) => snapshot.securityGroups.get(id)?.name ?? '');
}

const GROUPS = (groups: string, more = '') => `
name: grouped
vpcs:
  main:
    cidr: 10.0.0.0/16
    securityGroups: ${groups}
    subnets: { a: { cidr: 10.0.1.0/24 } }
${more}
`;

const MEMBERS = `
interfaces: { extra: { subnet: a, securityGroups: [web, db] } }
instances:
  r1: { subnet: a, securityGroups: web, connectionTracking: { udp: 60s, tcpEstablished: 350s } }
  r2: { subnet: a }
`;

const BOTH =
  '{ web: { ingress: ["tcp 80, 443 from anywhere", all from group db], egress: [] }, db: { ingress: [all from group web] } }';

/** Without AWS's own. */
function ownLists({ snapshot }: ModelRuntime): PrefixList[] {
  return [...snapshot.prefixLists.values()].filter(({ tags }) => tags.size > 0);
}

t.test('planLab makes groups that refer to each other, and their members', async (t) => {
  const runtime = await made(GROUPS(BOTH, MEMBERS));
  const { snapshot } = runtime;
  t.strictSame(rulesOf(snapshot, 'web'), [
    'in all db',
    'in tcp 443 0.0.0.0/0',
    'in tcp 80 0.0.0.0/0',
  ]);
  t.strictSame(rulesOf(snapshot, 'db'), ['in all web', 'out all 0.0.0.0/0']);
  t.strictSame(
    rulesOf(snapshot, 'securityGroup:main/default'),
    ['in all default', 'out all 0.0.0.0/0'],
    'untouched',
  );
  t.strictSame(groupNames(runtime, 'r1.eth0'), ['web']);
  t.strictSame(groupNames(runtime, 'extra'), ['web', 'db']);
  t.strictSame(groupNames(runtime, 'r2.eth0'), ['default'], 'absent: the default group (SG-2)');
  t.strictSame(eniOf(indexNames(snapshot), 'r1.eth0')?.connectionTracking, {
    tcpEstablishedTimeoutS: 350,
    udpTimeoutS: 60,
    udpStreamTimeoutS: null,
  });
  t.strictSame(await change(t, runtime, GROUPS(BOTH, MEMBERS)), []);
});

t.test('planLab changes single rules and leaves the others alone', async (t) => {
  const runtime = await made(GROUPS(BOTH, MEMBERS));
  const before = new Map(
    [...runtime.snapshot.securityGroups.values()].map((each) => [each.name, each]),
  );
  const changed = BOTH.replace('443', '8080-8090').replace(
    'egress: []',
    'egress: [icmp to itself]',
  );
  t.strictSame(await change(t, runtime, GROUPS(changed, MEMBERS)), [
    'RevokeSecurityGroupIngress security group main/web: tcp 443 from 0.0.0.0/0 not in the lab file any more',
    'AuthorizeSecurityGroupIngress security group main/web: tcp 8080-8090 from 0.0.0.0/0 not there yet',
    'AuthorizeSecurityGroupEgress security group main/web: icmp to group main/web not there yet',
  ]);
  const { groupId, rules } = before.get('web') ?? {};
  t.ok(groupId);
  const now = [...runtime.snapshot.securityGroups.values()].find(
    (each) => each.groupId === groupId,
  );
  const kept = rules?.filter(({ ruleId }) => now?.rules.some((each) => each.ruleId === ruleId));
  t.equal(kept?.length, 2, 'the rules that stay are the same rules');
  t.equal(
    [...runtime.snapshot.securityGroups.values()].find((each) => each.name === 'db'),
    before.get('db'),
  );
});

t.test(
  'planLab changes memberships and timeouts, and deletes groups that name each other',
  async (t) => {
    const runtime = await made(GROUPS(BOTH, MEMBERS));
    const plan = await change(
      t,
      runtime,
      GROUPS(
        '{}',
        `
interfaces: { extra: { subnet: a } }
instances: { r1: { subnet: a }, r2: { subnet: a } }`,
      ),
    );
    t.strictSame(groupNames(runtime, 'r1.eth0'), ['default']);
    t.strictSame(groupNames(runtime, 'extra'), ['default']);
    t.strictSame(
      [...runtime.snapshot.securityGroups.values()].map(({ name }) => name),
      ['default'],
    );
    t.ok(
      plan.includes(
        'ModifyNetworkInterfaceAttribute instance r1: TcpEstablishedTimeout: 432000s, UdpTimeout: 30s',
      ),
      'back to the values of a new interface (SG-8)',
    );
    t.ok(
      plan.includes('DeleteSecurityGroup security group main/web: not in the lab file any more'),
    );
  },
);

t.test('[SG-2] planLab changes the default group, and gives it back', async (t) => {
  const plain = '{}';
  const instances = 'instances: { r1: { subnet: a } }';
  const runtime = await made(
    GROUPS('{ default: { ingress: [tcp 22 from 10.0.0.0/8] } }', instances),
  );
  const key = 'securityGroup:main/default';
  t.strictSame(rulesOf(runtime.snapshot, key), ['in tcp 22 10.0.0.0/8', 'out all 0.0.0.0/0']);
  t.strictSame(await change(t, runtime, GROUPS(plain, instances)), [
    'DeleteTags security group main/default: the lab file leaves it to AWS again',
    'RevokeSecurityGroupIngress security group main/default: tcp 22 from 10.0.0.0/8 not in the lab file any more',
    'AuthorizeSecurityGroupIngress security group main/default: all from group main/default not there yet',
  ]);
  t.strictSame(rulesOf(runtime.snapshot, key), ['in all default', 'out all 0.0.0.0/0']);
});

t.test('planLab leaves a default group alone that the file does not speak of', async (t) => {
  const text = GROUPS('{}', 'instances: { r1: { subnet: a } }');
  const runtime = await made(text);
  const names = indexNames(runtime.snapshot);
  await runtime.perform('AuthorizeSecurityGroupIngress', {
    GroupId: lookupVariable(names, 'securityGroup:main/default'),
    IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
  });
  t.strictSame(await change(t, runtime, text), []);
});

const ACLS = (acls: string, subnets: string, vpc = '') => `
name: listed
vpcs:
  main:
    cidr: 10.0.0.0/16
    ${vpc}
    networkAcls: ${acls}
    subnets: ${subnets}
instances: {}
`;

t.test(
  '[ACL-1, ACL-3] planLab makes ACLs, their entries and associations, and changes them one by one',
  async (t) => {
    const first = ACLS(
      '{ clients: { ingress: { 100: allow tcp 80 from 10.0.0.0/8, 110: allow icmp 3/4 from anywhere, 120: deny gre from 10.0.0.0/8 }, egress: { 100: allow all to anywhere } } }',
      '{ a: { cidr: 10.0.1.0/24, networkAcl: clients }, b: { cidr: 10.0.2.0/24 } }',
    );
    const runtime = await made(first);
    t.strictSame(entriesOf(runtime.snapshot, 'clients'), [
      'in 100 allow tcp 80 10.0.0.0/8',
      'in 110 allow icmp fragmentation-needed 0.0.0.0/0',
      'in 120 deny gre 10.0.0.0/8',
      'out 100 allow all 0.0.0.0/0',
    ]);
    t.strictSame(entriesOf(runtime.snapshot, 'networkAcl:main/default'), [
      'in 100 allow all 0.0.0.0/0',
      'out 100 allow all 0.0.0.0/0',
    ]);
    t.strictSame(await change(t, runtime, first), []);
    const second = ACLS(
      '{ clients: { ingress: { 100: allow tcp 81 from 10.0.0.0/8, 110: allow icmp 3/4 from anywhere, 130: allow udp from 10.0.0.0/8 }, egress: { 100: allow all to anywhere } } }',
      '{ a: { cidr: 10.0.1.0/24 }, b: { cidr: 10.0.2.0/24, networkAcl: clients }, c: { cidr: 10.0.3.0/24, networkAcl: clients } }',
    );
    t.strictSame(await change(t, runtime, second), [
      'CreateSubnet subnet main/c: not there yet',
      'DeleteNetworkAclEntry network ACL main/clients: ingress 120 (deny gre from 10.0.0.0/8) is not in the lab file any more',
      'ReplaceNetworkAclEntry network ACL main/clients: ingress 100 (allow tcp 80 from 10.0.0.0/8) changed to ingress 100 (allow tcp 81 from 10.0.0.0/8)',
      'CreateNetworkAclEntry network ACL main/clients: ingress 130 (allow udp from 10.0.0.0/8) is not there yet',
      'ReplaceNetworkAclAssociation subnet main/a: its network ACL is not main/default yet',
      'ReplaceNetworkAclAssociation subnet main/b: its network ACL is not main/clients yet',
      'ReplaceNetworkAclAssociation subnet main/c: its network ACL is not main/clients yet',
    ]);
    await change(t, runtime, ACLS('{}', '{ b: { cidr: 10.0.2.0/24 } }'));
    t.equal(
      runtime.snapshot.networkAcls.size,
      1,
      'the ACL is gone and its subnets were not in the way',
    );
  },
);

t.test('[ACL-3] planLab changes the default ACL, and gives it back', async (t) => {
  const subnets = '{ a: { cidr: 10.0.1.0/24 } }';
  const runtime = await made(
    ACLS(
      '{ default: { ingress: { 50: deny tcp 23 from anywhere, 100: allow all from anywhere } } }',
      subnets,
    ),
  );
  t.strictSame(entriesOf(runtime.snapshot, 'networkAcl:default'), [
    'in 100 allow all 0.0.0.0/0',
    'in 50 deny tcp 23 0.0.0.0/0',
  ]);
  await change(t, runtime, ACLS('{}', subnets));
  t.strictSame(entriesOf(runtime.snapshot, 'networkAcl:default'), [
    'in 100 allow all 0.0.0.0/0',
    'out 100 allow all 0.0.0.0/0',
  ]);
});

t.test('planLab knows what AWS writes into filters with the first IPv6 block', async (t) => {
  const text = (vpc: string) => `
name: sixth
vpcs:
  main:
    cidr: 10.0.0.0/16
    ${vpc}
    securityGroups: { open: {}, closed: { egress: [] }, four: { egress: [all to 0.0.0.0/0] }, default: {} }
    networkAcls: { default: { ingress: { 100: allow all from 0.0.0.0/0 }, egress: { 100: allow all to 0.0.0.0/0, 101: allow all to ::/0 } } }
    subnets: { a: { cidr: 10.0.1.0/24 } }
instances: {}
`;
  const runtime = await made(text(''));
  await change(t, runtime, text('ipv6: true'));
  t.strictSame(rulesOf(runtime.snapshot, 'open'), ['out all 0.0.0.0/0', 'out all ::/0']);
  t.strictSame(rulesOf(runtime.snapshot, 'closed'), []);
  t.strictSame(rulesOf(runtime.snapshot, 'four'), ['out all 0.0.0.0/0']);
  const fresh = await made(text('ipv6: true'));
  t.strictSame(rulesOf(fresh.snapshot, 'four'), ['out all 0.0.0.0/0'], 'of a new group too');
  t.strictSame(
    entriesOf(fresh.snapshot, 'networkAcl:default'),
    entriesOf(runtime.snapshot, 'networkAcl:default'),
  );
});

t.test('planLab takes a VPC down with its filters, whoever made them', async (t) => {
  const runtime = await made(GROUPS(BOTH, MEMBERS));
  const names = indexNames(runtime.snapshot);
  await runtime.perform('AuthorizeSecurityGroupIngress', {
    GroupId: lookupVariable(names, 'securityGroup:main/default'),
    IpPermissions: [
      { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: lookupVariable(names, 'web') }] },
    ],
  });
  await runtime.perform('CreateNetworkAcl', { VpcId: lookupVariable(names, 'main') });
  const moved = GROUPS(BOTH, MEMBERS).replace('10.0.0.0/16', '10.0.0.0/20');
  await change(t, runtime, moved);
  t.strictSame(groupNames(runtime, 'r1.eth0'), ['web']);
  t.equal(runtime.snapshot.vpcs.size, 1);
  t.equal(runtime.snapshot.securityGroups.size, 3);
});

const TWO_VPCS = `
name: two
vpcs:
  main:
    cidr: 10.0.0.0/16
    subnets: { a: { cidr: 10.0.1.0/24 } }
    securityGroups: { web: { ingress: [tcp 80 from anywhere] } }
  other:
    cidr: 10.1.0.0/16
    subnets: { b: { cidr: 10.1.1.0/24 } }
    securityGroups: { db: {} }
`;

t.test('planLab takes out rules with groups of a peered VPC, stale or not', async (t) => {
  const runtime = await made(TWO_VPCS);
  const names = indexNames(runtime.snapshot);
  const [VpcId, PeerVpcId] = [lookupVariable(names, 'main'), lookupVariable(names, 'other')];
  const [GroupId, db] = [lookupVariable(names, 'web'), lookupVariable(names, 'db')];
  await runtime.perform('CreateVpcPeeringConnection', { VpcId, PeerVpcId });
  const [VpcPeeringConnectionId] = runtime.snapshot.peerings.keys();
  await runtime.perform('AcceptVpcPeeringConnection', { VpcPeeringConnectionId });
  for (const end of [undefined, 'DeleteVpcPeeringConnection']) {
    const IpPermissions = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: db }] }];
    await runtime.perform('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions });
    if (end !== undefined) await runtime.perform(end, { VpcPeeringConnectionId });
    const { leftOut, lab } = imported(sourcesOf(runtime.snapshot));
    const found = leftOut.filter(({ id }) => id === GroupId);
    t.match(found, [{ reason: 'the group is not in the VPC of the lab file' }]);
    t.equal(lab.securityGroups.get('main/web')?.ingress.length, 1);
    t.strictSame(await change(t, runtime, TWO_VPCS), [
      'RevokeSecurityGroupIngress security group main/web: all from group other/db not in the lab file any more',
    ]);
  }
});

const LISTS = (lists: string, rules: string, routes: string) => `
name: prefixed
prefixLists: ${lists}
vpcs:
  main:
    cidr: 10.0.0.0/16
    securityGroups: { web: { ingress: ${rules} } }
    subnets: { a: { cidr: 10.0.1.0/24 } }
    routeTables: { via: { routes: ${routes} } }
instances: { r1: { subnet: a }, r2: { subnet: a } }
`;

t.test('[RT-9] planLab makes prefix lists, and rules and routes that name them', async (t) => {
  const rules = '[tcp 80 from prefix list partners]';
  const first = LISTS('{ partners: [192.0.2.0/24, 198.51.100.0/24] }', rules, '{ partners: r1 }');
  const runtime = await made(first);
  const tables = () => [...runtime.snapshot.routeTables.values()];
  const targets = () =>
    tables().flatMap(({ prefixListRoutes }) =>
      prefixListRoutes.map(({ target }) => (target.kind === 'instance' ? target.instanceId : '')),
    );
  const idOf = (name: string) => lookupVariable(indexNames(runtime.snapshot), name);
  t.strictSame(rulesOf(runtime.snapshot, 'web'), ['in tcp 80 prefix-list', 'out all 0.0.0.0/0']);
  t.strictSame(targets(), [idOf('r1')]);
  t.strictSame(await change(t, runtime, first), []);

  const second = LISTS(
    '{ partners: [198.51.100.0/24, 203.0.113.0/24, 192.0.2.128/25] }',
    rules,
    '{ partners: r2 }',
  );
  t.strictSame(await change(t, runtime, second), [
    'ModifyManagedPrefixList prefix list partners: maxEntries: 3',
    'ModifyManagedPrefixList prefix list partners: 203.0.113.0/24 is not there yet, 192.0.2.128/25 is not there yet, 192.0.2.0/24 is not in the lab file any more',
    'ReplaceRoute route table main/via: the target of prefix list partners changed to r2',
  ]);
  t.strictSame(targets(), [idOf('r2')]);

  const before = idOf('partners');
  const plan = await change(
    t,
    runtime,
    LISTS('{ partners: [2001:db8::/32] }', rules, '{ partners: r2 }'),
  );
  t.not(idOf('partners'), before, 'another family is another list');
  t.ok(plan.includes('DeleteManagedPrefixList prefix list partners: its family changed'));
  await change(t, runtime, LISTS('{}', '[]', '{}'));
  t.strictSame(ownLists(runtime), []);
  t.strictSame(targets(), []);
});

t.test('[FL-1, FL-2] planLab makes flow logs, and others in their place', async (t) => {
  const text = (vpc: string, instance: string) => `
name: logged
vpcs: { main: { cidr: 10.0.0.0/16, ${vpc} subnets: { a: { cidr: 10.0.1.0/24, flowLogs: {} } } } }
interfaces: { extra: { subnet: a, flowLogs: { traffic: reject } } }
instances: { r1: { subnet: a ${instance} } }
`;
  const first = text(
    'flowLogs: { traffic: accept, interval: 60s },',
    ', flowLogs: { format: [srcaddr] }',
  );
  const runtime = await made(first);
  const logs = () =>
    [...runtime.snapshot.flowLogs.values()]
      .map(
        ({ resourceId, trafficType, aggregationIntervalS, fields, destination }) =>
          `${resourceId.split('-')[0]} ${trafficType} ${aggregationIntervalS} ${fields.length} ${destination}`,
      )
      .sort();
  t.strictSame(logs(), [
    'eni ALL 600 1 logged',
    'eni REJECT 600 14 logged',
    'subnet ALL 600 14 logged',
    'vpc ACCEPT 60 14 logged',
  ]);
  t.strictSame(await change(t, runtime, first), []);
  await change(t, runtime, text('', ', flowLogs: { format: [srcaddr, dstaddr] }'));
  t.strictSame(logs(), [
    'eni ALL 600 2 logged',
    'eni REJECT 600 14 logged',
    'subnet ALL 600 14 logged',
  ]);
});

t.test('applyPlan tells of a flow log that AWS refuses', async (t) => {
  const text = (log: string) => `
name: logged
vpcs: { main: { cidr: 10.0.0.0/16, ${log} subnets: { a: { cidr: 10.0.1.0/24 } } } }
instances: {}
`;
  const runtime = await made(text(''));
  const VpcId = lookupVariable(indexNames(runtime.snapshot), 'main');
  const own = {
    ResourceIds: [VpcId],
    ResourceType: 'VPC',
    TrafficType: 'ALL',
    LogGroupName: 'logged',
  };
  await runtime.perform('CreateFlowLogs', own);
  const plan = planLab(
    loadLab(text('flowLogs: {},'), LAB_OPTIONS),
    runtime.fabric,
    runtime.imageIdOf,
  );
  await t.rejects(applyPlan(plan, runtime, { clock: runtime.clock }), {
    name: 'ApplyError',
    message: /Cannot CreateFlowLogs "flow log of vpc main"/,
  });
});

t.test('planLab writes long prefix lists in as many requests as AWS wants', async (t) => {
  const blocks = (count: number, octet: number) =>
    Array.from({ length: count }, (_, index) => `10.${octet}.${index}.0/24`);
  const text = (entries: readonly string[]) => `
name: long
prefixLists: { many: { maxEntries: 300, entries: [${entries.join(', ')}] } }
vpcs: { main: { cidr: 10.0.0.0/16, subnets: { a: { cidr: 10.0.1.0/24 } } } }
instances: {}
`;
  const runtime = await made(text(blocks(250, 1)));
  const inForce = () => ownLists(runtime).map((list) => entriesInForce(list).length);
  t.strictSame(inForce(), [250]);
  const plan = await change(t, runtime, text([...blocks(20, 1), ...blocks(150, 2)]));
  t.equal(plan.length, 3);
  t.strictSame(inForce(), [170]);
});

/** What `explain` says of a packet: case by case. */
import assert from 'node:assert/strict';
import t from 'tap';
import { type ExplainQuestion, explain } from '../../src/engine/explain/explain.ts';
import type { Explanation, Hop, Step, Walk } from '../../src/engine/explain/explanation.ts';
import { recordedOnly } from '../../src/engine/recorded-only.ts';
import { attachedLab, transitGateway, vpcAttachment } from '../actions/transit-gateway-lab.ts';
import { Bench, ip } from './bench.ts';
import { natBench } from './nat-bench.ts';

const TCP = 6;
const UDP = 17;
const ICMP = 1;
const OVERLAY = '192.0.2.10';

interface Traffic {
  readonly protocol: number;
  readonly port: number | null;
}

const ECHO: Traffic = { protocol: ICMP, port: null };
const HTTP: Traffic = { protocol: TCP, port: 80 };

/** Two subnets, r1 and r2 in the first, c in the second. Everybody is in the closed default group. */
function bench(): Bench {
  const made = new Bench({ openGroup: false });
  made.subnet('a', '10.0.1.0/24');
  made.subnet('b', '10.0.2.0/24');
  made.host('r1', 'a', '10.0.1.11');
  made.host('r2', 'a', '10.0.1.12');
  made.host('c', 'b', '10.0.2.20');
  return made;
}

/** The same with everything allowed. */
function openBench(): Bench {
  const made = bench();
  made.lab.openDefaultGroup(made.vpcId);
  made.publish();
  return made;
}

function ask(
  made: Bench,
  from: string,
  to: string,
  traffic: Traffic = ECHO,
  source?: string,
): Explanation {
  const sender = made.eni(from);
  const own = source === undefined ? made.address(from) : ip(source);
  const addresses = { family: 4, source: own, destination: ip(to) } as const;
  const question: ExplainQuestion = { eniId: sender.eniId, addresses, ...traffic };
  return explain(made.lab.snapshot, made.program(), question);
}

function lastStep({ hops }: Walk): Step {
  const step = hops.at(-1)?.steps.at(-1);
  assert(step !== undefined, 'the walk has no step');
  return step;
}

function stepOf(hop: Hop | undefined, layer: string): Step {
  const step = hop?.steps.find((each) => each.layer === layer);
  assert(step !== undefined, `no layer ${layer}`);
  return step;
}

t.test(
  '[SG-1] explain names the rule that allows, and the connection on the way back',
  async (t) => {
    const made = bench();
    const group = ownGroup(made, 'c');
    const ranges = [{ CidrIp: '10.0.1.0/24' }];
    const rule = { IpProtocol: 'tcp', FromPort: 80, ToPort: 81, IpRanges: ranges };
    const ruleId = made.lab.allow(group, rule);
    made.publish();
    const { isReachable, forward, return: back } = ask(made, 'r1', '10.0.2.20', HTTP);
    t.ok(isReachable);
    t.match(forward.end, { kind: 'delivered', interface: { eniId: made.eni('c').eniId } });
    t.match(stepOf(forward.hops[0], 'security-groups-ingress'), {
      outcome: 'pass',
      code: null,
      decision: {
        kind: 'group-rule',
        group: { id: group, name: 'web' },
        ruleId,
        isEgress: false,
        traffic: { protocol: TCP, fromPort: 80, toPort: 81 },
        peer: { kind: 'cidr', cidr: '10.0.1.0/24' },
      },
    });
    t.match(back?.packet, { source: '10.0.2.20', destination: '10.0.1.11', sourcePort: 80 });
    const layers = ['security-groups-egress', 'security-groups-ingress'];
    for (const layer of layers)
      t.same(stepOf(back?.hops[0], layer).decision, { kind: 'connection' });
  },
);

t.test('[SG-1] [RCH-1] explain says which groups have no rule for the packet', async (t) => {
  const made = bench();
  const group = ownGroup(made, 'c');
  const rule = { IpProtocol: 'tcp', FromPort: 80, ToPort: 81 };
  made.lab.allow(group, { ...rule, IpRanges: [{ CidrIp: '0.0.0.0/0' }] });
  made.publish();
  const {
    isReachable,
    forward,
    return: back,
  } = ask(made, 'r1', '10.0.2.20', {
    protocol: UDP,
    port: 53,
  });
  t.notOk(isReachable);
  t.match(forward.end, {
    kind: 'blocked',
    layer: 'security-groups-ingress',
    code: 'ENI_SG_RULES_MISMATCH',
  });
  t.match(lastStep(forward).decision, {
    kind: 'no-group-rule',
    groups: [{ id: group, name: 'web' }],
    isEgress: false,
    interface: { eniId: made.eni('c').eniId },
  });
  t.equal(back, null);
});

t.test('[ACL-1] [ACL-4] explain finds the entry that stops only the way back', async (t) => {
  const made = openBench();
  const acl = made.lab.acl(made.vpcId);
  const entry = { NetworkAclId: acl, CidrBlock: '0.0.0.0/0', RuleAction: 'allow' };
  made.act('CreateNetworkAclEntry', { ...entry, RuleNumber: 50, Protocol: '-1', Egress: false });
  const [association] = [...made.lab.snapshot.networkAcls.values()].flatMap(({ associations }) =>
    associations.filter(({ subnetId }) => subnetId === made.subnetId('b')),
  );
  made.act('ReplaceNetworkAclAssociation', {
    AssociationId: association?.associationId,
    NetworkAclId: acl,
  });
  const { isReachable, forward, return: back } = ask(made, 'r1', '10.0.2.20', HTTP);
  assert(back !== null);
  t.notOk(isReachable);
  t.equal(forward.end.kind, 'delivered');
  t.match(stepOf(forward.hops[0], 'network-acl-ingress').decision, {
    kind: 'acl-entry',
    acl: { id: acl },
    ruleNumber: 50,
    action: 'allow',
    isEgress: false,
    cidr: '0.0.0.0/0',
  });
  t.match(back.end, { kind: 'blocked', code: 'SUBNET_ACL_RESTRICTION' });
  t.match(lastStep(back), {
    layer: 'network-acl-egress',
    decision: { ruleNumber: '*', action: 'deny', isEgress: true },
  });
});

t.test('[ACL-5] explain says that nobody asks the ACL inside a subnet', async (t) => {
  const [hop] = ask(openBench(), 'r1', '10.0.1.12').forward.hops;
  for (const layer of ['route', 'network-acl-egress', 'network-acl-ingress']) {
    t.match(stepOf(hop, layer), { outcome: 'pass', decision: { kind: 'nothing' } });
  }
});

t.test('[CHK-1] explain finds the check of the sender, and of an appliance', async (t) => {
  const made = openBench();
  const spoofed = ask(made, 'r1', '10.0.2.20', ECHO, OVERLAY).forward;
  t.match(spoofed.end, { layer: 'source-check', code: 'ENI_SOURCE_DEST_CHECK_RESTRICTION' });
  addRoute(made, `${OVERLAY}/32`, made.eni('r1').eniId);
  const { forward } = ask(made, 'c', OVERLAY);
  t.match(forward.end, { layer: 'destination-check', code: 'ENI_SOURCE_DEST_CHECK_RESTRICTION' });
  t.match(lastStep(forward).decision, { isOn: true, interface: { eniId: made.eni('r1').eniId } });
});

t.test('[RT-3] [RT-11] explain names the table without a route, and the blackhole', async (t) => {
  const made = openBench();
  const table = made.lab.mainTable(made.vpcId);
  const missing = ask(made, 'r1', OVERLAY).forward;
  t.match(missing.end, { layer: 'route', code: 'NO_ROUTE_TO_DESTINATION' });
  t.match(lastStep(missing).decision, { kind: 'no-route', table: { id: table } });
  const spare = made.lab.eni(made.subnetId('a'));
  addRoute(made, '192.0.2.0/24', spare);
  const hole = ask(made, 'r1', OVERLAY).forward;
  t.match(hole.end, { layer: 'route', code: 'BAD_STATE_ROUTE' });
  t.match(lastStep(hole).decision, {
    kind: 'route',
    table: { id: table },
    destination: '192.0.2.0/24',
    target: { id: spare },
    state: 'blackhole',
  });
});

t.test(
  '[ARP-5] [MTU-6] explain knows an address of nobody, on link and behind the router',
  async (t) => {
    const made = openBench();
    const onLink = ask(made, 'r1', '10.0.1.99').forward;
    t.match(onLink.end, { layer: 'arp', code: 'ARP_ADDRESS_NOT_ASSIGNED' });
    t.match(lastStep(onLink).decision, { kind: 'neighbour', address: '10.0.1.99', mac: null });
    const beyond = ask(made, 'r1', '10.0.2.99').forward;
    t.match(beyond.end, { layer: 'route', code: 'NO_POSSIBLE_DESTINATION' });
    t.match(lastStep(beyond).decision, { destination: '10.0.0.0/16', target: 'local' });
  },
);

t.test('[ARP-5] explain knows a target, and a sender, that does not run', async (t) => {
  const made = openBench();
  const { eniId } = made.eni('c');
  made.act('StopInstances', { InstanceIds: [made.instanceId('c')] });
  made.unplug('c');
  const { forward } = ask(made, 'r1', '10.0.2.20');
  t.match(forward.end, { layer: 'delivery', code: 'TARGET_NOT_RUNNING' });
  t.match(lastStep(forward).decision, { interface: { eniId }, state: 'stopped' });
  const addresses = { family: 4, source: ip('10.0.2.20'), destination: ip('10.0.1.11') } as const;
  const question = { eniId, addresses, ...ECHO };
  const own = explain(made.lab.snapshot, made.program(), question).forward;
  t.match(own.end, { layer: 'interface', code: 'PORT_NOT_ATTACHED' });
});

t.test('[L2-15] [L2-6] explain knows what the router answers, and what goes to all', async (t) => {
  const made = openBench();
  const router = ask(made, 'r1', '10.0.1.1');
  t.match(router, { isReachable: true, forward: { end: { kind: 'answered' } }, return: null });
  const codes = [
    ['10.0.2.1', ECHO, 'ROUTER_OF_ANOTHER_SUBNET'],
    ['10.0.1.1', HTTP, 'ROUTER_HAS_NO_SERVICE'],
    ['10.0.1.1', { protocol: UDP, port: 67 }, 'DHCP_MALFORMED'],
    ['10.0.1.255', ECHO, 'BROADCAST_NOT_FORWARDED'],
    ['224.0.0.5', { protocol: 89, port: null }, 'MULTICAST_NOT_FORWARDED'],
  ] as const;
  for (const [to, traffic, code] of codes) {
    t.match(ask(made, 'r1', to, traffic).forward.end, { kind: 'blocked', code }, to);
  }
  t.match(ask(made, 'r1', '10.0.1.11'), { forward: { hops: [], end: { kind: 'local' } } });
});

t.test('[CHK-3] explain hands an overlay address to the appliance of the route', async (t) => {
  const made = openBench();
  made.checkOff(made.eni('r1').eniId);
  addRoute(made, `${OVERLAY}/32`, made.eni('r1').eniId);
  const { isReachable, forward, return: back } = ask(made, 'c', OVERLAY, HTTP);
  t.ok(isReachable);
  t.match(forward.end, {
    kind: 'handed-over',
    interface: { eniId: made.eni('r1').eniId },
    onward: 'CYCLIC_PATH_DETECTED',
  });
  t.equal(forward.hops.length, 1);
  t.match(back, { packet: { source: OVERLAY }, end: { kind: 'delivered' } });
  // The other way round the answer goes to the appliance that asked.
  const out = ask(made, 'r1', '10.0.2.20', HTTP, OVERLAY);
  t.match(out.return?.end, { kind: 'delivered', interface: { eniId: made.eni('r1').eniId } });
});

t.test('[RT-5] explain follows a packet through an appliance, and sees a circle', async (t) => {
  const made = new Bench({ rules: 'current' });
  for (const [name, cidr] of [
    ['a', '10.0.1.0/24'],
    ['b', '10.0.2.0/24'],
    ['c', '10.0.3.0/24'],
  ] as const) {
    made.subnet(name, cidr);
  }
  made.host('client', 'a', '10.0.1.11');
  made.host('wall', 'b', '10.0.2.20', { sourceDestCheck: false });
  made.host('server', 'c', '10.0.3.30');
  const toWall = (subnet: string): void => {
    const table = made.lab.act('CreateRouteTable', { VpcId: made.vpcId })['RouteTable'];
    const RouteTableId = (table as { readonly RouteTableId: string }).RouteTableId;
    made.act('AssociateRouteTable', { RouteTableId, SubnetId: made.subnetId(subnet) });
    const route = { DestinationCidrBlock: '10.0.3.0/24' };
    made.act('CreateRoute', {
      RouteTableId,
      ...route,
      NetworkInterfaceId: made.eni('wall').eniId,
    });
  };
  toWall('a');
  const { isReachable, forward, return: back } = ask(made, 'client', '10.0.3.30', HTTP);
  t.ok(isReachable);
  const senders = ({ hops }: Walk) => hops.map(({ from }) => from.eniId);
  t.same(senders(forward), [made.eni('client').eniId, made.eni('wall').eniId]);
  t.match(forward.end, { kind: 'delivered', interface: { eniId: made.eni('server').eniId } });
  t.equal(back?.hops.length, 1, 'the way back does not come by the appliance');
  toWall('b');
  const circle = ask(made, 'client', '10.0.3.30', HTTP);
  t.match(circle, {
    isReachable: false,
    forward: { end: { kind: 'blocked', layer: null, code: 'CYCLIC_PATH_DETECTED' } },
    return: null,
  });
});

function addRoute(made: Bench, destination: string, eniId: string): void {
  made.act('CreateRoute', {
    RouteTableId: made.lab.mainTable(made.vpcId),
    DestinationCidrBlock: destination,
    NetworkInterfaceId: eniId,
  });
}

/** Moves a host into a group of its own, which lets nobody in. */
function ownGroup(made: Bench, host: string): string {
  const group = made.lab.group(made.vpcId, 'web');
  const { eniId } = made.eni(host);
  made.act('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId: eniId, Groups: [group] });
  return group;
}

t.test('[RT-11] explain names the gateway that is detached', async (t) => {
  const made = openBench();
  const table = made.lab.mainTable(made.vpcId);
  const igw = made.lab.internetGateway(made.vpcId);
  made.act('CreateTags', { Resources: [igw], Tags: [{ Key: 'Name', Value: 'out' }] });
  made.act('CreateRoute', {
    RouteTableId: table,
    DestinationCidrBlock: '0.0.0.0/0',
    GatewayId: igw,
  });
  made.act('DetachInternetGateway', { InternetGatewayId: igw, VpcId: made.vpcId });
  const hole = ask(made, 'r1', OVERLAY).forward;
  t.match(hole.end, { layer: 'route', code: 'BAD_STATE_ROUTE' });
  const decision = { kind: 'route', destination: '0.0.0.0/0', target: { id: igw, name: 'out' } };
  t.match(lastStep(hole).decision, { ...decision, state: 'blackhole' });
});

t.test('explain names the transit gateway that is recorded only, and its blackhole', async (t) => {
  const made = openBench();
  const tgw = transitGateway(made.lab);
  const { subnetId } = made.eni('r1');
  const attachment = vpcAttachment(made.lab, tgw, made.vpcId, [subnetId]);
  made.act('CreateTags', { Resources: [tgw], Tags: [{ Key: 'Name', Value: 'hub' }] });
  made.act('CreateRoute', {
    RouteTableId: made.lab.mainTable(made.vpcId),
    DestinationCidrBlock: '0.0.0.0/0',
    TransitGatewayId: tgw,
  });
  const { forward } = ask(made, 'r1', OVERLAY);
  t.match(forward.end, { kind: 'blocked', layer: 'route', code: 'GATEWAY_NOT_FORWARDED' });
  const decision = { kind: 'route', destination: '0.0.0.0/0', target: { id: tgw, name: 'hub' } };
  t.match(lastStep(forward).decision, { ...decision, state: 'active' });
  made.act('DeleteTransitGatewayVpcAttachment', { TransitGatewayAttachmentId: attachment });
  const hole = ask(made, 'r1', OVERLAY).forward;
  t.match(hole.end, { layer: 'route', code: 'BAD_STATE_ROUTE' });
  t.match(lastStep(hole).decision, { ...decision, state: 'blackhole' });
});

t.test('gateways that packets pass are not among what is recorded only', async (t) => {
  const { made } = natBench();
  made.act('CreateEgressOnlyInternetGateway', { VpcId: made.vpcId });
  t.same(recordedOnly(made.lab.snapshot), []);
});

t.test('what belongs to a transit gateway is recorded only, until it is over', async (t) => {
  const { lab, tgw, attachment } = attachedLab({}, { MulticastSupport: 'enable' });
  lab.act('CreateTransitGatewayMulticastDomain', { TransitGatewayId: tgw });
  const kinds = () => recordedOnly(lab.snapshot).map(({ kind }) => kind);
  const [gateway, domain] = ['transit-gateway', 'transit-gateway-multicast-domain'];
  t.same(kinds(), [gateway, 'transit-gateway-attachment', domain]);
  lab.act('DeleteTransitGatewayVpcAttachment', { TransitGatewayAttachmentId: attachment });
  t.same(kinds(), [gateway, domain]);
});

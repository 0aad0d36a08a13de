/** Peerings: between two VPCs and no further. */
import t from 'tap';
import { explain } from '../../src/engine/explain/explain.ts';
import type { PeeringId, VpcId } from '../../src/model/ids.ts';
import { defaultGroupOf } from '../../src/model/lookups/filters.ts';
import { textAt } from '../actions/lab.ts';
import { ip } from './bench.ts';
import { arrival, EdgeBench } from './edge-bench.ts';
import { tcp } from './filter-bench.ts';
import { tcpFrame, udpFrame } from './frames.ts';

interface Peered {
  readonly made: EdgeBench;
  readonly vpcs: Readonly<Record<'a' | 'b' | 'c', string>>;
  readonly peerings: Readonly<Record<'ab' | 'bc', string>>;
}

/** a, b and c in a row, each with a host; a and c know each other's blocks by b only. */
function bench(): Peered {
  const made = new EdgeBench();
  made.subnet('a', '10.0.1.0/24');
  made.host('a1', 'a', '10.0.1.11', { sourceDestCheck: false });
  const vpcs = { a: made.vpcId, b: made.lab.vpc('10.1.0.0/16'), c: made.lab.vpc('10.2.0.0/16') };
  for (const [name, net] of [
    ['b', '10.1.1'],
    ['c', '10.2.1'],
  ] as const) {
    made.lab.openDefaultGroup(vpcs[name]);
    made.subnet(name, `${net}.0/24`, undefined, vpcs[name]);
    made.host(`${name}1`, name, `${net}.11`, { sourceDestCheck: false });
  }
  const peerings = { ab: made.peer(vpcs.a, vpcs.b), bc: made.peer(vpcs.b, vpcs.c) };
  for (const [vpc, to, peering] of [
    ['a', '10.1.0.0/16', 'ab'],
    ['a', '10.2.0.0/16', 'ab'],
    ['b', '10.0.0.0/16', 'ab'],
    ['b', '10.2.0.0/16', 'bc'],
    ['c', '10.1.0.0/16', 'bc'],
    ['c', '10.0.0.0/16', 'bc'],
  ] as const) {
    made.act('CreateRoute', {
      RouteTableId: made.lab.mainTable(vpcs[vpc]),
      DestinationCidrBlock: to,
      VpcPeeringConnectionId: peerings[peering],
    });
  }
  made.publicHost('server', '198.51.100.10');
  return { made, vpcs, peerings };
}

const LOST = 'SG_REFERENCES_NOT_PRESERVED';

function send({ made }: Peered, from: string, to: string, source = made.address(from)) {
  return made.inject(from, udpFrame(made.from(from, source, ip(to))));
}

t.test('[PCX-1] a peering leads to the other VPC, and not through it to a third', async (t) => {
  const peered = bench();
  const there = arrival(send(peered, 'a1', '10.1.1.11'));
  t.match(there, {
    to: 'b1',
    ip: { source: ip('10.0.1.11'), destination: ip('10.1.1.11'), ttl: 64 },
  });
  t.match(there.ethernet, {
    destination: peered.made.mac('b1'),
    source: peered.made.routerMac('b1'),
  });
  t.equal(arrival(send(peered, 'b1', '10.0.1.11')).to, 'a1');
  t.equal(arrival(send(peered, 'b1', '10.2.1.11')).to, 'c1');
  const code = 'PCX_REQUIRES_ADDRESS_IN_VPC_CIDR';
  t.match(send(peered, 'a1', '10.2.1.11'), { counter: code, delivered: [] });
  t.match(
    send(peered, 'b1', '10.0.1.11', ip('10.2.1.11')),
    { counter: code },
    'a source of a third',
  );
  t.equal(send(peered, 'a1', '10.1.1.99').counter, 'NO_POSSIBLE_DESTINATION');
});

t.test('[PCX-1] the gateway of a peer is not for the others', async (t) => {
  const peered = bench();
  const { made, vpcs, peerings } = peered;
  const gateway = made.internetGateway(vpcs.b);
  made.defaultRoute({ GatewayId: gateway }, vpcs.b);
  made.defaultRoute({ VpcPeeringConnectionId: peerings.ab });
  t.equal(send(peered, 'a1', '198.51.100.10').counter, 'PCX_REQUIRES_ADDRESS_IN_VPC_CIDR');
});

t.test('[PCX-3] routes to a peering that is gone are blackholes', async (t) => {
  const peered = bench();
  peered.made.act('DeleteVpcPeeringConnection', { VpcPeeringConnectionId: peered.peerings.ab });
  t.match(send(peered, 'a1', '10.1.1.11'), { counter: 'BAD_STATE_ROUTE', delivered: [] });
});

t.test('[RT-17] an answer may take another way, or none', async (t) => {
  const peered = bench();
  peered.made.act('DeleteRoute', {
    RouteTableId: peered.made.lab.mainTable(peered.vpcs.b),
    DestinationCidrBlock: '10.0.0.0/16',
  });
  t.equal(send(peered, 'a1', '10.1.1.11').counter, 'forwarded');
  t.equal(send(peered, 'b1', '10.0.1.11').counter, 'NO_ROUTE_TO_DESTINATION');
});

t.test('groups of both VPCs and both ACLs are asked', async (t) => {
  const peered = bench();
  const { made, vpcs } = peered;
  const output = made.lab.act('CreateSecurityGroup', {
    VpcId: vpcs.b,
    GroupName: 'web',
    Description: 'web',
  });
  const group = textAt(output, 'GroupId');
  made.change('Authorize', 'Ingress', group, [tcp(80, '10.0.0.0/16')]);
  made.host('b2', 'b', '10.1.1.12', { groups: [group] });
  const knock = (port: number) =>
    made.inject(
      'a1',
      tcpFrame(made.from('a1', made.address('a1'), ip('10.1.1.12')), [40_000, port], 2),
    );
  t.equal(knock(80).counter, 'forwarded');
  t.equal(knock(81).counter, 'ENI_SG_RULES_MISMATCH');
  const acl = made.lab.acl(vpcs.b);
  const subnetId = made.subnetId('b');
  const [association] = [...made.lab.snapshot.networkAcls.values()].flatMap((each) =>
    each.associations.filter((one) => one.subnetId === subnetId),
  );
  made.act('ReplaceNetworkAclAssociation', {
    AssociationId: association?.associationId,
    NetworkAclId: acl,
  });
  t.equal(knock(80).counter, 'SUBNET_ACL_RESTRICTION');
});

/** b2 takes all from the group of a2, and HTTP from everybody by the rule behind. */
function groupsBench(): Peered & { readonly senders: string; readonly receivers: string } {
  const peered = bench();
  const { made, vpcs } = peered;
  const senders = made.group('senders', []);
  made.host('a2', 'a', '10.0.1.12', { groups: [senders] });
  const receivers = made.lab.group(vpcs.b, 'receivers');
  made.change('Authorize', 'Ingress', receivers, [
    { protocol: '-1', group: senders },
    tcp(80, '0.0.0.0/0'),
  ]);
  made.host('b2', 'b', '10.1.1.12', { groups: [receivers] });
  return { ...peered, senders, receivers };
}

/** What becomes of a datagram from a2 to b2. @param port Its own, for no connection to be known. */
function knock({ made }: Peered, port: number): string {
  const ends = made.from('a2', made.address('a2'), made.address('b2'));
  return made.inject('a2', udpFrame(ends, [port, 53])).counter;
}

t.test('[PCX-4] [SG-3] a rule may name a group of the peer', async (t) => {
  const peered = groupsBench();
  const { made, senders } = peered;
  t.equal(send(peered, 'a2', '10.1.1.12').counter, 'forwarded');
  t.equal(send(peered, 'a1', '10.1.1.12').counter, 'ENI_SG_RULES_MISMATCH');
  made.setGroups('a1', [senders]);
  t.equal(send(peered, 'a1', '10.1.1.12').counter, 'forwarded', 'its members are those of now');
});

t.test('[PCX-4] [RT-6] a middlebox of either VPC loses the group of the peer', async (t) => {
  const peered = groupsBench();
  const { made } = peered;
  t.equal(send(peered, 'a1', '10.1.1.12', made.address('a2')).counter, LOST, 'in the own VPC');
  const near = { sourceMac: made.mac('b1'), destinationMac: made.mac('b2') };
  const ends = { ...near, source: made.address('a2'), destination: made.address('b2') };
  t.equal(made.inject('b1', udpFrame(ends)).counter, LOST, 'in that of the target');
});

t.test('[PCX-4] a rule matches nothing without the peering or the group', async (t) => {
  const peered = groupsBench();
  const { made, vpcs, peerings, senders, receivers } = peered;
  const mismatch = 'ENI_SG_RULES_MISMATCH';
  t.equal(knock(peered, 40_001), 'forwarded');
  made.act('DeleteVpcPeeringConnection', { VpcPeeringConnectionId: peerings.ab });
  t.equal(knock(peered, 40_002), 'BAD_STATE_ROUTE', 'deleted');
  const rule = () => {
    const addresses = {
      family: 4,
      source: made.address('b1'),
      destination: made.address('b2'),
    } as const;
    const question = { eniId: made.eni('b1').eniId, addresses, protocol: 6, port: 80 };
    const { forward } = explain(made.fabric, made.program(), question);
    const step = forward.hops.at(0)?.steps.find(({ layer }) => layer === 'security-groups-ingress');
    return step?.decision;
  };
  const behind = { kind: 'group-rule', group: { id: receivers }, peer: { cidr: '0.0.0.0/0' } };
  t.match(rule(), behind, 'the rules behind it are found');
  made.act('ReplaceRoute', {
    RouteTableId: made.lab.mainTable(vpcs.a),
    DestinationCidrBlock: '10.1.0.0/16',
    VpcPeeringConnectionId: made.peer(vpcs.a, vpcs.b),
  });
  t.equal(knock(peered, 40_003), 'forwarded', 'peered again');
  made.act('ModifyNetworkInterfaceAttribute', {
    NetworkInterfaceId: made.eni('a2').eniId,
    Groups: [defaultGroupOf(made.lab.snapshot, vpcs.a as VpcId).groupId],
  });
  t.equal(knock(peered, 40_004), mismatch, 'no member');
  made.act('DeleteSecurityGroup', { GroupId: senders });
  t.equal(knock(peered, 40_005), mismatch, 'no group');
  t.match(rule(), behind);
});

t.test(
  '[PCX-5] [MTU-5] 9001 bytes within a region, 1500 between two, and nobody is told',
  async (t) => {
    const peered = bench();
    const { made, peerings } = peered;
    const big = new Uint8Array(8000);
    const jumbo = () =>
      made.inject(
        'a1',
        udpFrame(
          made.from('a1', made.address('a1'), ip('10.1.1.11')),
          [40_000, 80],
          { dontFragment: true },
          big,
        ),
      );
    t.equal(jumbo().counter, 'forwarded');
    const id = peerings.ab as PeeringId;
    made.lab.store.edit((draft) => {
      const peering = draft.snapshot.peerings.get(id);
      if (peering === undefined) return;
      draft.put('peerings', id, {
        ...peering,
        accepter: {
          ...peering.accepter,
          vpcId: peering.accepter.vpcId as VpcId,
          region: 'eu-west-1',
        },
      });
    });
    made.publish();
    t.match(jumbo(), { counter: 'MTU_EXCEEDED', delivered: [] });
    t.equal(send(peered, 'a1', '10.1.1.11').counter, 'forwarded');
  },
);

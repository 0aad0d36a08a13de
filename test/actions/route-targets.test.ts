/** Routes by every kind of target: how a request names it, how a table tells of it, what counts. */
import t from 'tap';
import { at, Lab, textAt } from './lab.ts';
import { transitGateway, vpcAttachment } from './transit-gateway-lab.ts';

interface Target {
  /** As a request names it. */
  readonly named: Readonly<Record<string, string>>;
  /** As a table tells of it, when that is otherwise. */
  readonly told?: Readonly<Record<string, string>>;
  readonly takes: readonly (4 | 6)[];
}

/** A VPC with two tables and one target of each kind. */
function bench() {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24');
  const NetworkInterfaceId = lab.primaryEni(lab.instance(subnetId));
  const instanceId = lab.instance(subnetId);
  const peering = lab.peering(vpcId, lab.vpc('10.9.0.0/16'));
  lab.act('AcceptVpcPeeringConnection', { VpcPeeringConnectionId: peering });
  const tgw = transitGateway(lab);
  vpcAttachment(lab, tgw, vpcId, [subnetId]);
  const carrier = lab.act('CreateCarrierGateway', { VpcId: vpcId });
  const egressOnly = lab.act('CreateEgressOnlyInternetGateway', { VpcId: vpcId });
  const path = ['EgressOnlyInternetGateway', 'EgressOnlyInternetGatewayId'];
  const vgw = lab.vpnGateway(vpcId);
  const targets: readonly Target[] = [
    { named: { NetworkInterfaceId }, takes: [4, 6] },
    {
      named: { InstanceId: instanceId },
      told: { InstanceId: instanceId, NetworkInterfaceId: lab.primaryEni(instanceId) },
      takes: [4, 6],
    },
    { named: { GatewayId: lab.internetGateway(vpcId) }, takes: [4, 6] },
    { named: { GatewayId: vgw }, takes: [4, 6] },
    { named: { EgressOnlyInternetGatewayId: textAt(egressOnly, ...path) }, takes: [6] },
    { named: { NatGatewayId: lab.natGateway(subnetId) }, takes: [4] },
    { named: { VpcPeeringConnectionId: peering }, takes: [4, 6] },
    { named: { TransitGatewayId: tgw }, takes: [4, 6] },
    {
      named: { CarrierGatewayId: textAt(carrier, 'CarrierGateway', 'CarrierGatewayId') },
      takes: [4, 6],
    },
  ];
  const newTable = () =>
    textAt(lab.act('CreateRouteTable', { VpcId: vpcId }), 'RouteTable', 'RouteTableId');
  return { lab, vpcId, vgw, newTable, targets };
}

const MEMBERS = { 4: 'DestinationCidrBlock', 6: 'DestinationIpv6CidrBlock' } as const;

t.test(
  '[RT-13] a table tells of each kind of target as it was named, of an instance both',
  async (t) => {
    const { lab, newTable, targets } = bench();
    for (const { named, told = named, takes } of targets) {
      const kind = Object.keys(named).join();
      for (const [family, cidr] of [
        [4, '192.0.2.0/24'],
        [6, '2001:db8:9::/48'],
      ] as const) {
        const RouteTableId = newTable();
        const route = { RouteTableId, [MEMBERS[family]]: cidr };
        if (!takes.includes(family)) {
          const refusal = lab.refuse('CreateRoute', { ...route, ...named });
          t.equal(refusal.code, 'InvalidParameterValue', `${kind} takes no ${cidr}`);
          continue;
        }
        lab.act('CreateRoute', { ...route, ...named });
        const tables = lab.act('DescribeRouteTables', { RouteTableIds: [RouteTableId] });
        const [, found] = at(tables, 'RouteTables', 0, 'Routes') as readonly object[];
        t.match(found, { [MEMBERS[family]]: cidr, ...told, State: 'active' }, `${kind}, ${cidr}`);
        const other = targets[0]?.named === named ? targets[1] : targets[0];
        lab.act('ReplaceRoute', { ...route, ...other?.named });
        lab.act('ReplaceRoute', { ...route, ...named });
        t.match(lab.routes(RouteTableId)[1], Object.values(told).at(-1), 'replaced, and back');
        lab.act('DeleteRoute', route);
      }
    }
  },
);

t.test(
  '[RT-15] routes to every kind of target count, those that are propagated do not',
  async (t) => {
    const { lab, vgw, newTable, targets } = bench();
    const full = { code: 'RouteLimitExceeded' };
    const connection = lab.vpnConnection(vgw, lab.customerGateway());
    lab.act('CreateVpnConnectionRoute', {
      VpnConnectionId: connection,
      DestinationCidrBlock: '172.16.0.0/12',
    });
    for (const { named, takes } of targets) {
      const RouteTableId = newTable();
      const route = (index: number) =>
        takes.includes(4)
          ? { RouteTableId, DestinationCidrBlock: `192.0.2.${index}/32`, ...named }
          : { RouteTableId, DestinationIpv6CidrBlock: `2001:db8:9::${index}/128`, ...named };
      lab.act('EnableVgwRoutePropagation', { RouteTableId, GatewayId: vgw });
      for (let index = 0; index < 50; index++) lab.act('CreateRoute', route(index));
      t.match(lab.refuse('CreateRoute', route(50)), full, Object.keys(named).join());
      t.equal(lab.routes(RouteTableId).length, 1 + 50 + 1, 'local, static, propagated');
    }
  },
);

t.test(
  '[EDGE-3] the table of a gateway leads to interfaces, and to no other gateway',
  async (t) => {
    const { lab, vgw, newTable, targets } = bench();
    for (const GatewayId of [targets[2]?.named['GatewayId'], vgw]) {
      const RouteTableId = newTable();
      lab.act('AssociateRouteTable', { RouteTableId, GatewayId });
      for (const { named } of targets) {
        const route = { RouteTableId, DestinationCidrBlock: '10.0.1.0/24', ...named };
        if ('NetworkInterfaceId' in named || 'InstanceId' in named) {
          lab.act('CreateRoute', route);
          lab.act('DeleteRoute', { RouteTableId, DestinationCidrBlock: '10.0.1.0/24' });
        } else {
          t.equal(
            lab.refuse('CreateRoute', route).code,
            'InvalidParameterValue',
            Object.keys(named).join(),
          );
        }
      }
    }
  },
);

/** Plans what is at the edges of VPCs: gateways, gateway endpoints and peerings. */
import { formatIpv4 } from '../../addr/ipv4.ts';
import { edgeTableOf } from '../../model/routes.ts';
import type { LabGatewayEndpoint, LabPeering } from '../lab-gateways.ts';
import { NAME_TAG } from '../names.ts';
import { creationReason, kept, type PlanContext, realmOf } from './context.ts';
import { LAB_TAG, reference, tagSpecifications } from './planned-action.ts';

/** Those that a VPC has as a whole; elastic addresses need them. */
export function planVpcGateways(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  plan.nextStage();
  for (const { key, name, vpc } of lab.internetGateways.values()) {
    if (kept(current.internetGateways, departures.internetGateways, key) !== undefined) continue;
    plan.add(
      'CreateInternetGateway',
      tagSpecifications('internet-gateway', name, lab.name),
      {
        realm: realmOf(context, vpc),
        subject: `internet gateway ${key}`,
        reason: creationReason(departures.internetGateways, key),
      },
      [{ name: `internetGateway:${key}`, at: ['InternetGateway', 'InternetGatewayId'] }],
    );
  }
  for (const { key, name, vpc } of lab.egressOnlyGateways.values()) {
    if (kept(current.egressOnlyGateways, departures.egressOnlyGateways, key) !== undefined)
      continue;
    plan.add(
      'CreateEgressOnlyInternetGateway',
      {
        VpcId: reference('vpc', vpc),
        ...tagSpecifications('egress-only-internet-gateway', name, lab.name),
      },
      {
        realm: realmOf(context, vpc),
        subject: `egress-only internet gateway ${key}`,
        reason: creationReason(departures.egressOnlyGateways, key),
      },
      [
        {
          name: `egressOnlyInternetGateway:${key}`,
          at: ['EgressOnlyInternetGateway', 'EgressOnlyInternetGatewayId'],
        },
      ],
    );
  }
  plan.nextStage();
  for (const { key, vpc } of lab.internetGateways.values()) {
    if (kept(current.internetGateways, departures.internetGateways, key) !== undefined) continue;
    plan.add(
      'AttachInternetGateway',
      { InternetGatewayId: reference('internetGateway', key), VpcId: reference('vpc', vpc) },
      {
        realm: realmOf(context, vpc),
        subject: `internet gateway ${key}`,
        reason: `not attached to VPC ${vpc} yet`,
      },
    );
  }
}

/** The tables that steer what enters by internet gateways (EDGE-1). */
export function planEdgeTables(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  plan.nextStage();
  for (const { key, vpc, routeTable } of lab.internetGateways.values()) {
    const gateway = kept(current.internetGateways, departures.internetGateways, key);
    const id = gateway?.internetGatewayId;
    const table =
      id === undefined || current.fabric === null ? undefined : edgeTableOf(current.fabric, id);
    const association = table?.associations.find(({ gatewayId }) => gatewayId === id);
    const about = { realm: realmOf(context, vpc), subject: `internet gateway ${key}` };
    const tableKey = `${vpc}/${routeTable}`;
    if (routeTable === null) {
      if (association === undefined) continue;
      const input = { AssociationId: association.associationId };
      plan.add('DisassociateRouteTable', input, {
        ...about,
        reason: 'no table steers it any more',
      });
      continue;
    }
    const RouteTableId = reference('routeTable', tableKey);
    if (association === undefined) {
      const input = { RouteTableId, GatewayId: reference('internetGateway', key) };
      const reason = `route table ${tableKey} does not steer it yet`;
      plan.add('AssociateRouteTable', input, { ...about, reason });
    } else if (table !== current.routeTables.get(tableKey)) {
      const input = { AssociationId: association.associationId, RouteTableId };
      const reason = `its route table changed to ${tableKey}`;
      plan.add('ReplaceRouteTableAssociation', input, { ...about, reason });
    }
  }
}

export function planNatGateways(context: PlanContext): void {
  const { lab, current, departures, free, plan } = context;
  plan.nextStage();
  for (const nat of lab.natGateways.values()) {
    const { key, name, subnet, connectivity, elasticAddress, privateAddress } = nat;
    if (kept(current.natGateways, departures.natGateways, key) !== undefined) continue;
    const address = privateAddress ?? free.take(subnet);
    plan.add(
      'CreateNatGateway',
      {
        SubnetId: reference('subnet', subnet),
        ...(elasticAddress === null
          ? { ConnectivityType: connectivity }
          : { AllocationId: reference('elasticAddress', elasticAddress) }),
        ...(address === null ? {} : { PrivateIpAddress: formatIpv4(address) }),
        ...tagSpecifications('natgateway', name, lab.name),
      },
      {
        realm: realmOf(context, key),
        subject: `NAT gateway ${key}`,
        reason: creationReason(departures.natGateways, key),
      },
      [{ name: `natGateway:${key}`, at: ['NatGateway', 'NatGatewayId'] }],
    );
  }
}

export function planEndpoints(context: PlanContext): void {
  const { lab, plan } = context;
  plan.nextStage();
  for (const endpoint of lab.endpoints.values()) planEndpoint(endpoint, context);
}

/** AWS puts the routes into its tables, and takes them out (GWEP-1). */
function planEndpoint(
  { key, name, vpc, service, routeTables }: LabGatewayEndpoint,
  context: PlanContext,
): void {
  const { lab, current, departures, plan } = context;
  const realm = realmOf(context, vpc);
  const subject = `gateway endpoint ${key}`;
  const now = kept(current.endpoints, departures.endpoints, key);
  if (now === undefined) {
    plan.add(
      'CreateVpcEndpoint',
      {
        VpcEndpointType: 'Gateway',
        VpcId: reference('vpc', vpc),
        ServiceName: `com.amazonaws.${realm.region}.${service}`,
        RouteTableIds: routeTables.map((table) => reference('routeTable', table)),
        ...tagSpecifications('vpc-endpoint', name, lab.name),
      },
      { realm, subject, reason: creationReason(departures.endpoints, key) },
      [{ name: `vpcEndpoint:${key}`, at: ['VpcEndpoint', 'VpcEndpointId'] }],
    );
    return;
  }
  const { vpcEndpointId: VpcEndpointId } = now;
  const tables = [...(current.fabric?.routeTables.values() ?? [])].filter((table) =>
    table.prefixListRoutes.some(
      ({ target }) => target.kind === 'vpc-endpoint' && target.gatewayId === VpcEndpointId,
    ),
  );
  const wanted = new Set(routeTables.map((table) => current.routeTables.get(table)));
  const added = routeTables.filter((table) => {
    const existing = current.routeTables.get(table);
    return existing === undefined || !tables.includes(existing);
  });
  const removed = tables.filter((table) => !wanted.has(table));
  if (added.length + removed.length === 0) return;
  const input = {
    VpcEndpointId,
    ...(added.length === 0
      ? {}
      : { AddRouteTableIds: added.map((table) => reference('routeTable', table)) }),
    ...(removed.length === 0
      ? {}
      : { RemoveRouteTableIds: removed.map(({ routeTableId }) => routeTableId) }),
  };
  const reason = `its route tables changed to ${routeTables.join(', ') || 'none'}`;
  plan.add('ModifyVpcEndpoint', input, { realm, subject, reason });
}

/** Asked for on one side, accepted on the other; each side has a word on itself only. */
export function planPeerings(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  const peerings = [...lab.peerings.values()].map((peering) => ({
    peering,
    now: kept(current.peerings, departures.peerings, peering.name),
    subject: `peering ${peering.name}`,
    requester: realmOf(context, peering.from),
    accepter: realmOf(context, peering.to),
    VpcPeeringConnectionId: reference('vpcPeeringConnection', peering.name),
  }));
  plan.nextStage();
  for (const { peering, now, subject, requester, accepter } of peerings) {
    if (now !== undefined) continue;
    const { name, from, to } = peering;
    plan.add(
      'CreateVpcPeeringConnection',
      {
        VpcId: reference('vpc', from),
        PeerVpcId: reference('vpc', to),
        ...(requester.region === accepter.region ? {} : { PeerRegion: accepter.region }),
        ...tagSpecifications('vpc-peering-connection', name, lab.name),
      },
      { realm: requester, subject, reason: creationReason(departures.peerings, name) },
      [
        {
          name: `vpcPeeringConnection:${name}`,
          at: ['VpcPeeringConnection', 'VpcPeeringConnectionId'],
        },
      ],
    );
  }
  plan.nextStage();
  for (const { peering, now, subject, requester, accepter, VpcPeeringConnectionId } of peerings) {
    if (now !== undefined || requester.region === accepter.region) continue;
    const Tags = [
      { Key: NAME_TAG, Value: peering.name },
      { Key: LAB_TAG, Value: lab.name },
    ];
    const reason = 'its other end has tags of its own';
    const input = { Resources: [VpcPeeringConnectionId], Tags };
    plan.add('CreateTags', input, { realm: accepter, subject, reason });
  }
  for (const { peering, now, subject, accepter, VpcPeeringConnectionId } of peerings) {
    if (!peering.isAccepted || now?.status.code === 'active') continue;
    const about = { realm: accepter, subject, reason: 'not accepted yet' };
    plan.add('AcceptVpcPeeringConnection', { VpcPeeringConnectionId }, about);
  }
  plan.nextStage();
  for (const { peering } of peerings) planPeeringOptions(peering, context);
}

function planPeeringOptions(
  { name, from, to, isAccepted, resolvesDns }: LabPeering,
  context: PlanContext,
): void {
  const { current, departures, plan } = context;
  if (!isAccepted) return;
  const now = kept(current.peerings, departures.peerings, name);
  const options = { AllowDnsResolutionFromRemoteVpc: resolvesDns };
  const sides = [
    ['RequesterPeeringConnectionOptions', from, now?.requester],
    ['AccepterPeeringConnectionOptions', to, now?.accepter],
  ] as const;
  for (const [member, vpc, side] of sides) {
    if ((side?.allowDnsResolution ?? false) === resolvesDns) continue;
    const input = {
      VpcPeeringConnectionId: reference('vpcPeeringConnection', name),
      [member]: options,
    };
    plan.add('ModifyVpcPeeringConnectionOptions', input, {
      realm: realmOf(context, vpc),
      subject: `peering ${name}`,
      reason: `dns: ${resolvesDns} for VPC ${vpc}`,
    });
  }
}

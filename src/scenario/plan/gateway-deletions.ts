/** Plans the end of gateways, endpoints and peerings. Routes to them have gone by then. */
import { type PlanContext, realmNow, realmOf } from './context.ts';
import { realmOfRow } from './current.ts';

/** What other things hang on: before instances and subnets go. */
export function planWayDeletions({ lab, current, departures, plan }: PlanContext): void {
  plan.nextStage();
  for (const [key, reason] of departures.endpoints) {
    const endpoint = current.endpoints.get(key);
    const realm = realmNow({ lab, current }, endpoint);
    const input = { VpcEndpointIds: [endpoint?.vpcEndpointId] };
    plan.add('DeleteVpcEndpoints', input, { realm, subject: `gateway endpoint ${key}`, reason });
  }
  for (const [name, reason] of departures.peerings) {
    const peering = current.peerings.get(name);
    const realm = realmNow({ lab, current }, peering?.requester);
    const input = { VpcPeeringConnectionId: peering?.peeringId };
    plan.add('DeleteVpcPeeringConnection', input, { realm, subject: `peering ${name}`, reason });
  }
  for (const [key, reason] of departures.natGateways) {
    const nat = current.natGateways.get(key);
    const realm = realmNow({ lab, current }, nat);
    const input = { NatGatewayId: nat?.natGatewayId };
    plan.add('DeleteNatGateway', input, { realm, subject: `NAT gateway ${key}`, reason });
  }
}

/** What addresses hang on: when nobody has one any more (IGW-5). */
export function planGatewayDeletions(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  plan.nextStage();
  for (const [key, reason] of departures.egressOnlyGateways) {
    const gateway = current.egressOnlyGateways.get(key);
    const subject = `egress-only internet gateway ${key}`;
    const input = { EgressOnlyInternetGatewayId: gateway?.egressOnlyGatewayId };
    const realm = realmNow(context, gateway);
    plan.add('DeleteEgressOnlyInternetGateway', input, { realm, subject, reason });
  }
  const attached = [...departures.internetGateways].map(([key, reason]) => {
    const gateway = current.internetGateways.get(key);
    const vpcId = gateway?.vpcId ?? null;
    const realm = vpcId === null ? realmOf(context, key) : realmNow(context, { vpcId });
    return { id: gateway?.internetGatewayId, vpcId, realm, subject: key, reason };
  });
  for (const { id: InternetGatewayId, vpcId: VpcId, realm, subject, reason } of attached) {
    const about = { realm, subject: `internet gateway ${subject}`, reason };
    plan.add('DetachInternetGateway', { InternetGatewayId, VpcId }, about);
  }
  plan.nextStage();
  const loose = current.looseGateways.map(({ internetGatewayId: id }) => ({
    id,
    realm: realmOfRow(current, 'internetGateways', id, lab.home),
    subject: id,
    reason: 'it is attached to nothing',
  }));
  for (const { id: InternetGatewayId, realm, subject, reason } of [...attached, ...loose]) {
    const about = { realm, subject: `internet gateway ${subject}`, reason };
    plan.add('DeleteInternetGateway', { InternetGatewayId }, about);
  }
}

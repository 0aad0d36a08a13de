/** Gateways, endpoints, peerings and elastic addresses from AWS's answers. */
import { EGRESS_ONLY_GATEWAY, INTERNET_GATEWAY } from '../file/gateway-names.ts';
import type { LabFile } from '../file/schema.ts';
import type { LabFileVpc } from '../file/schema-network.ts';
import type { AwsNatGateway } from './aws-gateway-shapes.ts';
import { type ImportContext, splitKey } from './context.ts';
import { isOfPool } from './gateway-names.ts';
import { importBalancerEndpoint } from './load-balancing.ts';

type VpcGateways = Pick<
  LabFileVpc,
  'internetGateway' | 'egressOnlyInternetGateway' | 'natGateways' | 'endpoints'
>;

/** @returns what is at the edges of a VPC, as far as a lab file has it. */
export function importGateways(vpcId: string, context: ImportContext): VpcGateways {
  const natGateways = importNatGateways(vpcId, context);
  const endpoints = importEndpoints(vpcId, context);
  return {
    ...importInternetGateway(vpcId, context),
    ...importEgressOnlyGateway(vpcId, context),
    ...(Object.keys(natGateways).length === 0 ? {} : { natGateways }),
    ...(Object.keys(endpoints).length === 0 ? {} : { endpoints }),
  };
}

function importInternetGateway(
  vpcId: string,
  { records, names, ids }: ImportContext,
): Pick<VpcGateways, 'internetGateway'> {
  for (const [id, { Attachments }] of records.internetGateways) {
    const key = names.internetGateways.get(id);
    if (Attachments[0]?.VpcId !== vpcId || key === undefined) continue;
    const [vpc, name] = splitKey(key);
    const table = [...records.routeTables].find(([, { Associations }]) =>
      Associations.some(({ GatewayId }) => GatewayId === id),
    );
    const [, routeTable] = splitKey(names.routeTables.get(table?.[0] ?? '') ?? '/');
    const isPlain = name === INTERNET_GATEWAY;
    ids.set(`vpcs.${vpc}.internetGateway`, id);
    if (routeTable === '') return { internetGateway: isPlain ? true : name };
    return { internetGateway: { ...(isPlain ? {} : { name }), routeTable } };
  }
  return {};
}

function importEgressOnlyGateway(
  vpcId: string,
  { records, names, ids }: ImportContext,
): Pick<VpcGateways, 'egressOnlyInternetGateway'> {
  for (const [id, { Attachments }] of records.egressOnlyGateways) {
    const key = names.egressOnlyGateways.get(id);
    if (Attachments[0]?.VpcId !== vpcId || key === undefined) continue;
    const [vpc, name] = splitKey(key);
    ids.set(`vpcs.${vpc}.egressOnlyInternetGateway`, id);
    return { egressOnlyInternetGateway: name === EGRESS_ONLY_GATEWAY ? true : name };
  }
  return {};
}

function importNatGateways(
  vpcId: string,
  context: ImportContext,
): NonNullable<VpcGateways['natGateways']> {
  const { records, names, ids, leftOut } = context;
  const gateways: NonNullable<VpcGateways['natGateways']> = {};
  for (const [id, nat] of records.natGateways) {
    const key = names.natGateways.get(id);
    if (nat.VpcId !== vpcId || key === undefined) continue;
    const [vpc, name] = splitKey(key);
    const subnet = names.subnets.get(nat.SubnetId);
    if (subnet === undefined) {
      const reason = `${nat.SubnetId || 'its subnet'} is not in the lab file`;
      leftOut.push({ what: `NAT gateway ${key}`, id, reason });
      continue;
    }
    gateways[name] = { subnet: splitKey(subnet)[1], ...natAddressesOf(id, nat, key, context) };
    ids.set(`vpcs.${vpc}.natGateways.${name}`, id);
  }
  return gateways;
}

function natAddressesOf(
  id: string,
  { ConnectivityType, NatGatewayAddresses }: AwsNatGateway,
  key: string,
  { records, names, leftOut }: ImportContext,
) {
  const [first, ...others] = NatGatewayAddresses.toSorted(
    (a, b) => Number(b.IsPrimary) - Number(a.IsPrimary),
  );
  if (others.length > 0) {
    const reason = 'a lab file gives a NAT gateway one address';
    leftOut.push({ what: `${others.length} more addresses of NAT gateway ${key}`, id, reason });
  }
  const privateAddress = first?.PrivateIp;
  const place = privateAddress === undefined ? {} : { privateAddress };
  if (ConnectivityType === 'private') return { connectivity: 'private' as const, ...place };
  const allocation = first?.AllocationId ?? '';
  const name = names.elasticAddresses.get(allocation);
  const publicIp = records.addresses.get(allocation)?.PublicIp ?? '';
  // One of its own has the address that it had, where a lab can give it.
  const address = name ?? (isOfPool(publicIp) ? publicIp : undefined);
  return { ...(address === undefined ? {} : { address }), ...place };
}

function importEndpoints(
  vpcId: string,
  context: ImportContext,
): NonNullable<VpcGateways['endpoints']> {
  const { records, names, ids, leftOut } = context;
  const endpoints: NonNullable<VpcGateways['endpoints']> = {};
  for (const [id, endpoint] of records.endpoints) {
    const { VpcId, VpcEndpointType, ServiceName, RouteTableIds } = endpoint;
    const key = names.endpoints.get(id);
    if (VpcId !== vpcId || key === undefined) continue;
    const [vpc, name] = splitKey(key);
    const balanced = importBalancerEndpoint(endpoint, context);
    if (balanced !== null) {
      endpoints[name] = balanced;
      ids.set(`vpcs.${vpc}.endpoints.${name}`, id);
      continue;
    }
    const service = ServiceName.split('.').at(-1);
    if (VpcEndpointType !== 'Gateway' || (service !== 's3' && service !== 'dynamodb')) {
      const reason = 'a lab file has gateway endpoints and those of its own Gateway Load Balancers';
      leftOut.push({ what: `VPC endpoint ${key} to ${ServiceName}`, id, reason });
      continue;
    }
    const routeTables = RouteTableIds.flatMap((table) => {
      const known = names.routeTables.get(table);
      return known === undefined ? [] : [splitKey(known)[1]];
    });
    endpoints[name] = { service, ...(routeTables.length === 0 ? {} : { routeTables }) };
    ids.set(`vpcs.${vpc}.endpoints.${name}`, id);
  }
  return endpoints;
}

export function importPeerings({
  records,
  names,
  ids,
  leftOut,
}: ImportContext): NonNullable<LabFile['peerings']> {
  const peerings: NonNullable<LabFile['peerings']> = {};
  for (const [id, peering] of records.peerings) {
    const { RequesterVpcInfo, AccepterVpcInfo, Status } = peering;
    const name = names.peerings.get(id) ?? id;
    const what = `VPC peering connection ${name}`;
    const [from, to] = [RequesterVpcInfo, AccepterVpcInfo].map(({ VpcId }) =>
      names.vpcs.get(VpcId),
    );
    if (from === undefined || to === undefined) {
      const other = from === undefined ? RequesterVpcInfo.VpcId : AccepterVpcInfo.VpcId;
      leftOut.push({ what, id, reason: `its VPC ${other} is not in the lab file` });
      continue;
    }
    const dns = [RequesterVpcInfo, AccepterVpcInfo].map(
      ({ PeeringOptions }) => PeeringOptions?.AllowDnsResolutionFromRemoteVpc ?? false,
    );
    const resolves = dns.every((allowed) => allowed);
    if (!resolves && dns.some((allowed) => allowed)) {
      const reason = 'a lab file has it for both sides or for none';
      leftOut.push({ what: `DNS resolution on one side of ${what}`, id, reason });
    }
    peerings[name] = {
      from,
      to,
      ...(Status.Code === 'active' ? {} : { accept: false }),
      ...(resolves ? { dns: true } : {}),
    };
    ids.set(`peerings.${name}`, id);
  }
  return peerings;
}

export function importElasticAddresses({
  records,
  facts,
  names,
  ids,
  leftOut,
}: ImportContext): NonNullable<LabFile['elasticAddresses']> {
  const addresses: NonNullable<LabFile['elasticAddresses']> = {};
  for (const [id, { PublicIp, NetworkInterfaceId, NetworkBorderGroup }] of records.addresses) {
    const name = names.elasticAddresses.get(id);
    if (!isOfPool(PublicIp)) {
      const what = `public address ${PublicIp}${NetworkInterfaceId === undefined ? '' : ` of ${NetworkInterfaceId}`}`;
      leftOut.push({ what, id, reason: 'a lab has addresses of its own pool, and draws another' });
    }
    if (name === undefined) continue;
    const region = NetworkBorderGroup ?? facts.region;
    addresses[name] = {
      ...(isOfPool(PublicIp) ? { address: PublicIp } : {}),
      ...(region === facts.region ? {} : { region }),
    };
    ids.set(`elasticAddresses.${name}`, id);
  }
  return addresses;
}

/** Names of the gateways, peerings, endpoints and elastic addresses that a lab file can have. */
import { ipv4Contains } from '../../addr/cidr.ts';
import { parseIpv4 } from '../../addr/ipv4.ts';
import { DEFAULT_SETTINGS } from '../../model/settings.ts';
import { EGRESS_ONLY_GATEWAY, INTERNET_GATEWAY } from '../file/gateway-names.ts';
import type { AwsAddress } from './aws-gateway-shapes.ts';
import type { AwsTags } from './aws-shapes.ts';
import { nameAll, nameTag } from './names.ts';
import type { AwsRecords } from './records.ts';

/** By id: `vpc/name`; of peerings and addresses the name. */
export interface ImportGatewayNames {
  readonly internetGateways: ReadonlyMap<string, string>;
  readonly egressOnlyGateways: ReadonlyMap<string, string>;
  readonly natGateways: ReadonlyMap<string, string>;
  readonly endpoints: ReadonlyMap<string, string>;
  /** By ARN, as the next. */
  readonly loadBalancers: ReadonlyMap<string, string>;
  readonly targetGroups: ReadonlyMap<string, string>;
  readonly peerings: ReadonlyMap<string, string>;
  /** Those that the file speaks of by name; the others their owners ask for. */
  readonly elasticAddresses: ReadonlyMap<string, string>;
}

/** @param vpcs The names of VPCs by id. */
export function nameGateways(
  records: AwsRecords,
  vpcs: ReadonlyMap<string, string>,
): ImportGatewayNames {
  const inVpcs = <R extends object>(
    rows: ReadonlyMap<string, R>,
    vpcOf: (row: R) => string | undefined,
    otherwise: (row: R) => string | null,
  ) => {
    const keys = new Map<string, string>();
    for (const [vpcId, vpc] of vpcs) {
      const own = [...rows].filter(([, row]) => vpcOf(row) === vpcId);
      const wishes = own.map(([id, row]) => ({
        id,
        wish: nameTag(tagsOf(row)) ?? otherwise(row),
      }));
      for (const [id, name] of nameAll(wishes)) keys.set(id, `${vpc}/${name}`);
    }
    return keys;
  };
  const natGateways = inVpcs(
    records.natGateways,
    ({ VpcId }) => VpcId,
    () => null,
  );
  return {
    internetGateways: inVpcs(
      records.internetGateways,
      ({ Attachments: [first] }) => first?.VpcId,
      () => INTERNET_GATEWAY,
    ),
    egressOnlyGateways: inVpcs(
      records.egressOnlyGateways,
      ({ Attachments: [first] }) => first?.VpcId,
      () => EGRESS_ONLY_GATEWAY,
    ),
    natGateways,
    endpoints: inVpcs(
      records.endpoints,
      ({ VpcId }) => VpcId,
      ({ ServiceName }) => ServiceName.split('.').at(-1) ?? null,
    ),
    loadBalancers: inVpcs(
      records.loadBalancers,
      ({ VpcId }) => VpcId,
      ({ LoadBalancerName }) => LoadBalancerName,
    ),
    targetGroups: inVpcs(
      records.targetGroups,
      ({ VpcId }) => VpcId,
      ({ TargetGroupName }) => TargetGroupName,
    ),
    peerings: nameAll(
      Array.from(records.peerings, ([id, { Tags }]) => ({ id, wish: nameTag(Tags) })),
    ),
    elasticAddresses: nameAll(
      [...records.addresses].flatMap(([id, address]) =>
        isAskedForByOwner(address, records, natGateways)
          ? []
          : [{ id, wish: nameTag(address.Tags) }],
      ),
    ),
  };
}

/** Those of load balancers are in answers of their own. */
function tagsOf(row: { readonly Tags?: AwsTags }): AwsTags {
  return row.Tags ?? [];
}

/** A lab file asks for it without a name: so it did before, or the address itself cannot be had in a lab. */
function isAskedForByOwner(
  { AllocationId, PublicIp, NetworkInterfaceId, Tags }: AwsAddress,
  records: AwsRecords,
  natGateways: ReadonlyMap<string, string>,
): boolean {
  if (NetworkInterfaceId === undefined) return false;
  const nat = [...records.natGateways].find(([, { NatGatewayAddresses }]) =>
    NatGatewayAddresses.some((each) => each.AllocationId === AllocationId),
  );
  const name = nameTag(Tags);
  if (!isOfPool(PublicIp)) return true;
  if (nat !== undefined) return name === natGateways.get(nat[0]);
  const eni = records.interfaces.get(NetworkInterfaceId);
  const instance = records.instances.get(eni?.Attachment?.InstanceId ?? '');
  const isFirst = eni?.Attachment?.DeviceIndex === 0;
  const owner = isFirst ? nameTag(instance?.Tags ?? []) : nameTag(eni?.TagSet ?? []);
  return name !== null && name === owner;
}

/** @returns true for an address that a lab can allocate. */
export function isOfPool(text: string): boolean {
  const address = parseIpv4(text);
  return address !== null && ipv4Contains(DEFAULT_SETTINGS.elasticAddressPool, address);
}

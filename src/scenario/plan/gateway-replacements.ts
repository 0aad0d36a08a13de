/** Which gateways, peerings and addresses of a running lab cannot be changed into what the lab file says. */
import { formatIpv4 } from '../../addr/ipv4.ts';
import { isSameRealm } from '../../model/realm.ts';
import type { Lab } from '../lab.ts';
import { type CurrentLab, realmOfRow } from './current.ts';
import { changed, leaving } from './departing.ts';

/** Why one must go, by its name; those that stay are not in the maps. */
export interface GatewayDepartures {
  readonly internetGateways: ReadonlyMap<string, string>;
  readonly egressOnlyGateways: ReadonlyMap<string, string>;
  readonly natGateways: ReadonlyMap<string, string>;
  readonly endpoints: ReadonlyMap<string, string>;
  readonly peerings: ReadonlyMap<string, string>;
  readonly elasticAddresses: ReadonlyMap<string, string>;
}

/** What goes with its VPC or its subnet. */
interface Grounds {
  readonly vpcs: ReadonlyMap<string, string>;
  readonly subnets: ReadonlyMap<string, string>;
}

export function findGatewayDepartures(
  lab: Lab,
  current: CurrentLab,
  { vpcs, subnets }: Grounds,
): GatewayDepartures {
  const withVpc = ({ vpc }: { readonly vpc: string }) =>
    vpcs.has(vpc) ? `VPC ${vpc} is made again` : null;
  const elasticAddresses = leaving(
    current.elasticAddresses,
    lab.elasticAddresses,
    ({ allocationId, publicAddr }, { realm, address }) => {
      const now = realmOfRow(current, 'elasticAddresses', allocationId, lab.home);
      if (!isSameRealm(now, realm)) return changed('region', now.region, realm.region);
      if (address === null || address === publicAddr) return null;
      return changed('address', formatIpv4(publicAddr), formatIpv4(address));
    },
  );
  const natGateways = leaving(current.natGateways, lab.natGateways, (now, wanted) => {
    if (subnets.has(wanted.subnet)) return `subnet ${wanted.subnet} is made again`;
    const subnet = current.subnetKeys.get(now.subnetId) ?? now.subnetId;
    if (subnet !== wanted.subnet) return changed('subnet', subnet, wanted.subnet);
    if (now.connectivity !== wanted.connectivity)
      return changed('connectivity', now.connectivity, wanted.connectivity);
    const { elasticAddress: name, privateAddress } = wanted;
    if (name !== null) {
      const address = elasticAddresses.has(name) ? undefined : current.elasticAddresses.get(name);
      if (address?.allocationId !== now.allocationId) return `its address changed to ${name}`;
    }
    if (privateAddress === null || privateAddress === now.privateAddr) return null;
    const from = now.privateAddr === null ? 'none' : formatIpv4(now.privateAddr);
    return changed('private address', from, formatIpv4(privateAddress));
  });
  const peerings = leaving(current.peerings, lab.peerings, (now, { from, to, isAccepted }) => {
    const isAt = (side: { readonly vpcId: string }, vpc: string) =>
      !vpcs.has(vpc) && current.vpcs.get(vpc)?.vpcId === side.vpcId;
    if (!isAt(now.requester, from) || !isAt(now.accepter, to))
      return `it is between ${from} and ${to} now`;
    return now.status.code === 'active' && !isAccepted ? 'it is not to be accepted' : null;
  });
  return {
    internetGateways: leaving(current.internetGateways, lab.internetGateways, (_, wanted) =>
      withVpc(wanted),
    ),
    egressOnlyGateways: leaving(current.egressOnlyGateways, lab.egressOnlyGateways, (_, wanted) =>
      withVpc(wanted),
    ),
    natGateways,
    endpoints: leaving(current.endpoints, lab.endpoints, ({ serviceName }, wanted) => {
      const isSame = serviceName.endsWith(`.${wanted.service}`);
      return withVpc(wanted) ?? (isSame ? null : `its service changed to ${wanted.service}`);
    }),
    peerings,
    elasticAddresses,
  };
}

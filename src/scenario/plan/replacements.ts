/** Which objects of a running lab cannot be changed into what the lab file says, and why. */
import { cidrEquals, formatCidr, type Ipv4Cidr, type Ipv6Cidr } from '../../addr/cidr.ts';
import { formatIpv4 } from '../../addr/ipv4.ts';
import { isSameRealm } from '../../model/realm.ts';
import type { Eni, Subnet } from '../../model/records.ts';
import type { Lab, LabInstance, LabInterface, LabSubnet } from '../lab.ts';
import type { CurrentLab } from './current.ts';
import { changed, leaving, REMOVED } from './departing.ts';
import { findGatewayDepartures, type GatewayDepartures } from './gateway-replacements.ts';
import {
  findLoadBalancingDepartures,
  type LoadBalancingDepartures,
} from './load-balancing-replacements.ts';

/** Why an object must go, by its name; those that stay are not in the maps. */
export interface Departures extends GatewayDepartures, LoadBalancingDepartures {
  readonly vpcs: ReadonlyMap<string, string>;
  readonly subnets: ReadonlyMap<string, string>;
  readonly interfaces: ReadonlyMap<string, string>;
  readonly instances: ReadonlyMap<string, string>;
}

export function findDepartures(
  lab: Lab,
  current: CurrentLab,
  imageIdOf: (instance: string) => string,
): Departures {
  const vpcs = leaving(current.vpcs, lab.vpcs, (vpc, wanted) => {
    if (!isSameRealm(vpc.realm, wanted.realm)) {
      return changed('region', vpc.realm.region, wanted.realm.region);
    }
    const [now] = vpc.cidrs;
    const [block] = wanted.cidrs;
    if (block !== undefined && !cidrEquals(now.cidr, block)) {
      return changed('primary block', formatCidr(now.cidr), formatCidr(block));
    }
    return ipv6Change(vpc, wanted.ipv6);
  });
  const subnets = leaving(current.subnets, lab.subnets, (subnet, wanted) => {
    if (vpcs.has(wanted.vpc)) return `VPC ${wanted.vpc} is made again`;
    return subnetChange(subnet, wanted);
  });
  for (const [key] of current.subnets) {
    const vpc = key.slice(0, key.indexOf('/'));
    if (vpcs.has(vpc) && !subnets.has(key)) subnets.set(key, REMOVED);
  }
  const placeChange = (eni: Eni | undefined, wanted: LabInterface | LabInstance): string | null => {
    if (subnets.has(wanted.subnet) && current.subnets.has(wanted.subnet)) {
      return `subnet ${wanted.subnet} is made again`;
    }
    if (eni === undefined) return null;
    const subnet = current.subnetKeys.get(eni.subnetId) ?? eni.subnetId;
    if (subnet !== wanted.subnet) return changed('subnet', subnet, wanted.subnet);
    const [primary] = eni.addresses;
    if (wanted.address === null || wanted.address === primary) return null;
    const now = primary === undefined ? 'none' : formatIpv4(primary);
    return changed('address', now, formatIpv4(wanted.address));
  };
  const interfaces = leaving(current.interfaces, lab.interfaces, placeChange);
  const instances = leaving(current.instances, lab.instances, (instance, wanted) => {
    if (instance.imageId !== imageIdOf(wanted.name)) return 'its launch settings changed';
    if (wanted.type !== null && instance.instanceType !== wanted.type) {
      return changed('type', instance.instanceType, wanted.type);
    }
    // A script has run already, and runs once.
    if (instance.options.userData !== wanted.userData) return 'its user data changed';
    const eni = current.primaryEnis.get(instance.instanceId);
    return placeChange(eni, wanted) ?? publicChange(eni, wanted, lab);
  });
  const gateways = findGatewayDepartures(lab, current, { vpcs, subnets });
  const balancing = findLoadBalancingDepartures(lab, current, { vpcs, subnets });
  return { vpcs, subnets, interfaces, instances, ...gateways, ...balancing };
}

/** AWS gives an instance its public address at the launch only (ENI-10). */
function publicChange(
  eni: Eni | undefined,
  { publicAddress, subnet }: LabInstance,
  lab: Lab,
): string | null {
  const isPublic = (eni?.autoPublicAddress ?? null) !== null;
  if (eni === undefined || (publicAddress === 'auto') === isPublic) return null;
  // Without a word in the file it stays as the subnet had it at the launch.
  const isOfSubnet =
    publicAddress === null && lab.subnets.get(subnet)?.mapPublicIpOnLaunch === true;
  if (isOfSubnet) return null;
  return changed('public address', isPublic ? 'auto' : 'none', isPublic ? 'none' : 'auto');
}

function subnetChange(
  subnet: Pick<Subnet, 'cidr' | 'ipv6Cidrs' | 'availabilityZone'>,
  wanted: LabSubnet,
): string | null {
  const [now, block] = [blockText(subnet.cidr), blockText(wanted.cidr)];
  if (now !== block) return changed('block', now, block);
  if (subnet.availabilityZone !== wanted.zone) {
    return changed('zone', subnet.availabilityZone, wanted.zone);
  }
  return ipv6Change(subnet, wanted.ipv6);
}

function blockText(cidr: Ipv4Cidr | null): string {
  return cidr === null ? 'none' : formatCidr(cidr);
}

/** A block can be added to what runs; another one, or none, makes it anew. */
function ipv6Change(
  { ipv6Cidrs }: Pick<Subnet, 'ipv6Cidrs'>,
  wanted: Ipv6Cidr | null,
): string | null {
  const [now] = ipv6Cidrs;
  if (now === undefined || (wanted !== null && cidrEquals(now.cidr, wanted))) return null;
  return changed('IPv6 block', formatCidr(now.cidr), wanted === null ? 'none' : formatCidr(wanted));
}

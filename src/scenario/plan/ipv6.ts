/** Plans what IPv6 adds to a lab: blocks of VPCs and subnets, and addresses of what runs already. */
import type { ActionInput } from '../../actions/action.ts';
import { cidrEquals, formatCidr, type Ipv6Cidr } from '../../addr/cidr.ts';
import { formatIpv6, type Ipv6Addr } from '../../addr/ipv6.ts';
import type { Realm } from '../../model/realm.ts';
import type { Eni } from '../../model/records.ts';
import type { LabInstance, LabInterface } from '../lab.ts';
import { kept, type PlanContext, realmOf } from './context.ts';
import type { FreeAddresses } from './free-addresses.ts';
import { reference } from './planned-action.ts';

/** The pool that the blocks of lab files are from: a lab knows its block before its VPC is there. */
const POOL = 'ipv6pool-ec2-0vpclab';

/** @returns the parameters that give a VPC its block, as CreateVpc and AssociateVpcCidrBlock take them. */
export function vpcIpv6Input(cidr: Ipv6Cidr | null): ActionInput {
  return cidr === null ? {} : { Ipv6Pool: POOL, Ipv6CidrBlock: formatCidr(cidr) };
}

/** Blocks for VPCs that stay and had none; another block makes the VPC anew. */
export function planVpcIpv6({ lab, current, departures, plan }: PlanContext): void {
  for (const { name, realm, ipv6 } of lab.vpcs.values()) {
    const now = kept(current.vpcs, departures.vpcs, name);
    if (now === undefined || ipv6 === null) continue;
    if (now.ipv6Cidrs.some(({ cidr }) => cidrEquals(cidr, ipv6))) continue;
    const input = { VpcId: reference('vpc', name), ...vpcIpv6Input(ipv6) };
    const reason = `block ${formatCidr(ipv6)} is not there yet`;
    plan.add('AssociateVpcCidrBlock', input, { realm, subject: `VPC ${name}`, reason });
  }
}

/** As `planVpcIpv6`, for subnets. */
export function planSubnetIpv6(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  for (const { key, ipv6 } of lab.subnets.values()) {
    const now = kept(current.subnets, departures.subnets, key);
    if (now === undefined || ipv6 === null || now.ipv6Cidrs.length > 0) continue;
    const input = { SubnetId: reference('subnet', key), Ipv6CidrBlock: formatCidr(ipv6) };
    const reason = `block ${formatCidr(ipv6)} is not there yet`;
    const realm = realmOf(context, key);
    plan.add('AssociateSubnetCidrBlock', input, { realm, subject: `subnet ${key}`, reason });
  }
}

/** @returns the IPv6 addresses of a new interface, as CreateNetworkInterface and RunInstances take them. */
export function ipv6AddressesOf(
  owner: LabInterface | LabInstance,
  free: FreeAddresses,
): ActionInput {
  const addresses = owner.ipv6Addresses ?? free.takeIpv6(owner.subnet);
  if (addresses.length === 0) return {};
  return { Ipv6Addresses: addresses.map((addr) => ({ Ipv6Address: formatIpv6(addr) })) };
}

/** Addresses do not move from one interface to another (ENI-7), so all go before any come. */
export function planIpv6Addresses(context: PlanContext): void {
  const { lab, current, departures, free, plan } = context;
  const owners: [owner: LabInterface | LabInstance, name: string, now: Eni | undefined][] = [];
  for (const each of lab.interfaces.values()) {
    owners.push([each, each.name, kept(current.interfaces, departures.interfaces, each.name)]);
  }
  for (const each of lab.instances.values()) {
    const instance = kept(current.instances, departures.instances, each.name);
    const eni = instance === undefined ? undefined : current.primaryEnis.get(instance.instanceId);
    owners.push([each, `${each.name}.eth0`, eni]);
  }
  const coming: [name: string, realm: Realm, addresses: readonly Ipv6Addr[]][] = [];
  plan.nextStage();
  for (const [owner, name, now] of owners) {
    if (now === undefined) continue;
    const kept = now.ipv6Addresses;
    // Without addresses in the file, any one will do.
    const automatic = kept.length > 0 ? kept : free.takeIpv6(owner.subnet);
    const wanted = owner.ipv6Addresses ?? automatic;
    const realm = realmOf(context, owner.subnet);
    coming.push([name, realm, wanted.filter((addr) => !kept.includes(addr))]);
    const leaving = kept.filter((addr) => !wanted.includes(addr)).map(formatIpv6);
    if (leaving.length === 0) continue;
    const input = {
      NetworkInterfaceId: reference('interface', name),
      Ipv6Addresses: leaving,
    };
    const reason = `${leaving.join(', ')} not in the lab file any more`;
    plan.add('UnassignIpv6Addresses', input, { realm, subject: `interface ${name}`, reason });
  }
  plan.nextStage();
  for (const [name, realm, addresses] of coming) {
    if (addresses.length === 0) continue;
    const texts = addresses.map(formatIpv6);
    const input = { NetworkInterfaceId: reference('interface', name), Ipv6Addresses: texts };
    const reason = `${texts.join(', ')} not there yet`;
    plan.add('AssignIpv6Addresses', input, { realm, subject: `interface ${name}`, reason });
  }
}

/** Subnets in AWS's shape. */
import { formatCidr } from '../../addr/cidr.ts';
import type { Ipv6CidrAssociation, Subnet } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isIpv6Only } from '../../model/subnets.ts';
import { cidrState } from '../../model/transitions.ts';
import { zoneId } from '../../model/zones.ts';
import type { ActionOutput } from '../action.ts';
import { availableIpv4Count } from '../interfaces/subnet-addresses.ts';
import { tagSet } from '../tag-set.ts';

/** AWS's `Subnet`. */
export function subnetShape(subnet: Subnet, snapshot: Snapshot): ActionOutput {
  return {
    SubnetId: subnet.subnetId,
    SubnetArn: `arn:aws:ec2:${snapshot.region}:${snapshot.accountId}:subnet/${subnet.subnetId}`,
    VpcId: subnet.vpcId,
    State: 'available',
    CidrBlock: subnet.cidr === null ? undefined : formatCidr(subnet.cidr),
    AvailabilityZone: subnet.availabilityZone,
    AvailableIpAddressCount: availableIpv4Count(snapshot, subnet),
    AvailabilityZoneId: zoneId(snapshot, subnet.availabilityZone),
    DefaultForAz: subnet.isDefault,
    MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
    AssignIpv6AddressOnCreation: subnet.assignIpv6AddressOnCreation,
    EnableDns64: subnet.enableDns64,
    Ipv6Native: isIpv6Only(subnet),
    Ipv6CidrBlockAssociationSet: subnet.ipv6Cidrs.map((each) =>
      ipv6CidrShape(each, cidrState(each, snapshot)),
    ),
    PrivateDnsNameOptionsOnLaunch: hostnameOptions(subnet),
    OwnerId: snapshot.accountId,
    Tags: tagSet(subnet.tags),
  };
}

/** @returns how instances of the subnet are named: after their ids where there is no IPv4. @source DNS-2 */
export function hostnameOptions(subnet: Subnet): ActionOutput {
  const byId = isIpv6Only(subnet);
  return {
    HostnameType: byId ? 'resource-name' : 'ip-name',
    EnableResourceNameDnsARecord: false,
    EnableResourceNameDnsAAAARecord: byId,
  };
}

/** @param state Such as `associated`. */
export function ipv6CidrShape(association: Ipv6CidrAssociation, state: string): ActionOutput {
  return {
    AssociationId: association.associationId,
    Ipv6CidrBlock: formatCidr(association.cidr),
    Ipv6CidrBlockState: { State: state },
  };
}

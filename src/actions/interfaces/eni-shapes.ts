/** Network interfaces in AWS's shape: alone, and as a part of an instance. */
import { formatCidr } from '../../addr/cidr.ts';
import { formatIpv4, type Ipv4Addr } from '../../addr/ipv4.ts';
import { formatIpv6 } from '../../addr/ipv6.ts';
import { formatMac } from '../../addr/mac.ts';
import type { LoadBalancerArn, NatGatewayId, TransitGatewayAttachmentId } from '../../model/ids.ts';
import { eniDnsName, privateDnsName } from '../../model/names.ts';
import type { Eni, EniAttachment } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isIpv6Only } from '../../model/subnets.ts';
import { stateOf } from '../../model/transitions.ts';
import type { ActionOutput } from '../action.ts';
import { type AssociationShape, associationShape } from '../edges/association-shapes.ts';
import { groupIdentifiers } from '../filters/security-group-shapes.ts';
import { subnetOf } from '../lookup.ts';
import { tagSet } from '../tag-set.ts';
import { trackingShape } from './eni-groups.ts';

/** What both shapes have. @param publicSide What the shape tells of an association. */
function commonShape(
  eni: Eni,
  snapshot: Snapshot,
  publicSide: (association: AssociationShape) => ActionOutput,
): ActionOutput {
  const associationOf = (addr: Ipv4Addr | undefined): ActionOutput | undefined => {
    const association = associationShape(snapshot, eni, addr);
    return association && publicSide(association);
  };
  const [primary] = eni.addresses;
  const prefixes = (family: 4 | 6): string[] =>
    eni.prefixes.filter((prefix) => prefix.family === family).map(formatCidr);
  const ipv4Prefixes = prefixes(4).map((Ipv4Prefix) => ({ Ipv4Prefix }));
  const ipv6Prefixes = prefixes(6).map((Ipv6Prefix) => ({ Ipv6Prefix }));
  return {
    NetworkInterfaceId: eni.eniId,
    SubnetId: eni.subnetId,
    VpcId: eni.vpcId,
    Description: eni.description,
    OwnerId: snapshot.accountId,
    Status: eniStatus(eni, snapshot),
    MacAddress: formatMac(eni.mac),
    InterfaceType: interfaceType(eni, snapshot),
    SourceDestCheck: eni.sourceDestCheck,
    PrivateIpAddress: primary === undefined ? undefined : formatIpv4(primary),
    PrivateDnsName: eniDnsName(snapshot.region, eni) ?? undefined,
    Association: associationOf(primary),
    PrivateIpAddresses: eni.addresses.map((addr, index) => ({
      Primary: index === 0,
      PrivateIpAddress: formatIpv4(addr),
      PrivateDnsName: privateDnsName(snapshot.region, addr),
      Association: associationOf(addr),
    })),
    Ipv6Addresses: eni.ipv6Addresses.map((addr, index) => ({
      Ipv6Address: formatIpv6(addr),
      IsPrimaryIpv6: eni.hasPrimaryIpv6 && index === 0,
    })),
    Ipv4Prefixes: ipv4Prefixes.length === 0 ? undefined : ipv4Prefixes,
    Ipv6Prefixes: ipv6Prefixes.length === 0 ? undefined : ipv6Prefixes,
    Groups: groupIdentifiers(snapshot, eni.groupIds),
    ConnectionTrackingConfiguration: trackingShape(eni.connectionTracking),
  };
}

export function eniStatus(eni: Eni, snapshot: Snapshot): 'pending' | 'available' | 'in-use' {
  const isFree = attachmentOf(eni, snapshot) === null && eni.madeFor === null;
  return isFree ? stateOf(snapshot, eni.eniId, 'available') : 'in-use';
}

/** @returns the attachment that is told: also one that is detaching. */
export function attachmentOf(eni: Eni, { transitions }: Snapshot): EniAttachment | null {
  return eni.attachment ?? transitions.get(eni.eniId)?.attachment ?? null;
}

export function attachmentStatus({ eniId, attachment }: Eni, snapshot: Snapshot): string {
  return attachment === null
    ? stateOf(snapshot, eniId, 'detached')
    : stateOf(snapshot, attachment.attachmentId, 'attached');
}

/** AWS's word for what the interface is of. */
export function interfaceType({ madeFor }: Eni, { vpcEndpoints }: Snapshot): string {
  if (madeFor === null) return 'interface';
  if (isNatGatewayId(madeFor)) return 'nat_gateway';
  if (isTransitAttachmentId(madeFor)) return 'transit_gateway';
  if (isLoadBalancerArn(madeFor)) return 'gateway_load_balancer';
  const isBalanced = vpcEndpoints.get(madeFor)?.type === 'GatewayLoadBalancer';
  return isBalanced ? 'gateway_load_balancer_endpoint' : 'vpc_endpoint';
}

type MadeFor = NonNullable<Eni['madeFor']>;

function isNatGatewayId(id: MadeFor): id is NatGatewayId {
  return id.startsWith('nat-');
}

function isTransitAttachmentId(id: MadeFor): id is TransitGatewayAttachmentId {
  return id.startsWith('tgw-');
}

function isLoadBalancerArn(id: MadeFor): id is LoadBalancerArn {
  return id.startsWith('arn:');
}

function attachmentShape(attachment: EniAttachment, status: string): ActionOutput {
  return {
    AttachmentId: attachment.attachmentId,
    DeviceIndex: attachment.deviceIndex,
    NetworkCardIndex: 0,
    DeleteOnTermination: attachment.deleteOnTermination,
    Status: status,
  };
}

/** AWS's `NetworkInterfaceAttachment`. */
export function ownAttachmentShape(eni: Eni, snapshot: Snapshot): ActionOutput | undefined {
  const attachment = attachmentOf(eni, snapshot);
  if (attachment === null) return undefined;
  return {
    ...attachmentShape(attachment, attachmentStatus(eni, snapshot)),
    InstanceId: attachment.instanceId,
    InstanceOwnerId: snapshot.accountId,
  };
}

/** AWS's `NetworkInterface`. */
export function eniShape(eni: Eni, snapshot: Snapshot): ActionOutput {
  const subnet = subnetOf(snapshot, eni);
  return {
    ...commonShape(eni, snapshot, (association) => ({ ...association })),
    AvailabilityZone: subnet.availabilityZone,
    Ipv6Native: isIpv6Only(subnet),
    RequesterManaged: eni.madeFor !== null,
    Attachment: ownAttachmentShape(eni, snapshot),
    TagSet: tagSet(eni.tags),
  };
}

/** AWS's `InstanceNetworkInterface`. */
export function instanceEniShape(eni: Eni, snapshot: Snapshot): ActionOutput {
  return {
    ...commonShape(eni, snapshot, ({ PublicIp, PublicDnsName, IpOwnerId }) => ({
      PublicIp,
      PublicDnsName,
      IpOwnerId,
    })),
    Attachment:
      eni.attachment === null
        ? undefined
        : attachmentShape(eni.attachment, attachmentStatus(eni, snapshot)),
  };
}

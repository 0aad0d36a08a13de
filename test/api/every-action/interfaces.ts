/** Network interfaces and their addresses. */
import {
  INSTANCE,
  INTERFACE,
  InstanceId,
  ipv6Vpc,
  NetworkInterfaceId,
  NO_ONE,
  SUBNET,
  SubnetId,
  VPC,
  VpcId,
} from './network.ts';
import { gives, ref, refuses, type Story } from './story.ts';

const NO_ENI = `eni-${NO_ONE}`;
const AttachmentId = ref('attachment.AttachmentId');

const interfaces: Story = {
  title: 'network interfaces',
  calls: [
    VPC,
    SUBNET,
    INTERFACE,
    refuses(
      'CreateNetworkInterface',
      { SubnetId, PrivateIpAddress: '10.0.1.20' },
      'InvalidIPAddress.InUse',
      'Address 10.0.1.20 is in use.',
    ),
    INSTANCE,
    gives(
      'AttachNetworkInterface',
      { NetworkInterfaceId, InstanceId, DeviceIndex: 1 },
      { AttachmentId: /^eni-attach-0/ },
      'attachment',
    ),
    refuses(
      'AttachNetworkInterface',
      { NetworkInterfaceId: NO_ENI, InstanceId, DeviceIndex: 2 },
      'InvalidNetworkInterfaceID.NotFound',
      `The networkInterface ID '${NO_ENI}' does not exist`,
    ),
    gives(
      'DescribeNetworkInterfaces',
      { Filters: [{ Name: 'attachment.instance-id', Values: [InstanceId] }] },
      {
        NetworkInterfaces: [
          { VpcId, Attachment: { AttachmentId, DeviceIndex: 1, DeleteOnTermination: false } },
          { VpcId, Attachment: { DeviceIndex: 0, Status: 'attached' } },
        ],
      },
    ),
    refuses(
      'DescribeNetworkInterfaces',
      { NetworkInterfaceIds: ['eni-1'] },
      'InvalidNetworkInterfaceId.Malformed',
      'Invalid id: "eni-1"',
    ),
    gives(
      'ModifyNetworkInterfaceAttribute',
      { NetworkInterfaceId, Attachment: { AttachmentId, DeleteOnTermination: true } },
      {},
    ),
    refuses(
      'ModifyNetworkInterfaceAttribute',
      { NetworkInterfaceId, Groups: [`sg-${NO_ONE}`] },
      'InvalidSecurityGroupID.NotFound',
      `The securityGroup ID 'sg-${NO_ONE}' does not exist`,
    ),
    refuses('DeleteNetworkInterface', { NetworkInterfaceId }, 'InvalidParameterValue'),
    refuses(
      'DetachNetworkInterface',
      { AttachmentId: `eni-attach-${NO_ONE}` },
      'InvalidAttachmentID.NotFound',
    ),
    gives('DetachNetworkInterface', { AttachmentId }, {}),
    gives('DeleteNetworkInterface', { NetworkInterfaceId }, {}),
  ],
};

const addresses: Story = {
  title: 'addresses of interfaces',
  calls: [
    ipv6Vpc('2001:db8:2:100::/56'),
    gives(
      'CreateSubnet',
      { VpcId, CidrBlock: '10.0.1.0/24', Ipv6CidrBlock: '2001:db8:2:101::/64' },
      { Subnet: { VpcId } },
      'subnet',
    ),
    INTERFACE,
    gives(
      'AssignPrivateIpAddresses',
      { NetworkInterfaceId, PrivateIpAddresses: ['10.0.1.21', '10.0.1.22'] },
      {
        NetworkInterfaceId,
        AssignedPrivateIpAddresses: [
          { PrivateIpAddress: '10.0.1.21' },
          { PrivateIpAddress: '10.0.1.22' },
        ],
      },
    ),
    refuses(
      'AssignPrivateIpAddresses',
      { NetworkInterfaceId, PrivateIpAddresses: ['10.0.2.21'] },
      'InvalidParameterValue',
    ),
    gives(
      'UnassignPrivateIpAddresses',
      { NetworkInterfaceId, PrivateIpAddresses: ['10.0.1.21'] },
      {},
    ),
    refuses(
      'UnassignPrivateIpAddresses',
      { NetworkInterfaceId, PrivateIpAddresses: ['10.0.1.21'] },
      'InvalidParameterValue',
    ),
    gives(
      'AssignIpv6Addresses',
      { NetworkInterfaceId, Ipv6Addresses: ['2001:db8:2:101::7'] },
      { NetworkInterfaceId, AssignedIpv6Addresses: ['2001:db8:2:101::7'] },
    ),
    refuses(
      'AssignIpv6Addresses',
      { NetworkInterfaceId, Ipv6Addresses: ['2001:db8:2:102::7'] },
      'InvalidParameterValue',
    ),
    gives(
      'UnassignIpv6Addresses',
      { NetworkInterfaceId, Ipv6Addresses: ['2001:db8:2:101::7'] },
      { NetworkInterfaceId, UnassignedIpv6Addresses: ['2001:db8:2:101::7'] },
    ),
    refuses(
      'UnassignIpv6Addresses',
      { NetworkInterfaceId: NO_ENI, Ipv6Addresses: ['2001:db8:2:101::7'] },
      'InvalidNetworkInterfaceID.NotFound',
    ),
  ],
};

export const INTERFACE_STORIES: readonly Story[] = [interfaces, addresses];

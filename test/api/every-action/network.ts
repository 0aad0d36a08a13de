/** The one network in which most stories begin. */
import { type Call, gives, ref } from './story.ts';

const CidrBlock = '10.0.0.0/16';

export const VPC: Call = gives('CreateVpc', { CidrBlock }, { Vpc: { CidrBlock } }, 'vpc');

/** A VPC with an IPv6 block, which no other story has. */
export function ipv6Vpc(Ipv6CidrBlock: string): Call {
  const Ipv6Pool = 'ipv6pool-ec2-0123456789abcdef0';
  const Ipv6CidrBlockAssociationSet = [{ Ipv6CidrBlock }];
  return gives(
    'CreateVpc',
    { CidrBlock, Ipv6Pool, Ipv6CidrBlock },
    { Vpc: { Ipv6CidrBlockAssociationSet } },
    'vpc',
  );
}

export const VpcId = ref('vpc.Vpc.VpcId');

export const SUBNET: Call = gives(
  'CreateSubnet',
  { VpcId, CidrBlock: '10.0.1.0/24', AvailabilityZone: 'us-east-1a' },
  { Subnet: { VpcId, AvailableIpAddressCount: 251 } },
  'subnet',
);
export const SubnetId = ref('subnet.Subnet.SubnetId');

export const INTERFACE: Call = gives(
  'CreateNetworkInterface',
  { SubnetId, PrivateIpAddress: '10.0.1.20', Description: 'spare', ClientToken: 'eni' },
  { NetworkInterface: { SubnetId, PrivateIpAddress: '10.0.1.20', Description: 'spare' } },
  'eni',
);
export const NetworkInterfaceId = ref('eni.NetworkInterface.NetworkInterfaceId');

export const ImageId = 'ami-00000000000000001';
const START = '2020-05-01T12:00:00.000Z';

export const INSTANCE: Call = gives(
  'RunInstances',
  { ImageId, MinCount: 1, MaxCount: 1, SubnetId, InstanceType: 't3.micro', ClientToken: 'run' },
  { Instances: [{ ImageId, State: { Code: 0, Name: 'pending' }, SubnetId, LaunchTime: START }] },
  'run',
);
export const InstanceId = ref('run.Instances.0.InstanceId');

/** Of an object of any kind: well formed, and nobody's. */
export const NO_ONE = '0123456789abcdef0';

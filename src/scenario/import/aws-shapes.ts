/**
 * The members that an import reads of AWS's objects, as the AWS CLI prints them. Members that are not
 * named here are passed over, so what AWS adds tomorrow does no harm. The `error` of each part is
 * the text of what was wanted.
 */
import { z } from 'zod';
import { parseIpv4Cidr, parseIpv6Cidr } from '../../addr/cidr.ts';
import { parseIpv4 } from '../../addr/ipv4.ts';
import { parseIpv6 } from '../../addr/ipv6.ts';

export const text = z.string({ error: 'text' });
export const number = z.number({ error: 'a number' });
export const flag = z.boolean({ error: 'true or false' });

function parsed(wanted: string, accepts: (value: string) => boolean) {
  return z.string({ error: wanted }).refine(accepts, { error: wanted });
}

export const ipv4 = parsed('an IPv4 address', (value) => parseIpv4(value) !== null);
const ipv6 = parsed('an IPv6 address', (value) => parseIpv6(value) !== null);
const ipv4Block = parsed('an IPv4 block', (value) => parseIpv4Cidr(value) !== null);
const ipv6Block = parsed('an IPv6 block', (value) => parseIpv6Cidr(value) !== null);
const block = parsed(
  'a CIDR block',
  (value) => parseIpv4Cidr(value) !== null || parseIpv6Cidr(value) !== null,
);

export function record<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.object(shape, { error: 'an object' });
}

export function list<Item extends z.ZodType>(item: Item) {
  return z.array(item, { error: 'a list' }).default([]);
}

export const tags = list(record({ Key: text, Value: text.default('') }));
const state = record({ State: text.optional() }).optional();
const ipv6Blocks = list(record({ Ipv6CidrBlock: ipv6Block, Ipv6CidrBlockState: state }));

export const awsVpc = record({
  VpcId: text,
  CidrBlock: ipv4Block,
  CidrBlockAssociationSet: list(record({ CidrBlock: ipv4Block, CidrBlockState: state })),
  Ipv6CidrBlockAssociationSet: ipv6Blocks,
  DhcpOptionsId: text.optional(),
  IsDefault: flag.default(false),
  Tags: tags,
});

/** One attribute an answer, as AWS has it. */
export const awsVpcAttribute = record({
  VpcId: text,
  EnableDnsSupport: record({ Value: flag }).optional(),
  EnableDnsHostnames: record({ Value: flag }).optional(),
});

export const awsSubnet = record({
  SubnetId: text,
  VpcId: text,
  AvailabilityZone: text,
  CidrBlock: ipv4Block.optional(),
  Ipv6CidrBlockAssociationSet: ipv6Blocks,
  MapPublicIpOnLaunch: flag.default(false),
  EnableDns64: flag.default(false),
  Tags: tags,
});

export const awsCidrReservation = record({ SubnetId: text, Cidr: block, ReservationType: text });

const attachment = record({
  InstanceId: text.optional(),
  DeviceIndex: number.optional(),
  NetworkCardIndex: number.default(0),
});

const addressed = {
  NetworkInterfaceId: text,
  SubnetId: text.optional(),
  Description: text.default(''),
  InterfaceType: text.default('interface'),
  PrivateIpAddress: ipv4.optional(),
  PrivateIpAddresses: list(record({ PrivateIpAddress: ipv4, Primary: flag.default(false) })),
  Ipv6Addresses: list(record({ Ipv6Address: ipv6 })),
  Ipv4Prefixes: list(record({})),
  Ipv6Prefixes: list(record({})),
  Groups: list(record({ GroupId: text })),
  SourceDestCheck: flag.default(true),
  ConnectionTrackingConfiguration: record({
    TcpEstablishedTimeout: number.optional(),
    UdpTimeout: number.optional(),
    UdpStreamTimeout: number.optional(),
  }).optional(),
  /** IpOwnerId is `amazon` for an address that is none of the account. */
  Association: record({ IpOwnerId: text.optional() }).optional(),
  Attachment: attachment.optional(),
};

export const awsInterface = record({
  ...addressed,
  RequesterManaged: flag.default(false),
  TagSet: tags,
});

const switched = z.enum(['enabled', 'disabled']).optional();

const metadataOptions = record({
  HttpTokens: z.enum(['optional', 'required']).optional(),
  HttpPutResponseHopLimit: number.optional(),
  HttpEndpoint: switched,
  HttpProtocolIpv6: switched,
  InstanceMetadataTags: switched,
});

const awsInstance = record({
  InstanceId: text,
  ImageId: text.optional(),
  InstanceType: text.optional(),
  State: record({ Name: text }).optional(),
  SubnetId: text.optional(),
  IamInstanceProfile: record({ Arn: text }).optional(),
  MetadataOptions: metadataOptions.optional(),
  NetworkInterfaces: list(record(addressed)),
  Tags: tags,
});

export const awsReservation = record({ Instances: list(awsInstance) });

/** A target is any of a dozen members, so a route keeps what it has. */
const awsRoute = z.looseObject(
  {
    DestinationCidrBlock: ipv4Block.optional(),
    DestinationIpv6CidrBlock: ipv6Block.optional(),
    DestinationPrefixListId: text.optional(),
    GatewayId: text.optional(),
    NetworkInterfaceId: text.optional(),
    InstanceId: text.optional(),
    Origin: text.optional(),
  },
  { error: 'an object' },
);

export const awsRouteTable = record({
  RouteTableId: text,
  VpcId: text,
  Routes: list(awsRoute),
  Associations: list(
    record({ Main: flag.default(false), SubnetId: text.optional(), GatewayId: text.optional() }),
  ),
  PropagatingVgws: list(record({ GatewayId: text })),
  Tags: tags,
});

const described = { Description: text.optional() };

const awsPermission = record({
  IpProtocol: text,
  FromPort: number.optional(),
  ToPort: number.optional(),
  IpRanges: list(record({ CidrIp: ipv4Block, ...described })),
  Ipv6Ranges: list(record({ CidrIpv6: ipv6Block, ...described })),
  UserIdGroupPairs: list(
    record({ GroupId: text.optional(), UserId: text.optional(), ...described }),
  ),
  PrefixListIds: list(record({ PrefixListId: text, ...described })),
});

export const awsSecurityGroup = record({
  GroupId: text,
  GroupName: text,
  Description: text.default(''),
  /** None in EC2-Classic, which is no more. */
  VpcId: text.default(''),
  IpPermissions: list(awsPermission),
  IpPermissionsEgress: list(awsPermission),
  Tags: tags,
});

export const awsNetworkAcl = record({
  NetworkAclId: text,
  VpcId: text,
  IsDefault: flag.default(false),
  Entries: list(
    record({
      RuleNumber: number,
      Egress: flag,
      RuleAction: text,
      Protocol: text,
      CidrBlock: ipv4Block.optional(),
      Ipv6CidrBlock: ipv6Block.optional(),
      PortRange: record({ From: number, To: number }).optional(),
      IcmpTypeCode: record({ Type: number, Code: number }).optional(),
    }),
  ),
  Associations: list(record({ SubnetId: text })),
  Tags: tags,
});

export const awsDhcpOptions = record({
  DhcpOptionsId: text,
  DhcpConfigurations: list(record({ Key: text, Values: list(record({ Value: text })) })),
  Tags: tags,
});

export const awsPrefixList = record({
  PrefixListId: text,
  PrefixListName: text.optional(),
  PrefixListArn: text.optional(),
  /** None of a list that DescribePrefixLists told of, which is AWS's own. */
  AddressFamily: text.optional(),
  MaxEntries: number.optional(),
  OwnerId: text.optional(),
  Tags: tags,
});

export const awsPrefixListEntry = record({ Cidr: block, Description: text.optional() });

export const awsFlowLog = record({
  FlowLogId: text,
  ResourceId: text,
  TrafficType: text.default('ALL'),
  LogDestinationType: text.default('cloud-watch-logs'),
  LogGroupName: text.optional(),
  LogFormat: text.optional(),
  MaxAggregationInterval: number.default(600),
  Tags: tags,
});

export type AwsTags = z.infer<typeof tags>;
export type AwsVpc = z.infer<typeof awsVpc>;
export type AwsVpcAttribute = z.infer<typeof awsVpcAttribute>;
export type AwsSubnet = z.infer<typeof awsSubnet>;
export type AwsCidrReservation = z.infer<typeof awsCidrReservation>;
export type AwsInterface = z.infer<typeof awsInterface>;
export type AwsInstance = z.infer<typeof awsInstance>;
export type AwsRoute = z.infer<typeof awsRoute>;
export type AwsRouteTable = z.infer<typeof awsRouteTable>;
export type AwsPermission = z.infer<typeof awsPermission>;
export type AwsSecurityGroup = z.infer<typeof awsSecurityGroup>;
export type AwsNetworkAcl = z.infer<typeof awsNetworkAcl>;
export type AwsDhcpOptions = z.infer<typeof awsDhcpOptions>;
export type AwsPrefixList = z.infer<typeof awsPrefixList>;
export type AwsPrefixListEntry = z.infer<typeof awsPrefixListEntry>;
export type AwsFlowLog = z.infer<typeof awsFlowLog>;

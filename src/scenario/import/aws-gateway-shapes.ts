/** The members that an import reads of AWS's gateways, peerings, endpoints and elastic addresses. */
import type { z } from 'zod';
import { flag, ipv4, list, record, tags, text } from './aws-shapes.ts';

const attachments = list(record({ VpcId: text.optional() }));

export const awsInternetGateway = record({
  InternetGatewayId: text,
  Attachments: attachments,
  Tags: tags,
});

export const awsEgressOnlyGateway = record({
  EgressOnlyInternetGatewayId: text,
  Attachments: attachments,
  Tags: tags,
});

export const awsNatGateway = record({
  NatGatewayId: text,
  VpcId: text.default(''),
  SubnetId: text.default(''),
  State: text.default('available'),
  ConnectivityType: text.default('public'),
  NatGatewayAddresses: list(
    record({
      AllocationId: text.optional(),
      NetworkInterfaceId: text.optional(),
      PrivateIp: ipv4.optional(),
      IsPrimary: flag.default(false),
    }),
  ),
  Tags: tags,
});

const peeringSide = record({
  VpcId: text.default(''),
  PeeringOptions: record({ AllowDnsResolutionFromRemoteVpc: flag.default(false) }).optional(),
}).default({ VpcId: '' });

export const awsPeering = record({
  VpcPeeringConnectionId: text,
  RequesterVpcInfo: peeringSide,
  AccepterVpcInfo: peeringSide,
  Status: record({ Code: text.default('active') }).default({ Code: 'active' }),
  Tags: tags,
});

export const awsEndpoint = record({
  VpcEndpointId: text,
  VpcId: text.default(''),
  VpcEndpointType: text.default('Gateway'),
  ServiceName: text.default(''),
  State: text.default('available'),
  RouteTableIds: list(text),
  SubnetIds: list(text),
  Tags: tags,
});

export const awsAddress = record({
  /** None in EC2-Classic, which is no more. */
  AllocationId: text.default(''),
  PublicIp: text.default(''),
  /** The region, but for those of local zones. */
  NetworkBorderGroup: text.optional(),
  NetworkInterfaceId: text.optional(),
  PrivateIpAddress: text.optional(),
  Tags: tags,
});

export type AwsInternetGateway = z.infer<typeof awsInternetGateway>;
export type AwsEgressOnlyGateway = z.infer<typeof awsEgressOnlyGateway>;
export type AwsNatGateway = z.infer<typeof awsNatGateway>;
export type AwsPeering = z.infer<typeof awsPeering>;
export type AwsEndpoint = z.infer<typeof awsEndpoint>;
export type AwsAddress = z.infer<typeof awsAddress>;

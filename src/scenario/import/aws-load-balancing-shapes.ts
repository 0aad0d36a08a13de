/** The members that an import reads of AWS's Gateway Load Balancers and of what belongs to them. */
import type { z } from 'zod';
import { list, number, record, tags, text } from './aws-shapes.ts';

export const awsLoadBalancer = record({
  LoadBalancerArn: text,
  LoadBalancerName: text.default(''),
  Type: text.default(''),
  VpcId: text.default(''),
  AvailabilityZones: list(record({ SubnetId: text.default('') })),
});

export const awsTargetGroup = record({
  TargetGroupArn: text,
  TargetGroupName: text.default(''),
  Protocol: text.default(''),
  VpcId: text.default(''),
  TargetType: text.default('instance'),
  HealthCheckProtocol: text.default('TCP'),
  HealthCheckPort: text.default('80'),
  HealthCheckPath: text.optional(),
  HealthCheckIntervalSeconds: number.default(10),
  HealthCheckTimeoutSeconds: number.default(5),
  HealthyThresholdCount: number.default(5),
  UnhealthyThresholdCount: number.default(2),
  Matcher: record({ HttpCode: text.optional() }).optional(),
});

export const awsListener = record({
  ListenerArn: text,
  LoadBalancerArn: text.default(''),
  DefaultActions: list(record({ TargetGroupArn: text.optional() })),
});

export const awsTargetHealth = record({
  Target: record({ Id: text }),
  TargetHealth: record({ State: text.default('') }).default({ State: '' }),
});

export const awsAttribute = record({ Key: text.default(''), Value: text.default('') });

export const awsEndpointService = record({
  ServiceId: text,
  ServiceName: text.default(''),
  GatewayLoadBalancerArns: list(text),
  Tags: tags,
});

export type AwsLoadBalancer = z.infer<typeof awsLoadBalancer>;
export type AwsTargetGroup = z.infer<typeof awsTargetGroup>;
export type AwsListener = z.infer<typeof awsListener>;
export type AwsTargetHealth = z.infer<typeof awsTargetHealth>;
export type AwsAttribute = z.infer<typeof awsAttribute>;
export type AwsEndpointService = z.infer<typeof awsEndpointService>;

/** The fields of Gateway Load Balancers and of the groups of their targets. */
import { z } from 'zod';
import {
  count,
  flag,
  listOf,
  named,
  object,
  oneOrMore,
  reference,
  seconds,
  text,
} from './schema-parts.ts';

const HEALTH_PROTOCOLS = { error: '"tcp", "http" or "https"' };
const CODES = /^[23]\d\d(?:-[23]\d\d)?(?:,[23]\d\d(?:-[23]\d\d)?)*$/;
const CODES_WANTED = 'codes such as 200-399 or 200,301';

const healthCheck = object('a health check', {
  protocol: z.enum(['tcp', 'http', 'https'], HEALTH_PROTOCOLS).optional().describe('Default: tcp'),
  port: count(1).max(65_535, { error: 'a port' }).optional().describe('Default: 80'),
  path: text('a path').optional().describe('Of http and https; default: /'),
  interval: seconds(5, 300).optional().describe('Default: 10s'),
  timeout: seconds(2, 120).optional().describe('Default: 5s'),
  healthy: count(2).max(10, { error: 'a number of 2 to 10' }).optional().describe('Default: 5'),
  unhealthy: count(2).max(10, { error: 'a number of 2 to 10' }).optional().describe('Default: 2'),
  codes: z
    .string({ error: CODES_WANTED })
    .regex(CODES, { error: CODES_WANTED })
    .optional()
    .describe('Of http and https; default: 200-399'),
});

const targetGroup = object('a target group', {
  targets: listOf('instances', reference('an instance')).optional(),
  healthCheck: healthCheck.optional(),
  stickiness: z
    .enum(['five-tuple', 'source-ip-dest-ip-proto', 'source-ip-dest-ip'], {
      error: '"five-tuple", "source-ip-dest-ip-proto" or "source-ip-dest-ip"',
    })
    .optional()
    .describe('What of a packet decides on its target; default: five-tuple'),
  failover: z
    .enum(['rebalance', 'no-rebalance'], { error: '"rebalance" or "no-rebalance"' })
    .optional()
    .describe('What becomes of flows whose target leaves or fails; default: no-rebalance'),
  deregistrationDelay: seconds(0, 3600).optional().describe('Default: 300s'),
});

const gatewayLoadBalancer = object('a Gateway Load Balancer', {
  subnets: oneOrMore('a subnet', 'subnets', reference('a subnet')).describe('One in each zone'),
  targetGroup: reference('a target group'),
  crossZone: flag.optional().describe('Default: false, each zone by itself'),
  tcpIdle: seconds(60, 6000).optional().describe('Default: 350s'),
});

/** Of a VPC. */
export const vpcLoadBalancing = {
  targetGroups: named('target groups', targetGroup).optional(),
  gatewayLoadBalancers: named('Gateway Load Balancers', gatewayLoadBalancer).optional(),
};

export type LabFileTargetGroup = z.infer<typeof targetGroup>;
export type LabFileGatewayLoadBalancer = z.infer<typeof gatewayLoadBalancer>;

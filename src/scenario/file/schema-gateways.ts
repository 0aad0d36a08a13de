/** The fields of what is at the edges of VPCs: gateways, peerings, endpoints, public addresses. */
import { z } from 'zod';
import {
  flag,
  IPV4,
  ipv4,
  listOf,
  matching,
  NAME_PATTERN,
  named,
  object,
  reference,
  region,
} from './schema-parts.ts';

const name = matching('a name of a-z, 0-9 and -, from a letter', NAME_PATTERN);
const YES = z.literal(true, { error: 'true' });

const natGateway = object('a NAT gateway', {
  subnet: reference('a subnet'),
  connectivity: z
    .enum(['public', 'private'], { error: '"public" or "private"' })
    .optional()
    .describe('Default: public'),
  address: z
    .union([ipv4, reference('an elastic address')], {
      error: '"auto", a public address, or the name of an elastic address',
    })
    .meta({ pattern: `^(${IPV4}|[a-z][a-z0-9-]*)$` })
    .optional()
    .describe('Of a public one: auto (default), an address of the pool, or an elastic address'),
  privateAddress: ipv4.optional().describe('Default: any free address of the subnet'),
});

const endpoint = object('an endpoint', {
  service: z
    .enum(['s3', 'dynamodb'], { error: '"s3" or "dynamodb"' })
    .optional()
    .describe('Of a gateway endpoint'),
  routeTables: listOf('route tables', reference('a route table'))
    .optional()
    .describe('Of a gateway endpoint: they get the route to the service'),
  gatewayLoadBalancer: reference('a Gateway Load Balancer')
    .optional()
    .describe('Of an endpoint that routes lead to'),
  subnet: reference('a subnet').optional().describe('Of an endpoint of a Gateway Load Balancer'),
}).refine(({ service, gatewayLoadBalancer }) => service ?? gatewayLoadBalancer, {
  error: 'service: s3 or dynamodb, or gatewayLoadBalancer and subnet',
});

/** Of a VPC. */
export const vpcGateways = {
  internetGateway: z
    .union(
      [
        YES,
        name,
        object('an internet gateway', {
          name: name.optional(),
          routeTable: reference('a route table')
            .optional()
            .describe('Steers what enters by the gateway'),
        }),
      ],
      { error: 'true, a name, or name and routeTable' },
    )
    .optional()
    .describe('true: one that is called igw'),
  egressOnlyInternetGateway: z
    .union([YES, name], { error: 'true or a name' })
    .optional()
    .describe('true: one that is called egress-only'),
  natGateways: named('NAT gateways', natGateway).optional(),
  endpoints: named('endpoints', endpoint).optional(),
};

export const peerings = named(
  'peerings',
  object('a peering', {
    from: reference('a VPC').describe('The VPC that asks'),
    to: reference('a VPC').describe('The VPC that accepts, of any region'),
    accept: flag.optional().describe('Default: true; false: the request stays open'),
    dns: flag.optional().describe('Names resolve to private addresses on the other side'),
  }),
);

export const elasticAddresses = named(
  'elastic addresses',
  object('an elastic address', {
    address: ipv4.optional().describe('Default: any free address of the pool'),
    region: region.optional().describe('Default: that of the file'),
  }),
);

export const elasticAddress = z
  .union([YES, reference('an elastic address')], {
    error: 'true, or the name of an elastic address',
  })
  .optional()
  .describe('true: one of its own');

export const publicAddress = z
  .enum(['auto', 'none'], { error: '"auto" or "none"' })
  .optional()
  .describe('Default: as the subnet has it');

export type LabFileEndpoint = z.infer<typeof endpoint>;
export type LabFileNatGateway = z.infer<typeof natGateway>;
export type LabFilePeering = z.infer<typeof peerings>[string];

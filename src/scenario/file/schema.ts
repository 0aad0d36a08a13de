/**
 * The shape of a lab file. The types and the JSON Schema for editors come from here
 * (`scripts/lab-schema.ts`); what the shape cannot say is checked in `checks.ts`.
 *
 * The `error` of each part is the text of what was wanted. That of an object is the list of its
 * fields, joined by blanks, from which `shape.ts` suggests the nearest.
 */
import { z } from 'zod';
import { LAB_NAME_PATTERN } from '../lab-name.ts';
import { hostedZones } from './schema-dns.ts';
import { prefixLists, settings } from './schema-filters.ts';
import { elasticAddresses, peerings } from './schema-gateways.ts';
import { instance, networkInterface } from './schema-instances.ts';
import { internet } from './schema-internet.ts';
import { vpc } from './schema-network.ts';
import { count, flag, listOf, matching, named, object, region, text } from './schema-parts.ts';
import { roles } from './schema-roles.ts';
import { step } from './schema-steps.ts';

const quotas = object('quotas', {
  vpcsPerRegion: count(1).optional(),
  subnetsPerVpc: count(1).optional(),
  enisPerRegion: count(1).optional(),
  routeTablesPerVpc: count(1).optional(),
  routesPerTable: count(1).optional(),
  ipv4CidrsPerVpc: count(1).optional(),
  ipv6CidrsPerVpc: count(1).optional(),
  securityGroupsPerRegion: count(1).optional(),
  rulesPerSecurityGroup: count(1).optional(),
  securityGroupsPerEni: count(1).optional(),
  networkAclsPerVpc: count(1).optional(),
  entriesPerNetworkAcl: count(1).optional(),
  prefixListsPerRegion: count(1).optional(),
  elasticAddressesPerRegion: count(1).optional(),
  internetGatewaysPerRegion: count(1).optional(),
  egressOnlyGatewaysPerRegion: count(1).optional(),
  natGatewaysPerZone: count(1).optional(),
  customerGatewaysPerRegion: count(1).optional(),
  vpnGatewaysPerRegion: count(1).optional(),
  vpnConnectionsPerRegion: count(1).optional(),
  vpnConnectionsPerVpnGateway: count(1).optional(),
  activePeeringsPerVpc: count(1).optional(),
  pendingPeeringsPerVpc: count(1).optional(),
  transitGatewaysPerRegion: count(1).optional(),
  transitGatewaysPerVpc: count(1).optional(),
  attachmentsPerTransitGateway: count(1).optional(),
  cidrBlocksPerTransitGateway: count(1).optional(),
  routeTablesPerTransitGateway: count(1).optional(),
  staticRoutesPerTransitGateway: count(1).optional(),
  peeringsPerTransitGateway: count(1).optional(),
  pendingPeeringsPerTransitGateway: count(1).optional(),
  policyTablesPerTransitGateway: count(1).optional(),
  peersPerConnectAttachment: count(1).optional(),
  multicastDomainsPerTransitGateway: count(1).optional(),
  multicastMembershipsPerTransitGateway: count(1).optional(),
  membersPerMulticastGroup: count(1).optional(),
  sourcesPerMulticastGroup: count(1).optional(),
  gatewayEndpointsPerRegion: count(1).optional(),
  interfaceEndpointsPerVpc: count(1).optional(),
  gatewayLoadBalancersPerRegion: count(1).optional(),
  geneveTargetGroupsPerRegion: count(1).optional(),
  targetsPerGeneveTargetGroup: count(1).optional(),
});

export const labFileSchema = object('a lab', {
  name: matching(
    'a name of a-z, 0-9 and -, from a letter, at most 24 characters',
    LAB_NAME_PATTERN,
  ),
  description: text('text').optional(),
  region: region.optional().describe('Of all that names no other; default: us-east-1'),
  zones: listOf('availability zones', text('an availability zone'))
    .min(1, { error: 'one availability zone or more' })
    .optional(),
  // 2020 without quotes is a number in YAML, and there is no doubt what it means.
  rules: z.literal(['2020', 2020, 'current'], { error: '"2020" or "current"' }).optional(),
  seed: z.union([z.string(), z.number()], { error: 'text or a number' }).optional(),
  quotas: quotas.optional(),
  settings: settings.optional().describe('Where AWS leaves a choice, or made another one before'),
  prefixLists: prefixLists.optional().describe('Blocks under one name, for rules and routes'),
  defaultVpc: flag.optional().describe('false: as if the default VPC had been deleted'),
  vpcs: named('VPCs', vpc).optional(),
  peerings: peerings.optional(),
  elasticAddresses: elasticAddresses.optional().describe('Public addresses of the account'),
  hostedZones: hostedZones.optional().describe('Names of one’s own, for the resolver of VPCs'),
  roles: roles.optional(),
  internet: internet.optional().describe('Hosts with public addresses, outside of every VPC'),
  interfaces: named('interfaces', networkInterface).optional(),
  instances: named('instances', instance).optional(),
  steps: listOf('steps', step).optional(),
});

/** A lab file that has the right shape. */
export type LabFile = z.infer<typeof labFileSchema>;

/** One that is being written: the parts that most files have are there, if empty. */
export interface OpenLabFile extends LabFile {
  vpcs: NonNullable<LabFile['vpcs']>;
  instances: NonNullable<LabFile['instances']>;
}

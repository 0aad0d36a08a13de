/** The fields of a VPC: its subnets, route tables and DHCP options. */
import { z } from 'zod';
import { parseCidr } from '../../addr/cidr.ts';
import { flowLogs, subnetFilters, vpcFilters } from './schema-filters.ts';
import { vpcGateways } from './schema-gateways.ts';
import { IPV6, ipv6DhcpOptions, isAddress, subnetIpv6, vpcIpv6 } from './schema-ipv6.ts';
import { vpcLoadBalancing } from './schema-load-balancing.ts';
import {
  checked,
  flag,
  IPV4,
  ipv4,
  ipv4Block,
  listOf,
  NAME_PATTERN,
  named,
  object,
  oneOrMore,
  reference,
  region,
  text,
} from './schema-parts.ts';

const anyAddress = checked('an IP address', isAddress, `^(${IPV4}|${IPV6})$`);

const dhcpOptions = object('DHCP options', {
  domainName: text('a domain name').optional(),
  domainNameServers: listOf(
    'name servers',
    checked(
      'an IP address or AmazonProvidedDNS',
      (value) => value === 'AmazonProvidedDNS' || isAddress(value),
      `^(AmazonProvidedDNS|${IPV4}|${IPV6})$`,
    ),
  ).optional(),
  ntpServers: listOf('addresses', anyAddress).optional(),
  netbiosNameServers: listOf('addresses', ipv4).optional(),
  netbiosNodeType: z.literal([1, 2, 4, 8], { error: '1, 2, 4 or 8' }).optional(),
  ...ipv6DhcpOptions,
});

const subnet = object('a subnet', {
  cidr: ipv4Block.optional().describe('None: the subnet is IPv6-only, and ipv6 is required'),
  ipv6: subnetIpv6,
  zone: text('an availability zone').optional().describe('Default: the first zone of the region'),
  routeTable: reference('a route table').optional().describe('Default: the main route table'),
  ...subnetFilters,
  flowLogs,
  mapPublicIpOnLaunch: flag
    .optional()
    .describe('Instances that are launched here get public addresses'),
  dns64: flag
    .optional()
    .describe('The resolver gives IPv6 addresses behind 64:ff9b::/96 of names that have IPv4 only'),
  reservations: listOf(
    'reservations',
    object('a reservation', {
      cidr: ipv4Block,
      type: z.enum(['prefix', 'explicit'], { error: '"prefix" or "explicit"' }),
    }),
  ).optional(),
});

const DESTINATION_WANTED = 'a block such as 192.0.2.0/24, the name of a prefix list, or local';
const routeDestination = checked(
  DESTINATION_WANTED,
  (value) => parseCidr(value) !== null || NAME_PATTERN.test(value),
  String.raw`^([0-9a-fA-F.:]+/\d{1,3}|[a-z][a-z0-9-]*)$`,
);

const routeTable = object('a route table', {
  main: flag.optional().describe('The table of all subnets that name none'),
  routes: z
    .record(routeDestination, reference('an instance, an interface or a gateway'), {
      error: 'a map of blocks and prefix lists to targets',
    })
    .optional()
    .describe(
      'Destination to next hop: an instance, an interface such as r1.eth1, a gateway or a peering, never an address',
    ),
});

export const vpc = object('a VPC', {
  region: region.optional().describe('Default: that of the file'),
  cidr: oneOrMore('an IPv4 block', 'blocks', ipv4Block).describe(
    'The first block is the primary one',
  ),
  ipv6: vpcIpv6,
  dhcpOptions: z
    .union([z.literal('default'), dhcpOptions], { error: 'DHCP options or "default"' })
    .optional()
    .describe('"default": no option set'),
  enableDnsSupport: flag.optional(),
  enableDnsHostnames: flag.optional(),
  subnets: named('subnets', subnet),
  routeTables: named('route tables', routeTable).optional(),
  ...vpcGateways,
  ...vpcLoadBalancing,
  ...vpcFilters,
  flowLogs,
});

export type LabFileVpc = z.infer<typeof vpc>;

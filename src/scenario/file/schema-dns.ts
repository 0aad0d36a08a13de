/** The shape of private hosted zones. */
import { z } from 'zod';
import { parseDomainName } from '../../model/record-values.ts';
import { checked, listOf, object, oneOrMore, reference, text } from './schema-parts.ts';

const TTL_MAX = 2_147_483_647;
const TTL_WANTED = `a whole number of seconds, 0 to ${TTL_MAX}`;

const domainName = checked(
  'a domain name such as corp.example',
  (value) => parseDomainName(value) !== null,
  String.raw`^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$`,
);
const value = (one: string, many: string) => oneOrMore(one, many, text(one)).optional();
const domains = () => value('a domain name', 'domain names');

/** Of one name: values by type. */
const records = object('records by type', {
  ttl: z
    .int({ error: TTL_WANTED })
    .min(0, { error: TTL_WANTED })
    .max(TTL_MAX, { error: TTL_WANTED })
    .optional()
    .describe('Seconds; 300 by default'),
  A: value('an IPv4 address', 'IPv4 addresses'),
  AAAA: value('an IPv6 address', 'IPv6 addresses'),
  CNAME: text('a domain name').optional(),
  MX: value('a preference and a domain name', 'them'),
  NS: domains(),
  PTR: domains(),
  SOA: text('two domain names and five numbers').optional(),
  SRV: value('priority, weight, port and a domain name', 'them'),
  TXT: value('text', 'texts'),
});

const hostedZone = object('a hosted zone', {
  name: domainName.optional().describe('The domain; by default what the zone is called here'),
  vpcs: listOf('VPCs', reference('a VPC')).min(1, { error: 'one VPC or more' }),
  records: z
    .record(text('a name in the zone'), records, { error: 'a map of names to records' })
    .optional()
    .describe('By name: relative to the zone, @ for the zone itself, * for all that are not there'),
});

export const hostedZones = z.record(text('a domain name'), hostedZone, {
  error: 'a map of domain names to hosted zones',
});

export type LabFileHostedZones = z.infer<typeof hostedZones>;
export type LabFileHostedZone = LabFileHostedZones[string];

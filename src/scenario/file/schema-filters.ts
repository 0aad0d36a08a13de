/**
 * The fields of a lab file that filter or record traffic: security groups, network ACLs, prefix
 * lists, flow logs, connection tracking. The sentences of rules are read by `filter-rules.ts`;
 * their patterns here are for editors.
 */
import { z } from 'zod';
import { BUILT_IN_IMAGE_NAMES } from '../../model/images.ts';
import { PROTOCOL_WORDS } from '../traffic-words.ts';
import { DURATION_PATTERN, parseDuration } from './durations.ts';
import {
  anyBlock,
  checked,
  count,
  listOf,
  matching,
  named,
  object,
  oneOrMore,
  reference,
  region,
  seconds,
  text,
} from './schema-parts.ts';

const PORT_RANGE = String.raw`\d+(-\d+)?`;
const WORDS = PROTOCOL_WORDS.join('|');
const BLOCK = String.raw`(anywhere|[0-9a-fA-F.:]+/\d+)`;
const PEER = `(${BLOCK}|itself|group [a-z0-9-]+|prefix +list [a-z0-9-]+)`;

/** @param ports Of a rule a list of ranges, of an entry of a network ACL one. */
function trafficPattern(ports: string): string {
  return String.raw`(all|(tcp|udp) +${ports}|icmp(v6)? +[a-z0-9/-]+|protocol +\d+|${WORDS})`;
}

function rules(direction: 'from' | 'to', description: string) {
  const traffic = trafficPattern(`${PORT_RANGE}( *, *${PORT_RANGE})*`);
  const rule = text('a rule').meta({ pattern: `^${traffic} +${direction} +${PEER}$`, description });
  return listOf('rules', rule);
}

const securityGroup = object('a security group', {
  description: text('text').optional().describe('Default: the name. It never changes, as on AWS'),
  ingress: rules(
    'from',
    'Such as: tcp 80, 443 from anywhere; all from itself; tcp 22 from group web',
  )
    .optional()
    .describe('What may come in. Default: nothing, and for the group "default" all from itself'),
  egress: rules('to', 'Such as: all to anywhere; tcp 443 to prefix list partners')
    .optional()
    .describe('What may go out. Default: all to anywhere'),
});

const RULE_NUMBER_WANTED = 'a rule number of 1 to 32766';

function entries(direction: 'from' | 'to', description: string) {
  const pattern = `^(allow|deny) +${trafficPattern(PORT_RANGE)} +${direction} +${BLOCK}$`;
  return z
    .record(
      matching(RULE_NUMBER_WANTED, /^[1-9]\d{0,4}$/),
      text('an entry').meta({ pattern, description }),
      { error: 'a map of rule numbers to entries' },
    )
    .optional();
}

const networkAcl = object('a network ACL', {
  ingress: entries('from', 'Such as: allow tcp 80 from 10.0.0.0/8').describe(
    'By rule number; the lowest that matches decides, and all else is denied',
  ),
  egress: entries('to', 'Such as: allow all to anywhere').describe('As ingress, for what leaves'),
});

export const vpcFilters = {
  securityGroups: named('security groups', securityGroup)
    .optional()
    .describe('"default" is the group that the VPC is made with'),
  networkAcls: named('network ACLs', networkAcl)
    .optional()
    .describe('"default" is the ACL of all subnets that name none'),
};

export const subnetFilters = {
  networkAcl: reference('a network ACL').optional().describe('Default: the default one of the VPC'),
};

const prefixes = listOf('blocks', anyBlock);

export const prefixLists = named(
  'prefix lists',
  z.union(
    [
      prefixes,
      object('a prefix list', {
        region: region.optional().describe('Default: that of the file'),
        maxEntries: count(1).optional().describe('Default: as many as there are entries'),
        entries: prefixes,
      }),
    ],
    { error: 'a list of blocks, or entries with region and maxEntries' },
  ),
);

export const securityGroups = oneOrMore(
  'the name of a security group',
  'names',
  reference('a security group'),
);

/** A duration of up to a minute. */
const upToAMinute = checked(
  'a duration of 0ms to 60s',
  (value) => (parseDuration(value) ?? 60_001) <= 60_000,
  DURATION_PATTERN.source,
);

const SCALE_WANTED = 'a number of 0 to 10';

/** SG-8. */
const tcpEstablished = seconds(60, 432_000);

export const interfaceFilters = {
  securityGroups: securityGroups
    .optional()
    .describe('Default: the default group of the VPC, which lets in its own members only'),
  connectionTracking: object('timeouts of connection tracking', {
    tcpEstablished: tcpEstablished.optional(),
    udp: seconds(30, 60).optional(),
    udpStream: seconds(60, 180).optional(),
  })
    .optional()
    .describe('How long an idle flow is remembered'),
};

const flowLog = object('a flow log', {
  traffic: z
    .enum(['all', 'accept', 'reject'], { error: '"all", "accept" or "reject"' })
    .optional()
    .describe('Default: all'),
  format: listOf('fields', matching('a field such as srcaddr', /^[a-z][a-z0-9-]*$/))
    .min(1, { error: 'one field or more' })
    .optional()
    .describe('Default: the fields of version 2'),
  interval: z
    .enum(['60s', '1m', '600s', '10m'], { error: '60s or 600s' })
    .optional()
    .describe('Default: 600s'),
  logGroup: matching('the name of a log group', /^[\w./#-]{1,512}$/)
    .optional()
    .describe('Where the records go. Default: the name of the lab'),
});

export const flowLogs = oneOrMore('a flow log', 'flow logs', flowLog).optional();

export const settings = object('settings', {
  fragments: z
    .enum(['follow-first', 'addresses-only', 'drop'], {
      error: '"follow-first", "addresses-only" or "drop"',
    })
    .optional()
    .describe('What becomes of later fragments, which have no ports. Default: follow-first'),
  tcpEstablishedTimeout: tcpEstablished
    .optional()
    .describe('How long an idle TCP connection is remembered. Default: 432000s'),
  flowLogInterval: seconds(1, 60)
    .optional()
    .describe(
      'How long flow logs sum up; AWS takes up to 60s, whatever is asked for. Default: 60s',
    ),
  amis: z
    .record(
      matching(
        'the id of an AMI such as ami-0123456789abcdef0, or *',
        /^(?:\*|ami-(?:[0-9a-f]{8}|[0-9a-f]{17}))$/,
      ),
      z.enum(BUILT_IN_IMAGE_NAMES, { error: `one of ${BUILT_IN_IMAGE_NAMES.join(', ')}` }),
      { error: 'a map of ids of AMIs to built-in images' },
    )
    .optional()
    .describe('Which image runs for an AMI that the lab has not; * is every other AMI'),
  timing: z
    .enum(['instant', 'aws'], { error: '"instant" or "aws"' })
    .optional()
    .describe(
      'Whether states such as pending pass at once, or last as on AWS, and packets follow later. Default: instant',
    ),
  timingScale: z
    .number({ error: SCALE_WANTED })
    .min(0, { error: SCALE_WANTED })
    .max(10, { error: SCALE_WANTED })
    .optional()
    .describe('What the times of "timing: aws" are multiplied with. Default: 1'),
  packetDelay: upToAMinute
    .optional()
    .describe('From the answer of a change to its packets. Default: by timing'),
  dnsRecursion: z
    .enum(['off', 'host'], { error: '"off" or "host"' })
    .optional()
    .describe('Whom the resolver asks about names that the lab does not know. Default: off'),
  throttling: z
    .enum(['off', 'aws'], { error: '"off" or "aws"' })
    .optional()
    .describe('Whether the API refuses requests beyond the rates of AWS. Default: off'),
  eventualConsistency: upToAMinute
    .optional()
    .describe('How old the state may be that a request to the API sees. Default: 0s'),
});

export type LabFileSecurityGroup = z.infer<typeof securityGroup>;
export type LabFileNetworkAcl = z.infer<typeof networkAcl>;
export type LabFilePrefixList = z.infer<typeof prefixLists>[string];
export type LabFileFlowLogs = z.infer<typeof flowLogs>;
export type LabFileSettings = z.infer<typeof settings>;

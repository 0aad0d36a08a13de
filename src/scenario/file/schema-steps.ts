/** The fields of a step: what is done, and what is expected. */
import { z } from 'zod';
import { PROBE_PROTOCOLS } from '../../engine/control-api.ts';
import { LAST_PORT } from '../traffic-words.ts';
import { DURATION_PATTERN, parseDuration } from './durations.ts';
import { securityGroups } from './schema-filters.ts';
import { deviceIndex } from './schema-instances.ts';
import { checked, count, flag, object, oneOrMore, reference, text } from './schema-parts.ts';

const PORT_WANTED = `a port, 1-${LAST_PORT}`;
const duration = checked(
  'a duration such as 500ms, 10s or 2m',
  (value) => parseDuration(value) !== null,
  DURATION_PATTERN.source,
);
const regex = checked('a regular expression', isRegex, '');
const instances = oneOrMore('the name of an instance', 'names', reference('an instance'));
function isRegex(source: string): boolean {
  try {
    new RegExp(source, 'm');
    return true;
  } catch {
    return false;
  }
}
const run = object('a command', {
  on: instances,
  command: text('a shell command'),
  within: duration.optional().describe('Default: 30s'),
});

const within = duration.optional().describe('Default: 5s');

const expectation = z.union(
  [
    object('an expectation', {
      on: instances,
      command: text('a shell command'),
      fails: flag.optional().describe('The command must exit with another code than 0'),
      matches: regex.optional().describe('Tested on the standard output, line by line'),
      equals: z
        .string({ error: 'text' })
        .optional()
        .describe('The standard output without outer blanks'),
      within,
    }),
    object('an expectation', {
      on: instances,
      log: regex,
      count: count(0).optional().describe('At least so many lines match; 0: none does'),
      within,
    }),
    object('an expectation', {
      on: instances,
      flowLog: regex.describe('Tested on the records of the flow logs of its interfaces'),
      count: count(0).optional().describe('At least so many records match; 0: none does'),
      within,
    }),
    object('an expectation', {
      drops: object('a drop counter', {
        from: instances,
        reason: text('a drop reason'),
        atLeast: count(0).optional(),
        atMost: count(0).optional(),
        exactly: count(0).optional(),
        since: z
          .enum(['lab', 'step'], { error: '"lab" or "step"' })
          .optional()
          .describe('What the count begins with. Default: lab'),
      }),
      within,
    }),
    object('an expectation', {
      on: instances,
      arp: z.record(
        text('an IPv4 address'),
        text('a MAC address, the name of an interface, or none'),
        {
          error: 'a map of addresses to MAC addresses',
        },
      ),
      within,
    }),
    object('an expectation', {
      on: instances,
      health: z.enum(['initializing', 'ok', 'impaired', 'not-applicable'], {
        error: '"ok", "impaired", "initializing" or "not-applicable"',
      }),
      within,
    }),
  ],
  { error: 'a map with one of command, log, flowLog, drops, arp, health' },
);

const awsCommand = z.union(
  [
    text('an AWS CLI command'),
    object('an AWS CLI command', {
      command: text('an AWS CLI command'),
      fails: text('an AWS error code')
        .optional()
        .describe('The code that the action must be refused with'),
    }),
  ],
  { error: 'an AWS CLI command such as ec2 replace-route …' },
);

const setting = object('a setting', {
  instance: reference('an instance').optional(),
  interface: reference('an interface').optional(),
  sourceDestCheck: flag.optional(),
  securityGroups: securityGroups.optional().describe('All groups of the interface from now on'),
  address: text('an IPv4 address')
    .optional()
    .describe('A secondary address that moves to the interface'),
  attach: z
    .union(
      [
        reference('an instance'),
        object('an attachment', {
          instance: reference('an instance'),
          device: deviceIndex.optional(),
        }),
      ],
      { error: 'the name of an instance, or none' },
    )
    .optional()
    .describe('Moves the interface to that instance; none: only detaches it'),
});

const outage = object('an outage', {
  on: instances.describe('Where the probes begin'),
  to: oneOrMore('an address', 'addresses', text('an address')),
  protocol: z
    .enum(PROBE_PROTOCOLS, { error: '"icmp", "udp" or "tcp"' })
    .optional()
    .describe('An echo request, a datagram or a SYN. Default: icmp'),
  port: z
    .int({ error: PORT_WANTED })
    .min(1, { error: PORT_WANTED })
    .max(LAST_PORT, { error: PORT_WANTED })
    .optional()
    .describe('For udp and tcp'),
  below: duration.optional(),
  atLeast: duration.optional(),
  within: duration.optional().describe('How long the answers may stay away. Default: 30s'),
});

const STEP_WANTED = 'a step with run, aws, set, stop, start, kill, expect or outage';

export const step = object('a step', {
  name: text('a name'),
  stop: instances.optional().describe('StopInstances'),
  start: instances.optional().describe('StartInstances'),
  kill: instances.optional().describe('Ends every process at once'),
  set: oneOrMore('a setting', 'settings', setting).optional(),
  aws: oneOrMore('an AWS CLI command', 'commands', awsCommand).optional(),
  run: oneOrMore('a command', 'commands', run).optional(),
  expect: oneOrMore('an expectation', 'expectations', expectation).optional(),
  outage: outage.optional().describe('Measures how long probes of 1 kHz stay without answer'),
}).refine((fields) => Object.keys(fields).length > 1, { error: STEP_WANTED });

export type LabFileStep = z.infer<typeof step>;
export type LabFileExpectation = z.infer<typeof expectation>;
export type LabFileSetting = z.infer<typeof setting>;

/**
 * The shape of a lab file. The types and the JSON Schema for editors come from here
 * (`scripts/lab-schema.ts`); what the shape cannot say is checked in `checks.ts`.
 *
 * The `error` of each part is the text of what was wanted. That of an object is the list of its
 * fields, joined by blanks, from which `shape.ts` suggests the nearest.
 */
import { z } from 'zod';
import { parseIpv4Cidr, parseIpv6Cidr } from '../../addr/cidr.ts';
import { parseIpv4 } from '../../addr/ipv4.ts';
import { DURATION_PATTERN, parseDuration } from './durations.ts';
import {
  IPV6,
  ipv6Addressing,
  ipv6DhcpOptions,
  isAddress,
  subnetIpv6,
  vpcIpv6,
} from './schema-ipv6.ts';

/** Names of objects inside a lab; they become host names, so only what DNS allows. */
export const NAME_PATTERN = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
const LAB_NAME_PATTERN = /^[a-z](?:[a-z0-9-]{0,22}[a-z0-9])?$/;
const NAME_WANTED = 'a name of a-z, 0-9 and -, from a letter, at most 32 characters';
const IPV4 = String.raw`\d{1,3}(\.\d{1,3}){3}`;

/** A text that passes a test; the pattern is for editors only. */
function checked(
  wanted: string,
  accepts: (text: string) => boolean,
  pattern: string,
  description = '',
) {
  const schema = z.string({ error: wanted }).refine(accepts, { error: wanted });
  return schema.meta(description === '' ? { pattern } : { pattern, description });
}

function matching(wanted: string, pattern: RegExp) {
  return z.string({ error: wanted }).regex(pattern, { error: wanted });
}

function object<Shape extends z.core.$ZodLooseShape>(what: string, shape: Shape) {
  const fields = Object.keys(shape).join(' ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? fields : `a map of ${what}`),
  });
}

function named<Value extends z.ZodType>(what: string, value: Value) {
  return z.record(matching(NAME_WANTED, NAME_PATTERN), value, {
    error: `a map of names to ${what}`,
  });
}

function listOf<Value extends z.ZodType>(what: string, value: Value) {
  return z.array(value, { error: `a list of ${what}` });
}

function oneOrMore<Value extends z.ZodType>(one: string, many: string, value: Value) {
  return z.union([value, z.array(value).min(1, { error: `${one} or a list of ${many}` })], {
    error: `${one} or a list of ${many}`,
  });
}

const text = (wanted: string) => z.string({ error: wanted }).min(1, { error: wanted });
const flag = z.boolean({ error: 'true or false' });
const count = (least: number) => {
  const wanted = `a whole number of at least ${least}`;
  return z.int({ error: wanted }).min(least, { error: wanted });
};

const duration = checked(
  'a duration such as 500ms, 10s or 2m',
  (value) => parseDuration(value) !== null,
  DURATION_PATTERN.source,
);
const ipv4 = checked('an IPv4 address', (value) => parseIpv4(value) !== null, `^${IPV4}$`);
const ipv4Block = checked(
  'an IPv4 block such as 10.0.0.0/16',
  (value) => parseIpv4Cidr(value) !== null,
  `^${IPV4}/\\d{1,2}$`,
);
const anyBlock = checked(
  'a CIDR block such as 192.0.2.0/24',
  (value) => parseIpv4Cidr(value) !== null || parseIpv6Cidr(value) !== null,
  '^[0-9a-fA-F.:]+/\\d{1,3}$',
);
const absolutePath = matching('an absolute path', /^\/[^\0]*[^\0/]$/);
const regex = checked('a regular expression', isRegex, '');
const reference = (what: string) => text(`the name of ${what}`);
const instances = oneOrMore('the name of an instance', 'names', reference('an instance'));

function isRegex(source: string): boolean {
  try {
    new RegExp(source, 'm');
    return true;
  } catch {
    return false;
  }
}

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
  reservations: listOf(
    'reservations',
    object('a reservation', {
      cidr: ipv4Block,
      type: z.enum(['prefix', 'explicit'], { error: '"prefix" or "explicit"' }),
    }),
  ).optional(),
});

const routeTable = object('a route table', {
  main: flag.optional().describe('The table of all subnets that name none'),
  routes: z
    .record(anyBlock, reference('an instance or an interface'), {
      error: 'a map of blocks to targets',
    })
    .optional()
    .describe(
      'Destination to next hop: an instance, an interface such as r1.eth1, never an address',
    ),
});

const vpc = object('a VPC', {
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
});

const addressing = {
  subnet: reference('a subnet').describe('NAME when it is unique, else VPC/NAME'),
  address: ipv4.optional().describe('Default: any free address'),
  secondaryAddresses: listOf('addresses', ipv4).optional(),
  ...ipv6Addressing,
  sourceDestCheck: flag.optional().describe('Default: true'),
};

const deviceIndex = count(1).max(15, { error: 'a device index of 1 to 15' });

const networkInterface = object('an interface', {
  ...addressing,
  attach: z
    .union(
      [
        reference('an instance'),
        object('an attachment', {
          instance: reference('an instance'),
          device: deviceIndex.optional(),
        }),
      ],
      { error: 'the name of an instance, or instance and device' },
    )
    .optional(),
});

const FILE_MODE_WANTED = 'a file mode such as "0755"';
const fileMode = z.union(
  // Without quotes YAML reads the digits as a decimal number.
  [
    matching(FILE_MODE_WANTED, /^0?[0-7]{3}$/),
    z.int().refine((mode) => /^[0-7]{3}$/.test(String(mode)), { error: FILE_MODE_WANTED }),
  ],
  { error: FILE_MODE_WANTED },
);

const instance = object('an instance', {
  image: text('the name of an image, or a folder')
    .optional()
    .describe('A built-in image (default: linux), or the path of a folder that is the root'),
  ...addressing,
  dhcp: z
    .enum(['dhclient', 'udhcpc', 'dhcpcd', 'static'], {
      error: '"dhclient", "udhcpc", "dhcpcd" or "static"',
    })
    .optional()
    .describe('What configures the interfaces'),
  files: z
    .record(
      absolutePath,
      z.union(
        [
          text('a path relative to the lab file'),
          object('a file', { content: z.string({ error: 'text' }), mode: fileMode.optional() }),
          object('a file', {
            source: text('a path relative to the lab file'),
            mode: fileMode.optional(),
          }),
        ],
        { error: 'a path relative to the lab file, or content' },
      ),
      { error: 'a map of absolute paths to files' },
    )
    .optional(),
  start: text('a shell command')
    .optional()
    .describe('Runs once when the interfaces are configured'),
  daemons: named('shell commands', text('a shell command')).optional(),
  env: z
    .record(
      matching('the name of an environment variable', /^[A-Za-z_]\w*$/),
      z.union([z.string(), z.number(), z.boolean()], { error: 'text' }),
      { error: 'a map of variables to values' },
    )
    .optional(),
  type: text('an instance type').optional().describe('Default: what RunInstances takes by default'),
  count: count(1)
    .max(1000, { error: 'at most 1000' })
    .optional()
    .describe('Makes NAME-1 to NAME-N'),
});

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
      drops: object('a drop counter', {
        from: instances,
        reason: text('a drop reason'),
        atLeast: count(0).optional(),
        atMost: count(0).optional(),
        exactly: count(0).optional(),
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
  { error: 'a map with one of command, log, drops, arp, health' },
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
  on: reference('an instance'),
  to: text('an address'),
  below: duration.optional(),
  atLeast: duration.optional(),
  within: duration.optional().describe('How long the replies may stay away. Default: 30s'),
});

const STEP_WANTED = 'a step with run, aws, set, stop, start, kill, expect or outage';

const step = object('a step', {
  name: text('a name'),
  stop: instances.optional().describe('StopInstances'),
  start: instances.optional().describe('StartInstances'),
  kill: instances.optional().describe('Ends every process at once'),
  set: oneOrMore('a setting', 'settings', setting).optional(),
  aws: oneOrMore('an AWS CLI command', 'commands', awsCommand).optional(),
  run: oneOrMore('a command', 'commands', run).optional(),
  expect: oneOrMore('an expectation', 'expectations', expectation).optional(),
  outage: outage.optional().describe('Measures the longest gap between two ping replies'),
}).refine((fields) => Object.keys(fields).length > 1, { error: STEP_WANTED });

const quotas = object('quotas', {
  vpcsPerRegion: count(1).optional(),
  subnetsPerVpc: count(1).optional(),
  enisPerRegion: count(1).optional(),
  routeTablesPerVpc: count(1).optional(),
  routesPerTable: count(1).optional(),
  ipv4CidrsPerVpc: count(1).optional(),
  ipv6CidrsPerVpc: count(1).optional(),
});

export const labFileSchema = object('a lab', {
  name: matching(
    'a name of a-z, 0-9 and -, from a letter, at most 24 characters',
    LAB_NAME_PATTERN,
  ),
  description: text('text').optional(),
  region: matching('a region such as us-east-1', /^[a-z]{2}(?:-[a-z]+)+-\d$/).optional(),
  zones: listOf('availability zones', text('an availability zone'))
    .min(1, { error: 'one availability zone or more' })
    .optional(),
  // 2020 without quotes is a number in YAML, and there is no doubt what it means.
  rules: z.literal(['2020', 2020, 'current'], { error: '"2020" or "current"' }).optional(),
  seed: z.union([z.string(), z.number()], { error: 'text or a number' }).optional(),
  quotas: quotas.optional(),
  vpcs: named('VPCs', vpc),
  interfaces: named('interfaces', networkInterface).optional(),
  instances: named('instances', instance),
  steps: listOf('steps', step).optional(),
});

/** A lab file that has the right shape. */
export type LabFile = z.infer<typeof labFileSchema>;
export type LabFileVpc = z.infer<typeof vpc>;
export type LabFileInstance = z.infer<typeof instance>;
export type LabFileInterface = z.infer<typeof networkInterface>;
export type LabFileStep = z.infer<typeof step>;
export type LabFileExpectation = z.infer<typeof expectation>;
export type LabFileSetting = z.infer<typeof setting>;

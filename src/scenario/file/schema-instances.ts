/** The fields of instances and of the interfaces beside their first ones. */
import { z } from 'zod';
import { flowLogs, interfaceFilters } from './schema-filters.ts';
import { elasticAddress, publicAddress } from './schema-gateways.ts';
import { ipv6Addressing } from './schema-ipv6.ts';
import { launchFields } from './schema-launch.ts';
import {
  count,
  flag,
  ipv4,
  listOf,
  matching,
  named,
  object,
  reference,
  text,
} from './schema-parts.ts';

const absolutePath = matching('an absolute path', /^\/[^\0]*[^\0/]$/);
const addressing = {
  subnet: reference('a subnet').describe('NAME when it is unique, else VPC/NAME'),
  address: ipv4.optional().describe('Default: any free address'),
  secondaryAddresses: listOf('addresses', ipv4).optional(),
  ...ipv6Addressing,
  elasticAddress,
  sourceDestCheck: flag.optional().describe('Default: true'),
  ...interfaceFilters,
  flowLogs,
};

export const deviceIndex = count(1).max(15, { error: 'a device index of 1 to 15' });

export const networkInterface = object('an interface', {
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

export const instance = object('an instance', {
  image: text('the name of an image, or a folder')
    .optional()
    .describe('A built-in image (default: linux), or the path of a folder that is the root'),
  layers: listOf('folders', text('a path relative to the lab file'))
    .optional()
    .describe('Folders that are seen above the root, the top one first; nothing is copied'),
  ...addressing,
  publicAddress,
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
  role: reference('a role')
    .optional()
    .describe(
      'Whose rights its credentials have; none: no credentials; default: one that may do everything',
    ),
  ...launchFields,
  cloudInit: flag
    .optional()
    .describe('true: cloud-init of the root or a layer runs at each boot, and has the user data'),
  type: text('an instance type').optional().describe('Default: what RunInstances takes by default'),
  count: count(1)
    .max(1000, { error: 'at most 1000' })
    .optional()
    .describe('Makes NAME-1 to NAME-N'),
});

export type LabFileInstance = z.infer<typeof instance>;
export type LabFileInterface = z.infer<typeof networkInterface>;

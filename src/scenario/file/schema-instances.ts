/** The fields of instances and of the interfaces beside their first ones. */
import { z } from 'zod';
import { flowLogs, interfaceFilters } from './schema-filters.ts';
import { elasticAddress, publicAddress } from './schema-gateways.ts';
import { ipv6Addressing } from './schema-ipv6.ts';
import { launchFields } from './schema-launch.ts';
import { count, flag, ipv4, listOf, object, reference, text } from './schema-parts.ts';
import { software } from './schema-software.ts';

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

export const instance = object('an instance', {
  ...software,
  ...addressing,
  publicAddress,
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

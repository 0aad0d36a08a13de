/** The internet of a lab file: public hosts, outside of every VPC. */
import { z } from 'zod';
import { ipv6 } from './schema-ipv6.ts';
import { ipv4, named, object } from './schema-parts.ts';
import { software } from './schema-software.ts';

const host = object('a public host', {
  address: ipv4.optional().describe('A public one; default: a free one of 198.51.100.0/24'),
  ipv6Address: ipv6
    .optional()
    .describe('A public one, or its last part such as ::11. Default: none'),
  ...software,
});

export const internet = object('the internet', {
  uplink: z
    .literal('host', { error: 'host, or no uplink' })
    .optional()
    .describe('host: the real network, by the NAT of this host. Default: nothing leaves the lab'),
  hosts: named('public hosts', host).optional(),
});

export type LabFileHost = z.infer<typeof host>;

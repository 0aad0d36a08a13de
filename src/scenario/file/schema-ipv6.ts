/** The fields of a lab file that IPv6 adds; `schema.ts` puts them in their places. */
import { z } from 'zod';
import { parseIpv6Cidr } from '../../addr/cidr.ts';
import { parseIpv4 } from '../../addr/ipv4.ts';
import { parseIpv6 } from '../../addr/ipv6.ts';

/** The pattern of an address, for editors only. */
export const IPV6 = '[0-9a-fA-F:.]*:[0-9a-fA-F:.]*';

export function isAddress(text: string): boolean {
  return parseIpv4(text) !== null || parseIpv6(text) !== null;
}

export const ipv6 = z
  .string({ error: 'an IPv6 address' })
  .refine((text) => parseIpv6(text) !== null, { error: 'an IPv6 address' })
  .meta({ pattern: `^${IPV6}$` });

function ipv6Block(example: string) {
  const wanted = `an IPv6 block such as ${example}`;
  return z
    .string({ error: wanted })
    .refine((text) => parseIpv6Cidr(text) !== null, { error: wanted })
    .meta({ pattern: `^${IPV6}/\\d{1,3}$` });
}

const flag = z.boolean({ error: 'true or false' });
const PLACE_WANTED = 'a place of 0 to 255';
const place = z
  .int({ error: PLACE_WANTED })
  .min(0, { error: PLACE_WANTED })
  .max(255, { error: PLACE_WANTED });

export const vpcIpv6 = z
  .union([flag, ipv6Block('2001:db8:12:3400::/56')], { error: 'true, false or a /56' })
  .optional()
  .describe('true: a /56 that stays the same for the names of lab and VPC');

export const subnetIpv6 = z
  .union([flag, place, ipv6Block('2001:db8:12:3401::/64')], {
    error: 'true, false, a place of 0 to 255 or a /64',
  })
  .optional()
  .describe('A /64 of the VPC: true is the next one, a number the one at that place');

const LEASE_TIME_WANTED = 'seconds, of 140 to 4294967295';

/** DHCP-9. */
export const ipv6DhcpOptions = {
  ipv6AddressPreferredLeaseTime: z
    .int({ error: LEASE_TIME_WANTED })
    .min(140, { error: LEASE_TIME_WANTED })
    .max(0xffff_ffff, { error: LEASE_TIME_WANTED })
    .optional()
    .describe('Seconds for which DHCPv6 prefers an address. Default: 140'),
};

export const ipv6Addressing = {
  ipv6Address: ipv6
    .optional()
    .describe('In the /64 of the subnet, or its last part such as ::11. Default: any free address'),
  ipv6Addresses: z
    .array(ipv6, { error: 'a list of IPv6 addresses' })
    .optional()
    .describe('Instead of ipv6Address; an empty list: none'),
};

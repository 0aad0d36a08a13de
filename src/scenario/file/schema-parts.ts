/** What the parts of the schema are built of: texts, numbers, maps and lists that say what was wanted. */
import { z } from 'zod';
import { parseIpv4Cidr, parseIpv6Cidr } from '../../addr/cidr.ts';
import { parseIpv4 } from '../../addr/ipv4.ts';
import { DURATION_PATTERN, parseDuration } from './durations.ts';

/** Names of objects inside a lab; they become host names, so only what DNS allows. */
export const NAME_PATTERN = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
const NAME_WANTED = 'a name of a-z, 0-9 and -, from a letter, at most 32 characters';
export const REGION_PATTERN = /^[a-z]{2}(?:-[a-z]+)+-\d$/;
export const IPV4 = String.raw`\d{1,3}(\.\d{1,3}){3}`;

/** A text that passes a test; the pattern is for editors only. */
export function checked(
  wanted: string,
  accepts: (text: string) => boolean,
  pattern: string,
  description = '',
) {
  const schema = z.string({ error: wanted }).refine(accepts, { error: wanted });
  return schema.meta(description === '' ? { pattern } : { pattern, description });
}

export function matching(wanted: string, pattern: RegExp) {
  return z.string({ error: wanted }).regex(pattern, { error: wanted });
}

export function object<Shape extends z.core.$ZodLooseShape>(what: string, shape: Shape) {
  const fields = Object.keys(shape).join(' ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? fields : `a map of ${what}`),
  });
}

export function named<Value extends z.ZodType>(what: string, value: Value) {
  return z.record(matching(NAME_WANTED, NAME_PATTERN), value, {
    error: `a map of names to ${what}`,
  });
}

export function listOf<Value extends z.ZodType>(what: string, value: Value) {
  return z.array(value, { error: `a list of ${what}` });
}

export function oneOrMore<Value extends z.ZodType>(one: string, many: string, value: Value) {
  return z.union([value, z.array(value).min(1, { error: `${one} or a list of ${many}` })], {
    error: `${one} or a list of ${many}`,
  });
}

export const text = (wanted: string) => z.string({ error: wanted }).min(1, { error: wanted });
export const flag = z.boolean({ error: 'true or false' });
export const count = (least: number) => {
  const wanted = `a whole number of at least ${least}`;
  return z.int({ error: wanted }).min(least, { error: wanted });
};

export const ipv4 = checked('an IPv4 address', (value) => parseIpv4(value) !== null, `^${IPV4}$`);
export const ipv4Block = checked(
  'an IPv4 block such as 10.0.0.0/16',
  (value) => parseIpv4Cidr(value) !== null,
  `^${IPV4}/\\d{1,2}$`,
);
export const anyBlock = checked(
  'a CIDR block such as 192.0.2.0/24',
  (value) => parseIpv4Cidr(value) !== null || parseIpv6Cidr(value) !== null,
  '^[0-9a-fA-F.:]+/\\d{1,3}$',
);
export const region = matching('a region such as us-east-1', REGION_PATTERN);
export const reference = (what: string) => text(`the name of ${what}`);

/** A duration of whole seconds. */
export function seconds(least: number, most: number) {
  return checked(
    `a duration of ${least}s to ${most}s`,
    (value) => {
      const ms = parseDuration(value) ?? -1;
      return ms % 1000 === 0 && ms >= least * 1000 && ms <= most * 1000;
    },
    DURATION_PATTERN.source,
  );
}

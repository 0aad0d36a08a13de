/** The fields of an instance that its metadata tells it: options, user data and tags. */
import { z } from 'zod';
import { count, object, text } from './schema-parts.ts';

const switched = z.enum(['enabled', 'disabled'], { error: '"enabled" or "disabled"' }).optional();

const metadata = object('metadata options', {
  tokens: z
    .enum(['optional', 'required'], { error: '"optional" or "required"' })
    .optional()
    .describe('required: IMDSv2 only'),
  hopLimit: count(1)
    .max(64, { error: 'a hop limit of 1 to 64' })
    .optional()
    .describe('Of the answers that bring tokens; default: 1'),
  endpoint: switched.describe('Default: enabled'),
  ipv6: switched.describe('At fd00:ec2::254; default: disabled'),
  tags: switched.describe('Whether the tags are in the metadata; default: disabled'),
});

const userData = z.union(
  [
    z.string({ error: 'text' }),
    object('user data', { source: text('a path relative to the lab file') }),
  ],
  { error: 'text, or the source of one' },
);

const tags = z.record(
  z.string().regex(/^.{1,128}$/, { error: 'a key of 1 to 128 characters' }),
  z.string({ error: 'text' }).max(256, { error: 'at most 256 characters' }),
  { error: 'a map of tag keys to texts' },
);

export const launchFields = {
  metadata: metadata.optional(),
  userData: userData.optional().describe('A script runs once, when the instance first boots'),
  tags: tags.optional().describe('Beside the name'),
};

/** The fields of roles: what instances may do to the lab. */
import { z } from 'zod';
import { matching, object, oneOrMore, text } from './schema-parts.ts';

const actionPattern = matching(
  'an action such as ec2:ReplaceRoute, ec2:Describe* or *',
  /^(?:\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$/,
);
const actionPatterns = oneOrMore('an action', 'actions', actionPattern);

const role = object('a role', {
  allow: actionPatterns.optional(),
  deny: actionPatterns.optional().describe('Wins over what is allowed'),
  policy: text('a path relative to the lab file')
    .optional()
    .describe('A file with an IAM policy document; only its actions count'),
});

export const ROLE_NAME_PATTERN = /^[\w+=,.@-]{1,64}$/;

export const roles = z
  .record(matching('a name of letters, digits and +=,.@_-, at most 64', ROLE_NAME_PATTERN), role, {
    error: 'a map of names to roles',
  })
  .describe('What instances may do; default: a role that may do everything');

export type LabFileRoles = z.infer<typeof roles>;
export type LabFileRole = z.infer<typeof role>;

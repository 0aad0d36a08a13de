/**
 * What a role may do: an explicit deny wins over an allow, and what nothing allows is denied.
 * @source "Policy evaluation logic", AWS Identity and Access Management user guide
 */
import {
  ALLOW_ALL,
  type RoleSession,
  roleIdOf,
  roleNameOf,
  type Statement,
  sessionArn,
} from '../../model/roles.ts';
import type { Fabric } from '../../model/snapshot.ts';
import { ApiError } from '../api-error.ts';
import { wildcardTest } from '../wildcard.ts';

/**
 * @param action Of EC2, such as `ReplaceRoute`.
 * @throws ApiError UnauthorizedOperation when the role may not do it.
 */
export function authorize(fabric: Fabric, session: RoleSession, action: string): void {
  const wanted = `ec2:${action}`;
  const matching = statementsOf(fabric, session).filter((each) => isAbout(each, wanted));
  if (matching.some(({ effect }) => effect === 'Deny')) {
    throw unauthorized(session, wanted, 'with an explicit deny in an identity-based policy');
  }
  if (!matching.some(({ effect }) => effect === 'Allow')) {
    throw unauthorized(
      session,
      wanted,
      `because no identity-based policy allows the ${wanted} action`,
    );
  }
}

/**
 * A role that the lab file does not speak of may do everything, while its instance has it: scripts
 * make roles with IAM's API, which a lab has not.
 */
function statementsOf({ roles, instances }: Fabric, session: RoleSession): readonly Statement[] {
  const role = roles.get(roleIdOf(session));
  if (role !== undefined) return role.statements;
  const profile = instances.get(session.instanceId)?.options.profile ?? null;
  return profile !== null && roleNameOf(profile) === session.roleName ? ALLOW_ALL : [];
}

/** Actions are compared without regard to case. */
function isAbout({ actions }: Statement, wanted: string): boolean {
  const isMatch = (pattern: string) => wildcardTest(pattern.toLowerCase())(wanted.toLowerCase());
  return 'only' in actions ? actions.only.some(isMatch) : !actions.except.some(isMatch);
}

/** AWS's words for actions that are not asked for one resource. */
function unauthorized(session: RoleSession, action: string, why: string): ApiError {
  const who = `User: ${sessionArn(session)} is not authorized to perform: ${action}`;
  const message = `You are not authorized to perform this operation. ${who} ${why}`;
  return new ApiError('UnauthorizedOperation', message, 403);
}

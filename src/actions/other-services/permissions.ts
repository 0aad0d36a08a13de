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
import { partsOfAction } from '../action-names.ts';
import { ApiError } from '../api-error.ts';
import { wildcardTest } from '../wildcard.ts';

/**
 * @param action Such as `ReplaceRoute` or `elasticloadbalancing:CreateListener`.
 * @throws ApiError UnauthorizedOperation when the role may not do it; AccessDenied of the other services.
 */
export function authorize(fabric: Fabric, session: RoleSession, action: string): void {
  const { service, name } = partsOfAction(action);
  const wanted = `${service}:${name}`;
  const unauthorized = service === 'ec2' ? unauthorizedOperation : accessDenied;
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

/** EC2's words for actions that are not asked for one resource. */
function unauthorizedOperation(session: RoleSession, action: string, why: string): ApiError {
  const { message, status } = accessDenied(session, action, why);
  const told = `You are not authorized to perform this operation. ${message}`;
  return new ApiError('UnauthorizedOperation', told, status);
}

function accessDenied(session: RoleSession, action: string, why: string): ApiError {
  const who = `User: ${sessionArn(session)} is not authorized to perform: ${action}`;
  return new ApiError('AccessDenied', `${who} ${why}`, 403);
}

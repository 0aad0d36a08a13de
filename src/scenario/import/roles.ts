/** Roles: those of a running lab, which no document of EC2 tells of, and those that instances name. */
import { type Role, roleNameOf, type Statement } from '../../model/roles.ts';
import type { LabFileRole, LabFileRoles } from '../file/schema-roles.ts';
import { BUILT_IN_ROLE, NO_ROLE } from '../lab-roles.ts';
import type { AwsInstance } from './aws-shapes.ts';
import type { ImportContext } from './context.ts';

/** @returns what a lab file says of it; undefined: nothing, for it is as the file has it by itself. */
export function roleOfInstance({ IamInstanceProfile: profile }: AwsInstance): string | undefined {
  if (profile === undefined) return NO_ROLE;
  const name = roleNameOf({ arn: profile.Arn });
  return name === BUILT_IN_ROLE ? undefined : name;
}

/** @param used The roles of the instances of the file. */
export function importRoles(used: Iterable<string>, context: ImportContext): LabFileRoles {
  const { facts, leftOut } = context;
  const known = facts.roles.map((role): [string, LabFileRole] => [
    role.roleName,
    roleFields(role, context),
  ]);
  const roles = Object.fromEntries(known);
  for (const name of used) {
    if (name === NO_ROLE || Object.hasOwn(roles, name)) continue;
    const reason = 'what it may do is not in the input; it may do everything';
    leftOut.push({ what: `policies of role ${name}`, id: null, reason });
    roles[name] = { allow: '*' };
  }
  return roles;
}

function roleFields(
  { roleName, roleId, statements }: Role,
  { leftOut }: ImportContext,
): LabFileRole {
  if (statements.some(({ actions }) => 'except' in actions)) {
    const reason = 'NotAction can be said in a policy file only';
    leftOut.push({ what: `a statement of role ${roleName}`, id: roleId, reason });
  }
  const allow = actionsOf(statements, 'Allow');
  const deny = actionsOf(statements, 'Deny');
  // A role that says nothing may do nothing.
  if (allow.length + deny.length === 0) return { deny: '*' };
  return { ...(allow.length > 0 ? { allow } : {}), ...(deny.length > 0 ? { deny } : {}) };
}

function actionsOf(statements: readonly Statement[], effect: Statement['effect']): string[] {
  const found = statements.flatMap((each) =>
    each.effect === effect && 'only' in each.actions ? each.actions.only : [],
  );
  return [...new Set(found)];
}

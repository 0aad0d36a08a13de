/**
 * Roles of instances, which on AWS are made with IAM's API. A lab has no such API: its lab file puts a
 * role with all that it may do, and takes it away. Members and codes are IAM's.
 */
import { type Role, roleIdOf, type Statement } from '../../model/roles.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { ApiError } from '../api-error.ts';
import { choiceOf, stringOf, stringsOf, structuresOf } from '../input.ts';

/** Makes the role, or has the one of that name do what this one may. */
function putRole(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { accountId } = draft.snapshot;
  const roleName = stringOf(input, 'RoleName');
  const roleId = roleIdOf({ accountId, roleName });
  const statements = structuresOf(input, 'Statements').map(readStatement);
  const role: Role = { roleId, accountId, roleName, statements };
  draft.put('roles', roleId, role);
  return { Role: { RoleId: roleId, RoleName: roleName } };
}

function deleteRole(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const roleName = stringOf(input, 'RoleName');
  const roleId = roleIdOf({ accountId: draft.snapshot.accountId, roleName });
  if (!draft.snapshot.roles.has(roleId)) {
    const message = `The role with name ${roleName} cannot be found.`;
    throw new ApiError('NoSuchEntity', message, 404);
  }
  draft.delete('roles', roleId);
  return {};
}

function readStatement(input: ActionInput): Statement {
  const effect = choiceOf(input, 'Effect', ['Allow', 'Deny']) as Statement['effect'];
  const only = stringsOf(input, 'Action');
  const except = stringsOf(input, 'NotAction');
  if ((only.length === 0) === (except.length === 0)) {
    const message = 'A statement has either Action or NotAction';
    throw new ApiError('MalformedPolicyDocument', message);
  }
  return { effect, actions: only.length > 0 ? { only } : { except } };
}

export const ROLE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'PutRole',
    parameters: {
      RoleName: 'string',
      Statements: [{ Effect: 'string', Action: ['string'], NotAction: ['string'] }],
    },
    required: ['RoleName'],
    perform: putRole,
  },
  {
    name: 'DeleteRole',
    parameters: { RoleName: 'string' },
    required: ['RoleName'],
    perform: deleteRole,
  },
];

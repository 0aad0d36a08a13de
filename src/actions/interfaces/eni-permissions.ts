/** The actions on what other accounts may do with an interface. Records only: an action asks for none. */
import type { EniId } from '../../model/ids.ts';
import type { EniPermission } from '../../model/records.ts';
import type { Draft } from '../../model/store.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type Filters, filterRows, PAGE_PARAMETERS, pageOf } from '../describe.ts';
import { invalidValue, operationNotPermitted } from '../errors.ts';
import { stringOf, stringsOf } from '../input.ts';
import { findOwnEni, findRow, findRows } from '../lookup.ts';

const ACCOUNT = /^\d{12}$/;

function permissionShape(permission: EniPermission): ActionOutput {
  return {
    NetworkInterfacePermissionId: permission.permissionId,
    NetworkInterfaceId: permission.eniId,
    AwsAccountId: permission.granteeId,
    Permission: permission.permission,
    PermissionState: { State: 'granted' },
  };
}

/** One account at a time may have permissions. @throws OperationNotPermitted when another has. */
function createPermission(input: ActionInput, { draft, newId }: ActionContext): ActionOutput {
  const { eniId } = findOwnEni(draft.snapshot, stringOf(input, 'NetworkInterfaceId'));
  const granteeId = stringOf(input, 'AwsAccountId');
  const permission = stringOf(input, 'Permission');
  if (!ACCOUNT.test(granteeId)) throw invalidValue('awsAccountId', granteeId);
  if (permission !== 'INSTANCE-ATTACH' && permission !== 'EIP-ASSOCIATE') {
    throw invalidValue('permission', permission);
  }
  const others = [...draft.snapshot.eniPermissions.values()].filter((each) => each.eniId === eniId);
  const same = others.find(
    (each) => each.granteeId === granteeId && each.permission === permission,
  );
  if (same !== undefined) return { InterfacePermission: permissionShape(same) };
  if (others.some((each) => each.granteeId !== granteeId)) {
    throw operationNotPermitted(`Another account has permissions for network interface ${eniId}.`);
  }
  const row: EniPermission = { permissionId: newId('eni-perm'), eniId, granteeId, permission };
  draft.put('eniPermissions', row.permissionId, row);
  return { InterfacePermission: permissionShape(row) };
}

/** `Force` changes nothing here: nobody's instance has the interface by the permission. */
function deletePermission(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const id = stringOf(input, 'NetworkInterfacePermissionId');
  const { permissionId } = findRow(draft.snapshot.eniPermissions, 'eni-perm', id);
  draft.delete('eniPermissions', permissionId);
  return { Return: true };
}

/** The permissions of an interface go with it. */
export function dropPermissions(draft: Draft, eniId: EniId): void {
  for (const each of draft.snapshot.eniPermissions.values()) {
    if (each.eniId === eniId) draft.delete('eniPermissions', each.permissionId);
  }
}

const PREFIX = 'network-interface-permission';

const FILTERS: Filters<EniPermission> = {
  [`${PREFIX}.${PREFIX}-id`]: (each) => [each.permissionId],
  [`${PREFIX}.network-interface-id`]: (each) => [each.eniId],
  [`${PREFIX}.aws-account-id`]: (each) => [each.granteeId],
  [`${PREFIX}.aws-service`]: () => [],
  [`${PREFIX}.permission`]: (each) => [each.permission],
};

function describePermissions(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { eniPermissions } = draft.snapshot;
  const ids = stringsOf(input, 'NetworkInterfacePermissionIds');
  const asked =
    ids.length === 0 ? [...eniPermissions.values()] : findRows(eniPermissions, 'eni-perm', ids);
  const { rows, nextToken } = pageOf(filterRows(asked, FILTERS, input, draft.snapshot), input);
  return { NetworkInterfacePermissions: rows.map(permissionShape), NextToken: nextToken };
}

export const ENI_PERMISSION_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateNetworkInterfacePermission',
    parameters: { NetworkInterfaceId: 'string', AwsAccountId: 'string', Permission: 'string' },
    required: ['NetworkInterfaceId', 'Permission'],
    perform: createPermission,
  },
  {
    name: 'DeleteNetworkInterfacePermission',
    parameters: { NetworkInterfacePermissionId: 'string', Force: 'boolean' },
    required: ['NetworkInterfacePermissionId'],
    perform: deletePermission,
  },
  {
    name: 'DescribeNetworkInterfacePermissions',
    parameters: { ...PAGE_PARAMETERS, NetworkInterfacePermissionIds: ['string'] },
    required: [],
    perform: describePermissions,
  },
];

/** Roles of instances: what those who have their credentials may do. */
import { createHmac } from 'node:crypto';
import type { InstanceProfile } from './compute.ts';
import type { InstanceId, RoleId } from './ids.ts';

/** Which actions a statement is about, such as `ec2:ReplaceRoute` or `ec2:Describe*`. */
export type ActionPatterns =
  | { readonly only: readonly string[] }
  /** All but those. */
  | { readonly except: readonly string[] };

/** What a policy says of some actions, whatever they are done to. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: ActionPatterns;
}

/** Those of a role that may do everything. */
export const ALLOW_ALL: readonly Statement[] = [{ effect: 'Allow', actions: { only: ['*'] } }];

export interface Role {
  readonly roleId: RoleId;
  readonly accountId: string;
  readonly roleName: string;
  readonly statements: readonly Statement[];
}

/** What an instance does by its role. */
export interface RoleSession {
  readonly accountId: string;
  readonly roleName: string;
  /** The name of the session, as on AWS. */
  readonly instanceId: InstanceId;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Not padded; each byte gives one character, of its lower five bits. */
export function base32(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => BASE32[byte & 31]).join('');
}

/** @returns the id of a role, as IAM's are; it follows from the name. */
export function roleIdOf({ accountId, roleName }: Pick<Role, 'accountId' | 'roleName'>): RoleId {
  const digest = createHmac('sha256', accountId).update(roleName).digest();
  return `AROA${base32(digest).slice(0, 17)}`;
}

/** @returns the role of a profile: a profile has one, of its own name. */
export function roleNameOf({ arn }: Pick<InstanceProfile, 'arn'>): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** @returns the name of whoever acts, as AWS writes it. */
export function sessionArn({ accountId, roleName, instanceId }: RoleSession): string {
  return `arn:aws:sts::${accountId}:assumed-role/${roleName}/${instanceId}`;
}

/** Roles as a lab file means them. */
import type { Statement } from '../model/roles.ts';
import type { Path } from './file/problems.ts';

export interface LabRole {
  readonly name: string;
  readonly path: Path;
  readonly statements: readonly Statement[];
}

/** Of instances whose role the file does not say. It may do everything, unless the file has it otherwise. */
export const BUILT_IN_ROLE = 'vpclab';
/** In the place of a role: the instance has none. */
export const NO_ROLE = 'none';

/** The roles of a lab file: their actions in a row, those of their policies read from files. */
import { readFileSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import type { Statement } from '../../model/roles.ts';
import { BUILT_IN_ROLE, type LabRole, NO_ROLE } from '../lab-roles.ts';
import { readPolicy } from './policy-document.ts';
import { type Path, wantedName } from './problems.ts';
import { unreadable } from './readable.ts';
import type { LabFileRole, LabFileRoles } from './schema-roles.ts';
import type { Scope } from './scope.ts';

export function resolveRoles(fields: LabFileRoles, scope: Scope): Map<string, LabRole> {
  const roles = Object.entries(fields).map(([name, role]): [string, LabRole] => {
    const path = ['roles', name];
    if (name === NO_ROLE) {
      scope.report.atKey(
        path,
        `Cannot name "${NO_ROLE}": found a word with a meaning of its own, wanted another name`,
      );
    }
    return [name, { name, path, statements: statementsOf(role, path, scope) }];
  });
  return new Map(roles);
}

/** @returns the name of the role of an instance; null: it has none. */
export function resolveRole(name: string, path: Path, scope: Scope): string | null {
  if (name === NO_ROLE) return null;
  const known = new Set([...scope.roles, BUILT_IN_ROLE, NO_ROLE]);
  if (!known.has(name)) {
    const wanted = wantedName(name, known, 'a role');
    scope.report.at(
      path,
      `Cannot use role "${name}": found no role of that name, wanted ${wanted}`,
    );
  }
  return name;
}

function statementsOf(role: LabFileRole, path: Path, scope: Scope): readonly Statement[] {
  const { allow, deny, policy } = role;
  if (allow === undefined && deny === undefined && policy === undefined) {
    scope.report.atKey(
      path,
      'Cannot make a role: found nothing in it, wanted allow, deny or policy',
    );
  }
  return [
    ...(allow === undefined
      ? []
      : [{ effect: 'Allow', actions: { only: [allow].flat() } } as const]),
    ...(deny === undefined ? [] : [{ effect: 'Deny', actions: { only: [deny].flat() } } as const]),
    ...(policy === undefined ? [] : readPolicyFile(policy, [...path, 'policy'], scope)),
  ];
}

function readPolicyFile(
  name: string,
  path: Path,
  { options: { folder }, report }: Scope,
): readonly Statement[] {
  const refuse = (found: string, wanted: string) => {
    report.at(path, `Cannot use policy "${name}": found ${found}, wanted ${wanted}`);
    return [];
  };
  const file = resolvePath(folder, name);
  const state = unreadable(file);
  if (state !== null) return refuse(state, `a file in ${folder}`);
  const reading = readPolicy(readFileSync(file, 'utf8'));
  return 'problem' in reading
    ? refuse(reading.problem.found, reading.problem.wanted)
    : reading.statements;
}

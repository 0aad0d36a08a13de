/**
 * IAM policy documents, as far as a lab goes by them: statements that allow or deny actions, on
 * whatever resource and under all conditions.
 * @source "IAM JSON policy elements reference", AWS Identity and Access Management user guide
 */
import type { Statement } from '../../model/roles.ts';

/** What is wrong with a document, to go after "found", and what was wanted. */
export interface PolicyProblem {
  readonly found: string;
  readonly wanted: string;
}

export type PolicyReading =
  | { readonly statements: readonly Statement[] }
  | { readonly problem: PolicyProblem };

type Members = Readonly<Record<string, unknown>>;

const EFFECTS = ['Allow', 'Deny'] as const;
const MEMBERS = new Set(['Sid', 'Effect', 'Action', 'NotAction', 'Resource']);

/** @param text JSON. */
export function readPolicy(text: string): PolicyReading {
  const document = parsed(text);
  const statement = isMembers(document) ? document['Statement'] : undefined;
  if (statement === undefined) {
    return problem('no Statement', 'a policy document in JSON');
  }
  const readings = [statement].flat().map((each, index) => readStatement(each, index + 1));
  const wrong = readings.find((reading) => 'problem' in reading);
  if (wrong !== undefined) return wrong;
  return { statements: readings.flatMap((each) => ('statements' in each ? each.statements : [])) };
}

function readStatement(value: unknown, number: number): PolicyReading {
  const at = `in statement ${number}`;
  if (!isMembers(value)) return problem(`no map ${at}`, 'Effect, Action and Resource');
  const unknown = Object.keys(value).find((name) => !MEMBERS.has(name));
  if (unknown !== undefined) {
    return problem(`${unknown} ${at}`, 'Effect, Action and NotAction only, which a lab goes by');
  }
  const effect = EFFECTS.find((each) => each === value['Effect']);
  if (effect === undefined) return problem(`no such Effect ${at}`, 'Allow or Deny');
  const resources = textsOf(value['Resource'] ?? '*');
  if (resources?.length !== 1 || resources[0] !== '*') {
    return problem(`a Resource other than "*" ${at}`, '"*": a lab looks at actions only');
  }
  const only = textsOf(value['Action']);
  const except = textsOf(value['NotAction']);
  if (only !== null && except === null) return one({ effect, actions: { only } });
  if (only === null && except !== null) return one({ effect, actions: { except } });
  return problem(`not one list of actions ${at}`, 'Action or NotAction');
}

function one(statement: Statement): PolicyReading {
  return { statements: [statement] };
}

function problem(found: string, wanted: string): PolicyReading {
  return { problem: { found, wanted } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: whoever asks tells that it is no document.
    return null;
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns null for what is no text and no list of texts. */
function textsOf(value: unknown): readonly string[] | null {
  const list = [value].flat();
  return list.length > 0 && list.every((each) => typeof each === 'string') ? list : null;
}

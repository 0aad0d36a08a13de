/**
 * What the files of this folder are made of: stories, each a list of calls on an empty region.
 * `every-action.test.ts` has both clients live through each of them.
 */
import { type Lab, textAt } from '../../actions/lab.ts';

/** What has to come of a call. */
export type Expected =
  /** A pattern of the answer, as tap's `match` takes it; references in it are resolved. */
  | { readonly answer: object }
  /** The refusal's code, and its text where AWS's is known. */
  | { readonly code: string; readonly message?: string | RegExp };

export interface Call {
  readonly action: string;
  readonly input: object;
  readonly expected: Expected;
  /** What later calls refer to the answer by. */
  readonly name?: string;
}

/** What happens in another account meanwhile, which the story cannot call for. */
export interface Aside {
  readonly aside: (lab: Lab) => void;
}

export interface Story {
  readonly title: string;
  readonly calls: readonly (Call | Aside)[];
}

/** A place in an earlier answer. */
class Reference {
  readonly path: readonly string[];

  constructor(path: string) {
    this.path = path.split('.');
  }
}

/** @param path The name of a call, then members and list indexes: `vpc.Vpc.VpcId`. */
export function ref(path: string): Reference {
  return new Reference(path);
}

/** A call that is answered. @param answer What is asserted of the answer. */
export function gives(action: string, input: object, answer: object, name?: string): Call {
  return { action, input, expected: { answer }, ...(name !== undefined && { name }) };
}

/** A call that is refused. */
export function refuses(
  action: string,
  input: object,
  code: string,
  message?: string | RegExp,
): Call {
  return { action, input, expected: { code, ...(message !== undefined && { message }) } };
}

/** @param answers By the names of their calls. @returns the value with all references resolved. */
export function resolved(value: unknown, answers: Readonly<Record<string, unknown>>): unknown {
  if (value instanceof Reference) return textAt(answers, ...value.path);
  if (Array.isArray(value)) return value.map((item) => resolved(item, answers));
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, resolved(part, answers)]),
  );
}

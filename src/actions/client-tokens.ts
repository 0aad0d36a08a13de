/** Requests with a client token, which are performed once however often they come. */
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from './action.ts';
import { idempotentMismatch } from './compute/compute-errors.ts';
import { isStructure, optionalString } from './input.ts';

/** A region remembers so many; AWS forgets them after a day. */
const MAX_TOKENS = 1000;

/**
 * Performs an action unless its client token says that it was performed before.
 * @returns the first answer to a request that comes again.
 * @throws IdempotentParameterMismatch when the token comes with other parameters.
 */
export function performOnce(
  definition: ActionDefinition,
  input: ActionInput,
  context: ActionContext,
): ActionOutput {
  const hasToken = Object.hasOwn(definition.parameters, 'ClientToken');
  const token = hasToken ? optionalString(input, 'ClientToken') : undefined;
  if (token === undefined || token === '') return definition.perform(input, context);
  const key = `${definition.name} ${token}`;
  const parameters = canonicalJson(input);
  const { draft } = context;
  const answered = draft.snapshot.answeredRequests.get(key);
  if (answered !== undefined) {
    if (answered.parameters !== parameters) throw idempotentMismatch();
    return answered.output;
  }
  const output = definition.perform(input, context);
  draft.put('answeredRequests', key, { parameters, output });
  const [oldest] = draft.snapshot.answeredRequests.keys();
  if (draft.snapshot.answeredRequests.size > MAX_TOKENS && oldest !== undefined) {
    draft.delete('answeredRequests', oldest);
  }
  return output;
}

/** @returns the same text whatever the order of the members is. */
function canonicalJson(input: ActionInput): string {
  return JSON.stringify(input, (_key, value: unknown) =>
    isStructure(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

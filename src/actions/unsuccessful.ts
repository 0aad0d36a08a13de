/** Actions that take many ids, do what they can, and tell in the answer what they could not. */
import type { ActionOutput } from './action.ts';
import { ApiError } from './api-error.ts';

/**
 * Does a thing for each id; a refusal is told in the answer, and the others go on.
 * @param act It refuses before it changes anything.
 * @returns AWS's `UnsuccessfulItem`s.
 */
export function forEachId(ids: readonly string[], act: (id: string) => void): ActionOutput[] {
  return ids.flatMap((ResourceId) => {
    try {
      act(ResourceId);
      return [];
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return [{ ResourceId, Error: { Code: error.code, Message: error.message } }];
    }
  });
}

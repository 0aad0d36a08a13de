/** What actions get from outside the model. */
import type { ActionEnvironment, Observer } from '../actions/action.ts';
import type { IdSource } from '../actions/ids.ts';
import { newKeyPair } from './new-key-pair.ts';

/** Of a lab that is in memory only: no instance runs. */
export const NOBODY: Observer = {
  health: () => 'not-applicable',
  consoleOutput: () => '',
  findPath: () => null,
};

/** @param nowMs Milliseconds since the epoch. */
export function actionEnvironment(
  { newId, random }: IdSource,
  nowMs: number,
  observer: Observer = NOBODY,
): ActionEnvironment {
  return { nowMs, newId, random, newKeyPair, observer };
}

/** How an action tells of a state that takes its time. */
import { drawMs, TRANSITION_TIMES, type TransitionKind } from '../model/timing.ts';
import type { Transition } from '../model/transitions.ts';
import type { ActionContext } from './action.ts';

type TransitionContext = Pick<ActionContext, 'draft' | 'nowMs' | 'random' | 'isInstant'>;

/**
 * Begins a transition of an object: with `timing: aws` the state is told for as long as AWS takes.
 * @param state For the answer of the action, which tells it in any case.
 * @returns the state.
 */
export function begin<S extends string>(
  { draft, nowMs, random, isInstant = false }: TransitionContext,
  id: string,
  state: S,
  kind: TransitionKind,
  { holds = [], attachment = null }: Partial<Pick<Transition, 'holds' | 'attachment'>> = {},
): S {
  const { timing, timingScale } = draft.snapshot.settings;
  if (timing === 'instant' || isInstant) return state;
  const untilMs = nowMs + drawMs(TRANSITION_TIMES[kind], timingScale, random);
  draft.put('transitions', id, { state, untilMs, holds, attachment });
  return state;
}

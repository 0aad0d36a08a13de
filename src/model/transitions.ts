/**
 * What AWS is still at. The model does everything at once; a transition has the transient state told
 * until its time is over (`timing: aws`), and then it is as if it had never been.
 */
import type { EniAttachment } from './records.ts';

export interface Transition {
  /** What is told meanwhile, such as `pending`. */
  readonly state: string;
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
  /** The ids of what cannot be deleted meanwhile, because AWS still uses it. */
  readonly holds: readonly string[];
  /** Of an interface that is detaching, which is told as attached still. */
  readonly attachment: EniAttachment | null;
}

/** What has a table of transitions, by the id of the object. */
interface Moment {
  readonly transitions: ReadonlyMap<string, Transition>;
}

/** @returns the state to tell of an object. @param settled The state that it has in the model. */
export function stateOf<S extends string>({ transitions }: Moment, id: string, settled: S): S {
  // An id has transitions of its own kind only.
  return (transitions.get(id)?.state as S | undefined) ?? settled;
}

/** @returns true while something that is told of the object is not so yet. */
export function isInTransition({ transitions }: Moment, id: string): boolean {
  return transitions.has(id);
}

/** @returns true while AWS still uses what the model has let go. */
export function isHeld({ transitions }: Moment, id: string): boolean {
  for (const { holds } of transitions.values()) if (holds.includes(id)) return true;
  return false;
}

/** @returns the state of a CIDR block of a VPC or subnet. */
export function cidrState(
  { associationId }: { readonly associationId: string },
  moment: Moment,
): 'associating' | 'associated' {
  return stateOf<'associating' | 'associated'>(moment, associationId, 'associated');
}

/** What the codec asks of the model of a service. */
import type { WireMembers, WireModel } from './wire-types.ts';

/** The structures of an action's request and answer; null when an answer has none. */
export interface WireAction {
  readonly input: string;
  readonly output: string | null;
}

/** @returns null when the action is not in the model. @param name AWS's. */
export function wireAction({ actions }: WireModel, name: string): WireAction | null {
  const structures = Object.hasOwn(actions, name) ? actions[name] : undefined;
  return structures === undefined ? null : { input: structures[0], output: structures[1] };
}

/** @param structure A name out of the model itself. */
export function membersOf({ structures }: WireModel, structure: string): WireMembers {
  const members = structures[structure];
  if (members === undefined) throw new Error(`Cannot find structure "${structure}" in the model`);
  return members;
}

const queryIndexes = new WeakMap<WireMembers, ReadonlyMap<string, string>>();

/** @returns the names of members by their names in requests. */
export function membersByQueryName(members: WireMembers): ReadonlyMap<string, string> {
  let index = queryIndexes.get(members);
  if (index === undefined) {
    index = new Map(Object.entries(members).map(([name, [, query]]) => [query, name]));
    queryIndexes.set(members, index);
  }
  return index;
}

/** What the codec asks of the protocol's model. */
import { EC2_MODEL } from './ec2-model-table.ts';
import type { WireMembers } from './wire-types.ts';

/** The structures of an action's request and answer; null when an answer has none. */
export interface WireAction {
  readonly input: string;
  readonly output: string | null;
}

/** @returns null when the action is not in the model. */
export function wireAction(name: string): WireAction | null {
  const structures = Object.hasOwn(EC2_MODEL.actions, name) ? EC2_MODEL.actions[name] : undefined;
  return structures === undefined ? null : { input: structures[0], output: structures[1] };
}

/** @param structure A name out of the model itself. */
export function membersOf(structure: string): WireMembers {
  const members = EC2_MODEL.structures[structure];
  if (members === undefined) throw new Error(`Cannot find structure "${structure}" in the model`);
  return members;
}

const queryIndexes = new Map<string, ReadonlyMap<string, string>>();

/** @returns the members of a structure by their names in requests. */
export function membersByQueryName(structure: string): ReadonlyMap<string, string> {
  let index = queryIndexes.get(structure);
  if (index === undefined) {
    index = new Map(Object.entries(membersOf(structure)).map(([name, [, query]]) => [query, name]));
    queryIndexes.set(structure, index);
  }
  return index;
}

/** @returns true when a text is one of an enumeration's. */
export function isEnumValue(name: string, text: string): boolean {
  return EC2_MODEL.enums[name]?.includes(text) ?? false;
}

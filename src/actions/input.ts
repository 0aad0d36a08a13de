/**
 * Typed reading of the parameters of a request. The table of parameters was checked before
 * (`parameters.ts`), so a value of another type here is a mistake in an action's own table.
 */
import assert from 'node:assert/strict';
import type { ActionInput } from './action.ts';
import { invalidValue, missingParameter } from './errors.ts';

/** @returns undefined when the parameter was not given. */
export function optionalString(input: ActionInput, name: string): string | undefined {
  const value = input[name];
  assert(value === undefined || typeof value === 'string', `${name} is no string`);
  return value;
}

/** @throws MissingParameter when the parameter was not given. */
export function stringOf(input: ActionInput, name: string): string {
  return given(optionalString(input, name), name);
}

/**
 * Reads one of AWS's words.
 * @returns the first of them when the parameter was not given.
 * @throws InvalidParameterValue for another word.
 */
export function choiceOf<T extends string>(
  input: ActionInput,
  name: string,
  choices: readonly [T, ...T[]],
): T {
  const given = optionalString(input, name) ?? choices[0];
  const choice = choices.find((each) => each === given);
  if (choice === undefined) {
    throw invalidValue(`${name.charAt(0).toLowerCase()}${name.slice(1)}`, given);
  }
  return choice;
}

export function optionalInteger(input: ActionInput, name: string): number | undefined {
  const value = input[name];
  assert(value === undefined || typeof value === 'number', `${name} is no number`);
  return value;
}

/** @throws MissingParameter when the parameter was not given. */
export function integerOf(input: ActionInput, name: string): number {
  return given(optionalInteger(input, name), name);
}

/** Reads a boolean given bare or as `{ Value }`. */
export function optionalBoolean(input: ActionInput, name: string): boolean | undefined {
  const given = input[name];
  const value = isStructure(given) ? given['Value'] : given;
  assert(value === undefined || typeof value === 'boolean', `${name} is no boolean`);
  return value;
}

/** @throws MissingParameter when the parameter was not given. */
export function booleanOf(input: ActionInput, name: string): boolean {
  return given(optionalBoolean(input, name), name);
}

/** @returns the strings of a list; an absent list is empty. */
export function stringsOf(input: ActionInput, name: string): readonly string[] {
  return listOf(input, name).map((item) => {
    assert(typeof item === 'string', `${name} is no list of strings`);
    return item;
  });
}

/** @returns the structures of a list; an absent list is empty. */
export function structuresOf(input: ActionInput, name: string): readonly ActionInput[] {
  return listOf(input, name).map((item) => {
    assert(isStructure(item), `${name} is no list of structures`);
    return item;
  });
}

export function optionalStructure(input: ActionInput, name: string): ActionInput | undefined {
  const value = input[name];
  assert(value === undefined || isStructure(value), `${name} is no structure`);
  return value;
}

export function isStructure(value: unknown): value is ActionInput {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(input: ActionInput, name: string): readonly unknown[] {
  const value = input[name];
  assert(value === undefined || Array.isArray(value), `${name} is no list`);
  return value ?? [];
}

function given<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw missingParameter(name);
  return value;
}

/** The check of a request against an action's table of parameters, before the action sees it. */
import type { ActionDefinition, ActionInput, ParameterType } from './action.ts';
import { invalidValue, missingParameter, parameterValue, unknownParameter } from './errors.ts';
import { isStructure } from './input.ts';

/** What every action takes besides its own parameters. */
const COMMON_PARAMETERS: Readonly<Record<string, ParameterType>> = { DryRun: 'boolean' };

/**
 * Checks names, types and presence of all parameters.
 * @throws UnknownParameter when a name is not in the table; a typo must not pass silently.
 * @throws MissingParameter when a required one is absent or is an empty list.
 * @throws InvalidParameterValue when a value has another type, such as a scalar for a list.
 */
export function checkParameters(definition: ActionDefinition, input: ActionInput): void {
  checkStructure({ ...COMMON_PARAMETERS, ...definition.parameters }, input, '');
  for (const name of definition.required) {
    const value = input[name];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) {
      throw missingParameter(name);
    }
  }
}

function checkStructure(
  members: Readonly<Record<string, ParameterType>>,
  input: ActionInput,
  path: string,
): void {
  for (const [name, value] of Object.entries(input)) {
    const type = Object.hasOwn(members, name) ? members[name] : undefined;
    if (type === undefined) throw unknownParameter(`${path}${name}`);
    if (value !== undefined) checkValue(type, value, `${path}${name}`);
  }
}

function checkValue(type: ParameterType, value: unknown, path: string): void {
  if (typeof type === 'string') {
    checkScalar(type, value, path);
  } else if (isListType(type)) {
    if (!Array.isArray(value)) throw wrongType(path, value, 'list');
    for (const [index, item] of value.entries()) checkValue(type[0], item, `${path}.${index + 1}`);
  } else {
    if (!isStructure(value)) throw wrongType(path, value, 'structure');
    checkStructure(type, value, `${path}.`);
  }
}

function checkScalar(
  scalar: 'string' | 'blob' | 'integer' | 'boolean' | 'attributeBoolean',
  value: unknown,
  path: string,
): void {
  switch (scalar) {
    case 'string':
    case 'blob':
      if (typeof value !== 'string') throw wrongType(path, value, 'string');
      return;
    case 'integer':
      if (!Number.isSafeInteger(value)) throw wrongType(path, value, 'integer');
      return;
    case 'boolean':
      if (typeof value !== 'boolean') throw wrongType(path, value, 'boolean');
      return;
    case 'attributeBoolean':
      if (typeof value === 'boolean') return;
      if (!isStructure(value)) throw wrongType(path, value, 'boolean');
      checkStructure({ Value: 'boolean' }, value, `${path}.`);
      if (value['Value'] === undefined) throw missingParameter(`${path}.Value`);
      return;
    default:
      scalar satisfies never;
  }
}

function isListType(type: ParameterType): type is readonly [ParameterType] {
  return Array.isArray(type);
}

function wrongType(path: string, value: unknown, wanted: string): Error {
  const scalar =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return scalar
    ? invalidValue(path, String(value), `Expected: a value of type '${wanted}'.`)
    : parameterValue(`Invalid value for parameter ${path}. Expected: a value of type '${wanted}'.`);
}

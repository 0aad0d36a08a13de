/** The check of a request against an action's table of parameters, before the action sees it. */
import type {
  ActionDefinition,
  ActionInput,
  ActionService,
  ParameterRefusals,
  ParameterType,
} from './action.ts';
import { invalidValue, missingParameter, parameterValue, unknownParameter } from './errors.ts';
import { isStructure } from './input.ts';

/** Its refusals are UnknownParameter, MissingParameter and InvalidParameterValue. */
export const EC2_SERVICE: ActionService = {
  common: { DryRun: 'boolean' },
  refusals: {
    unknown: unknownParameter,
    missing: missingParameter,
    wrongType(path, value, wanted) {
      const scalar =
        typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
      const expected = `Expected: a value of type '${wanted}'.`;
      return scalar
        ? invalidValue(path, String(value), expected)
        : parameterValue(`Invalid value for parameter ${path}. ${expected}`);
    },
    notOneOf: (path, text) => invalidValue(path, text),
    unusableText: (path) =>
      parameterValue(`Invalid characters in the value for parameter ${path}.`),
  },
};

/**
 * Checks names, types and presence of all parameters.
 * @throws ApiError of the action's service when a name is not in the table, as a typo must not pass
 *   silently; when a required one is absent or is an empty list; when a value has another type, such as
 *   a scalar for a list.
 */
export function checkParameters(definition: ActionDefinition, input: ActionInput): void {
  const { common, refusals } = definition.service ?? EC2_SERVICE;
  checkStructure({ ...common, ...definition.parameters }, input, '', refusals);
  for (const name of definition.required) {
    const value = input[name];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) {
      throw refusals.missing(name);
    }
  }
}

function checkStructure(
  members: Readonly<Record<string, ParameterType>>,
  input: ActionInput,
  path: string,
  refusals: ParameterRefusals,
): void {
  for (const [name, value] of Object.entries(input)) {
    const type = Object.hasOwn(members, name) ? members[name] : undefined;
    if (type === undefined) throw refusals.unknown(`${path}${name}`);
    if (value !== undefined) checkValue(type, value, `${path}${name}`, refusals);
  }
}

function checkValue(
  type: ParameterType,
  value: unknown,
  path: string,
  refusals: ParameterRefusals,
): void {
  if (typeof type === 'string') {
    checkScalar(type, value, path, refusals);
  } else if (isListType(type)) {
    if (!Array.isArray(value)) throw refusals.wrongType(path, value, 'list');
    for (const [index, item] of value.entries())
      checkValue(type[0], item, `${path}.${index + 1}`, refusals);
  } else {
    if (!isStructure(value)) throw refusals.wrongType(path, value, 'structure');
    checkStructure(type, value, `${path}.`, refusals);
  }
}

function checkScalar(
  scalar: 'string' | 'blob' | 'integer' | 'boolean' | 'attributeBoolean',
  value: unknown,
  path: string,
  refusals: ParameterRefusals,
): void {
  const { wrongType } = refusals;
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
      checkStructure({ Value: 'boolean' }, value, `${path}.`, refusals);
      if (value['Value'] === undefined) throw refusals.missing(`${path}.Value`);
      return;
    default:
      scalar satisfies never;
  }
}

function isListType(type: ParameterType): type is readonly [ParameterType] {
  return Array.isArray(type);
}

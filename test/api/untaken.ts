/** Where the tables of the actions and AWS's model differ. */
import type { ActionDefinition, ParameterType } from '../../src/actions/action.ts';
import { membersOf, wireAction } from '../../src/api/model.ts';
import { serviceOfAction } from '../../src/api/wire-services.ts';
import type { WireModel, WireType } from '../../src/api/wire-types.ts';

export interface Differences {
  /** Members of AWS's request that the action refuses, such as `NetworkInterfaces.Description`. */
  readonly untaken: string[];
  /** What the action takes and AWS has not, or has with another type. */
  readonly wrong: string[];
}

export function differencesOf(definition: ActionDefinition): Differences {
  const { parameters } = definition;
  const differences: Differences = { untaken: [], wrong: [] };
  const { service, name } = serviceOfAction(definition.name);
  const { model } = service;
  const wire = wireAction(model, name);
  if (wire === null) return { untaken: [], wrong: [name] };
  // Every action takes it; on the wire it is there where AWS has it.
  const common = Object.hasOwn(membersOf(model, wire.input), 'DryRun')
    ? { DryRun: 'boolean' as const }
    : {};
  compareStructures(model, { ...common, ...parameters }, wire.input, '', differences);
  return differences;
}

function compareStructures(
  model: WireModel,
  taken: Readonly<Record<string, ParameterType>>,
  structure: string,
  path: string,
  differences: Differences,
): void {
  const members = membersOf(model, structure);
  for (const name of Object.keys(members)) {
    if (!Object.hasOwn(taken, name)) differences.untaken.push(`${path}${name}`);
  }
  for (const [name, type] of Object.entries(taken)) {
    const wire = members[name]?.[0];
    if (wire === undefined) differences.wrong.push(`${path}${name}`);
    else compareTypes(model, type, wire, `${path}${name}`, differences);
  }
}

function compareTypes(
  model: WireModel,
  type: ParameterType,
  wire: WireType,
  path: string,
  differences: Differences,
): void {
  if (typeof type === 'string') {
    if (!isScalar(type, wire)) differences.wrong.push(path);
  } else if (isList(type)) {
    if (typeof wire === 'string' || !('list' in wire)) differences.wrong.push(path);
    else compareTypes(model, type[0], wire.list, path, differences);
  } else if (typeof wire === 'string' || !('structure' in wire)) differences.wrong.push(path);
  else compareStructures(model, type, wire.structure, `${path}.`, differences);
}

function isList(type: ParameterType): type is readonly [ParameterType] {
  return Array.isArray(type);
}

function isScalar(type: string, wire: WireType): boolean {
  switch (type) {
    case 'string':
      return (
        wire === 'string' || wire === 'timestamp' || (typeof wire === 'object' && 'enum' in wire)
      );
    case 'integer':
      return wire === 'number';
    case 'attributeBoolean':
      return (
        typeof wire === 'object' &&
        'structure' in wire &&
        wire.structure === 'AttributeBooleanValue'
      );
    default:
      return wire === type;
  }
}

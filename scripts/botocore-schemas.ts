/** The operations of botocore's models in the form that `ec2-schemas.ts` reads those of an SDK in. */
import type { Scalar } from '../src/api/wire-types.ts';
import type { SchemaMember, SchemaOperation, SchemaRef } from './ec2-schemas.ts';

interface Ref {
  readonly shape: string;
  readonly locationName?: string;
}

interface Shape {
  readonly type: string;
  readonly enum?: readonly string[];
  readonly member?: Ref;
  readonly members?: Readonly<Record<string, Ref>>;
  readonly required?: readonly string[];
}

export interface BotocoreModel {
  readonly operations: Readonly<Record<string, { readonly input?: Ref; readonly output?: Ref }>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** The name of an element that has none in the model. */
const DEFAULT_ITEM = 'member';

const SCALARS: Readonly<Record<string, Scalar>> = {
  string: 'string',
  integer: 'number',
  long: 'number',
  boolean: 'boolean',
  timestamp: 'timestamp',
};

/** @returns what reads an operation. Members that are maps are left out: no action of a lab has one. */
export function botocoreReader({
  operations,
  shapes,
}: BotocoreModel): (name: string) => SchemaOperation {
  const shapeOf = (name: string): Shape => {
    const shape = shapes[name];
    if (shape === undefined) throw new Error(`Cannot find shape "${name}" in botocore`);
    return shape;
  };
  const refOf = (name: string): SchemaRef => {
    const { type, member } = shapeOf(name);
    if (type === 'structure') return { kind: 'structure', name, members: () => membersOf(name) };
    if (type === 'list' && member !== undefined) {
      const item = member.locationName ?? DEFAULT_ITEM;
      return { kind: 'list', item, element: refOf(member.shape) };
    }
    const scalar = SCALARS[type];
    if (scalar === undefined) throw new Error(`Cannot read a shape: found type ${type}`);
    return { kind: 'scalar', scalar };
  };
  const membersOf = (structure: string): SchemaMember[] => {
    const { members = {}, required = [] } = shapeOf(structure);
    return Object.entries(members)
      .filter(([, { shape }]) => shapeOf(shape).type !== 'map')
      .map(([name, { shape, locationName = name }]) => ({
        name,
        traits: { xmlName: locationName },
        ref: refOf(shape),
        required: required.includes(name),
      }));
  };
  return (name) => {
    const { input, output } = operations[name] ?? {};
    if (input === undefined) throw new Error(`Cannot find operation "${name}" in botocore`);
    return { input: refOf(input.shape), output: output === undefined ? null : refOf(output.shape) };
  };
}

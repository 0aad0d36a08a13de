/**
 * The layout of the schemas that `@aws-sdk/client-ec2` exports, which is internal to the SDK: the
 * version of the SDK is pinned, and nothing else knows this layout.
 *
 * - operation: `[9, namespace, name, traits, input, output]`
 * - structure: `[3, namespace, name, traits, memberNames, memberRefs, requiredCount?]`
 * - list: `[1, namespace, name, traits, elementRef]`
 * - named scalar: `[0, namespace, name, traits, base]`
 * - ref: a number, a schema, a function that gives one, or `[ref, traits]`
 */
import * as sdk from '@aws-sdk/client-ec2';
import type { Scalar } from '../src/api/wire-types.ts';

const KIND = { simple: 0, list: 1, structure: 3, operation: 9 };

/** Added to the number of a scalar: a list of it. */
const LIST_FLAG = 64;
/** The name of an element that has none in the model. */
const DEFAULT_ITEM = 'member';

/** The schema of an answer without members. */
const NOTHING = 'unit';

const SCALARS: ReadonlyMap<unknown, Scalar> = new Map([
  [0, 'string'],
  [1, 'number'],
  [2, 'boolean'],
  [4, 'timestamp'],
  [5, 'timestamp'],
  [21, 'blob'],
]);

interface Traits {
  readonly ec2QueryName?: string;
  readonly xmlName?: string;
}

export interface SchemaMember {
  readonly name: string;
  readonly traits: Traits;
  readonly ref: SchemaRef;
  readonly required: boolean;
}

export type SchemaRef =
  | { readonly kind: 'scalar'; readonly scalar: Scalar }
  | { readonly kind: 'list'; readonly item: string; readonly element: SchemaRef }
  | { readonly kind: 'structure'; readonly name: string; readonly members: () => SchemaMember[] };

export interface SchemaOperation {
  readonly input: SchemaRef;
  /** Null when the operation answers nothing but that it was done. */
  readonly output: SchemaRef | null;
}

/** @throws Error when the SDK has no such operation. */
export function readOperation(name: string): SchemaOperation {
  const schema = exported(`${name}$`);
  if (!Array.isArray(schema) || schema[0] !== KIND.operation) {
    throw new Error(`Cannot find operation "${name}" in the SDK`);
  }
  const output: unknown = typeof schema[5] === 'function' ? schema[5]() : schema[5];
  return {
    input: readRef(schema[4]).ref,
    output: output === NOTHING ? null : readRef(output).ref,
  };
}

/** @returns the values of an enumeration; none when the SDK does not export it. */
export function readEnum(name: string): readonly string[] {
  const values = exported(name) ?? exported(`_${name}`);
  if (typeof values !== 'object' || values === null) return [];
  return Object.values(values).filter((value) => typeof value === 'string');
}

function exported(name: string): unknown {
  return Object.entries(sdk).find(([key]) => key === name)?.[1];
}

function readRef(given: unknown): { readonly ref: SchemaRef; readonly traits: Traits } {
  const value: unknown = typeof given === 'function' ? given() : given;
  const scalar = SCALARS.get(value);
  if (scalar !== undefined) return { ref: { kind: 'scalar', scalar }, traits: {} };
  if (typeof value === 'number' && value >= LIST_FLAG) {
    const element = readRef(value - LIST_FLAG).ref;
    return { ref: { kind: 'list', item: DEFAULT_ITEM, element }, traits: {} };
  }
  if (!Array.isArray(value)) throw new Error(`Cannot read a schema: found ${String(value)}`);
  const parts: readonly unknown[] = value;
  if (typeof parts[1] !== 'string') {
    return { ref: readRef(parts[0]).ref, traits: readTraits(parts[1]) };
  }
  return { ref: readSchema(parts), traits: {} };
}

function readSchema(schema: readonly unknown[]): SchemaRef {
  const [kind, , name, , content] = schema;
  if (kind === KIND.simple) return readRef(content).ref;
  if (kind === KIND.list) {
    const { ref, traits } = readRef(content);
    return { kind: 'list', item: traits.xmlName ?? DEFAULT_ITEM, element: ref };
  }
  if (kind !== KIND.structure || typeof name !== 'string') {
    throw new Error(`Cannot read a schema: found kind ${String(kind)}`);
  }
  return { kind: 'structure', name, members: () => readMembers(schema) };
}

function readMembers(schema: readonly unknown[]): SchemaMember[] {
  const [, , , , names, refs, requiredCount = 0] = schema;
  if (!Array.isArray(names) || !Array.isArray(refs)) throw new Error('Cannot read members');
  return names.map((name, index) => ({
    name: String(name),
    ...readRef(refs[index]),
    required: index < Number(requiredCount),
  }));
}

function readTraits(value: unknown): Traits {
  return typeof value === 'object' && value !== null ? value : {};
}

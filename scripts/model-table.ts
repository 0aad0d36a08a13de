/** Writes the table of a service's model: the wire names, types and enumerations of actions. */
import type { WireMember, WireType } from '../src/api/wire-types.ts';
import type { SchemaMember, SchemaOperation, SchemaRef } from './ec2-schemas.ts';

/** The part of botocore's models that says which member is of which enumeration. */
export interface BotocoreShapes {
  readonly shapes: Readonly<Record<string, BotocoreShape>>;
}
interface BotocoreShape {
  readonly enum?: readonly string[];
  readonly member?: { readonly shape: string };
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
}

interface ModelSource {
  /** What the constant is called. */
  readonly constant: string;
  /** Where it is from. */
  readonly header: string;
  readonly actions: Iterable<string>;
  readonly readOperation: (name: string) => SchemaOperation;
  /** @returns the values that botocore does not have. */
  readonly readEnum: (name: string) => readonly string[];
  readonly botocore: BotocoreShapes;
}

/** @returns the text of a file of `src/api/`. */
export function modelTableText(source: ModelSource): string {
  const { constant, header, readOperation } = source;
  const writer = new ModelWriter(source);
  const actions = [...source.actions].toSorted().map((name) => {
    const { input, output } = readOperation(name);
    const structures = [writer.nameOf(input), output && writer.nameOf(output)];
    return `    ${name}: ${JSON.stringify(structures)},`;
  });
  return [
    header,
    `export const ${constant}: WireModel = {`,
    ...['  actions: {', ...actions, '  },'],
    ...['  structures: {', ...writer.structureLines(), '  },'],
    ...['  enums: {', ...writer.enumLines(), '  },'],
    '};\n',
  ].join('\n');
}

/** Collects the structures and enumerations that actions reach. */
class ModelWriter {
  readonly #botocore: BotocoreShapes;
  readonly #readEnum: ModelSource['readEnum'];
  readonly #structures = new Map<string, readonly string[]>();
  readonly #enums = new Map<string, readonly string[]>();

  constructor({ botocore, readEnum }: Pick<ModelSource, 'botocore' | 'readEnum'>) {
    this.#botocore = botocore;
    this.#readEnum = readEnum;
  }

  /** Adds the structure of a request or an answer. @returns its name. */
  nameOf(ref: SchemaRef): string {
    if (ref.kind !== 'structure')
      throw new Error(`Cannot read a ${ref.kind} as a request or answer`);
    this.#addStructure(ref.name, ref.members);
    return ref.name;
  }

  structureLines(): string[] {
    return sortedByKey(this.#structures).flatMap(([name, lines]) => [
      `    ${name}: {`,
      ...lines,
      '    },',
    ]);
  }

  enumLines(): string[] {
    return sortedByKey(this.#enums).map(
      ([name, values]) => `    ${name}: ${JSON.stringify(values)},`,
    );
  }

  #addStructure(name: string, members: () => readonly SchemaMember[]): void {
    if (this.#structures.has(name)) return;
    // Before its members: a structure may contain itself.
    this.#structures.set(name, []);
    const known = this.#botocore.shapes[name]?.members ?? {};
    const lines = members().map((member) => {
      const { xmlName = member.name, ec2QueryName } = member.traits;
      const query = ec2QueryName ?? `${xmlName.slice(0, 1).toUpperCase()}${xmlName.slice(1)}`;
      const type = this.#typeOf(member.ref, known[member.name]?.shape);
      return `      ${member.name}: ${JSON.stringify([type, query, xmlName] satisfies WireMember)},`;
    });
    this.#structures.set(name, lines);
  }

  /** @param shape Botocore's name of the same type, when it has it. */
  #typeOf(ref: SchemaRef, shape: string | undefined): WireType {
    const known = shape === undefined ? undefined : this.#botocore.shapes[shape];
    switch (ref.kind) {
      case 'scalar':
        if (ref.scalar !== 'string' || shape === undefined || known?.enum === undefined)
          return ref.scalar;
        this.#addEnum(shape, known.enum);
        return { enum: shape };
      case 'list':
        return { list: this.#typeOf(ref.element, known?.member?.shape), item: ref.item };
      case 'structure':
        this.#addStructure(ref.name, ref.members);
        return { structure: ref.name };
      default:
        return ref satisfies never;
    }
  }

  /** An SDK is newer than botocore, but neither has all that the other has. */
  #addEnum(name: string, values: readonly string[]): void {
    this.#enums.set(name, [...new Set([...values, ...this.#readEnum(name)])].toSorted());
  }
}

function sortedByKey<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

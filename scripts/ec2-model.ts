/**
 * Writes `src/api/ec2-model-table.ts`: the wire names, types and enumerations of the EC2 actions that
 * the lab has, and the page that lists them, out of `@aws-sdk/client-ec2` and, for which member is of which enumeration, botocore.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ACTIONS } from '../src/actions/table.ts';
import type { WireMember, WireType } from '../src/api/wire-types.ts';
import { readEnum, readOperation, type SchemaMember, type SchemaRef } from './ec2-schemas.ts';

export const MODEL_PATH = fileURLToPath(new URL('../src/api/ec2-model-table.ts', import.meta.url));
export const ACTIONS_PAGE_PATH = fileURLToPath(new URL('../docs/api-actions.md', import.meta.url));
/** Debian's python3-botocore. */
export const BOTOCORE_PATH =
  '/usr/lib/python3/dist-packages/botocore/data/ec2/2016-11-15/service-2.json';

const HEADER = `/**
 * The EC2 query protocol of the actions that a lab has: wire names, types, enumerations.
 * Made by scripts/ec2-model.ts (\`npm run ec2-model\`) from the API model of Amazon EC2 as published in
 * @aws-sdk/client-ec2 and botocore: Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0 (http://www.apache.org/licenses/LICENSE-2.0); trimmed and rearranged.
 */
import type { Ec2Model } from './wire-types.ts';
`;

/** The part of botocore's model that the SDK's schemas lack. */
interface BotocoreModel {
  readonly shapes: Readonly<Record<string, BotocoreShape>>;
}
interface BotocoreShape {
  readonly enum?: readonly string[];
  readonly member?: { readonly shape: string };
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
}

/** @returns the text of the file. */
export function ec2ModelText(): string {
  const writer = new ModelWriter(JSON.parse(readFileSync(BOTOCORE_PATH, 'utf8')));
  const actions = [...ACTIONS.keys()].toSorted().map((name) => {
    const { input, output } = readOperation(name);
    const structures = [writer.nameOf(input), output && writer.nameOf(output)];
    return `    ${name}: ${JSON.stringify(structures)},`;
  });
  return [
    HEADER,
    'export const EC2_MODEL: Ec2Model = {',
    ...['  actions: {', ...actions, '  },'],
    ...['  structures: {', ...writer.structureLines(), '  },'],
    ...['  enums: {', ...writer.enumLines(), '  },'],
    '};\n',
  ].join('\n');
}

/** @returns the page of the documentation that lists all actions. */
export function actionsPageText(): string {
  const names = [...ACTIONS.keys()].toSorted().map((name) => `- \`${name}\``);
  const head = `# The ${names.length} actions of the EC2 API\n\nWritten by \`npm run ec2-model\`.\n\n`;
  return `${head}${names.join('\n')}\n`;
}

/** Collects the structures and enumerations that actions reach. */
class ModelWriter {
  readonly #botocore: BotocoreModel;
  readonly #structures = new Map<string, readonly string[]>();
  readonly #enums = new Map<string, readonly string[]>();

  constructor(botocore: BotocoreModel) {
    this.#botocore = botocore;
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

  /** The SDK is newer than botocore, but neither has all that the other has. */
  #addEnum(name: string, values: readonly string[]): void {
    this.#enums.set(name, [...new Set([...values, ...readEnum(name)])].toSorted());
  }
}

function sortedByKey<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(MODEL_PATH, ec2ModelText());
  writeFileSync(ACTIONS_PAGE_PATH, actionsPageText());
}

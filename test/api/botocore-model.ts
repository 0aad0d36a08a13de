/** What the installed botocore knows of answers: Debian's is older than the SDK, and reads what it knows. */
import { readFileSync } from 'node:fs';

interface Shape {
  readonly member?: { readonly shape: string };
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
}

export class BotocoreModel {
  readonly #operations: Readonly<Record<string, { readonly output?: { readonly shape: string } }>>;
  readonly #shapes: Readonly<Record<string, Shape>>;

  /** @param path Of the model of one service. */
  constructor(path: string) {
    const { operations, shapes } = JSON.parse(readFileSync(path, 'utf8'));
    this.#operations = operations;
    this.#shapes = shapes;
  }

  has(action: string): boolean {
    return Object.hasOwn(this.#operations, action);
  }

  /** @returns an answer without the members that botocore does not know. */
  known(action: string, answer: object): unknown {
    const output = this.#operations[action]?.output;
    return output === undefined ? {} : this.#part(answer, output.shape);
  }

  #part(value: unknown, name: string): unknown {
    const { member, members } = this.#shapes[name] ?? {};
    if (Array.isArray(value)) return value.map((item) => this.#part(item, member?.shape ?? ''));
    if (members === undefined) return value;
    const parts = Object.entries(Object(value)).flatMap(([key, part]) => {
      const shape = members[key]?.shape;
      return shape === undefined ? [] : [[key, this.#part(part, shape)] as const];
    });
    return Object.fromEntries(parts);
  }
}

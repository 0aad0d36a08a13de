/** Golden vectors and corpus seeds: hex with `#` comment lines that name origin and fields. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TEST_ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The folder of the fuzzer's seeds. */
export const CORPUS = join(TEST_ROOT, 'corpus');

export function parseHex(text: string): Uint8Array {
  const digits = text.replaceAll(/#.*$/gm, '').replaceAll(/\s/g, '');
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** @param name Of a file in `test/vectors/`, without its ending. */
export function readVector(name: string): Uint8Array {
  return parseHex(readFileSync(join(TEST_ROOT, 'vectors', `${name}.hex`), 'utf8'));
}

/** @returns every vector whose name starts so, sorted by name. */
export function listVectors(prefix: string): string[] {
  return readdirSync(join(TEST_ROOT, 'vectors'))
    .filter((file) => file.startsWith(prefix) && file.endsWith('.hex'))
    .map((file) => file.slice(0, -'.hex'.length))
    .sort();
}

/** @returns the seeds of a folder in `test/corpus/`, earlier crashes among them. */
export function readCorpus(corpus: string): Uint8Array[] {
  const folder = join(CORPUS, corpus);
  const files = readdirSync(folder).filter((file) => file.endsWith('.hex'));
  return files.sort().map((file) => parseHex(readFileSync(join(folder, file), 'utf8')));
}

/** A corpus file with what its `# Expected: key=value ...` line says. */
export interface Seed {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly expected: Readonly<Record<string, string>>;
}

/** @returns the seeds of a folder whose files say what to expect. */
export function readSeeds(corpus: string): readonly Seed[] {
  const folder = join(CORPUS, corpus);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.hex'))
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const pairs = /^# Expected: (.*)$/m.exec(text)?.[1]?.split(' ') ?? [];
      const expected = Object.fromEntries(pairs.map((pair) => pair.split('=')));
      return { name: file.slice(0, -'.hex'.length), bytes: parseHex(text), expected };
    });
}

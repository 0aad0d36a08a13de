/** Shows the lines of files that grow, also of those that others remove while it reads. */
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const FOLLOW_EVERY_MS = 200;

export interface TailOptions {
  /** The files that there are now. */
  readonly files: () => readonly string[];
  readonly show: (file: string, line: string) => void;
  /** Asked after each look; false ends it. */
  readonly goesOn: () => boolean;
}

/** Shows all lines, then, as long as it goes on, each new one. */
export async function tailFiles({ files, show, goesOn }: TailOptions): Promise<void> {
  const tails = new Map<string, Tail>();
  const showNew = (): void => {
    for (const file of files()) {
      const descriptor = tails.has(file) ? null : openIfThere(file);
      if (descriptor !== null) tails.set(file, new Tail(file, descriptor));
    }
    for (const [file, tail] of tails) for (const line of tail.newLines()) show(file, line);
  };
  try {
    showNew();
    while (goesOn()) {
      await delay(FOLLOW_EVERY_MS);
      showNew();
    }
    for (const [file, { rest }] of tails) if (rest !== '') show(file, rest);
  } finally {
    for (const tail of tails.values()) tail.close();
  }
}

/** A file of which the first bytes were read. It stays open: what was written last outlives its name. */
class Tail {
  readonly #file: string;
  #descriptor: number;
  #position = 0;
  /** The start of a line whose end was not written yet. */
  rest = '';

  constructor(file: string, descriptor: number) {
    this.#file = file;
    this.#descriptor = descriptor;
  }

  /** @returns the whole lines that were written since the last call. */
  newLines(): string[] {
    const lines = this.#readLines();
    const named = fs.statSync(this.#file, { throwIfNoEntry: false });
    if (named === undefined || named.ino === fs.fstatSync(this.#descriptor).ino) return lines;
    // Another file has taken the name.
    const descriptor = openIfThere(this.#file);
    if (descriptor === null) return lines;
    this.close();
    this.#descriptor = descriptor;
    this.#position = 0;
    return [...lines, ...this.#readLines()];
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }

  #readLines(): string[] {
    const { size } = fs.fstatSync(this.#descriptor);
    // A daemon that starts again may begin its file anew.
    if (size < this.#position) this.#position = 0;
    const bytes = Buffer.alloc(size - this.#position);
    this.#position += fs.readSync(this.#descriptor, bytes, 0, bytes.length, this.#position);
    const lines = (this.rest + bytes.toString('utf8')).split('\n');
    this.rest = lines.pop() ?? '';
    return lines;
  }
}

/** @returns a descriptor; null when the file has gone meanwhile. */
function openIfThere(file: string): number | null {
  try {
    return fs.openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

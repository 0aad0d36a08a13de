/**
 * What commands write: results to standard output, words about them to standard error.
 * Colour, aligned tables and progress are for terminals only.
 */
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { alignTable, type Table, tabTable } from './tables.ts';

export type Style = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

/** The parts of a terminal stream that are used here. */
export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  /** Lines of a terminal. */
  readonly rows?: number;
}

const PROGRESS_AFTER_MS = 1000;
const PROGRESS_EVERY_MS = 250;
const DEFAULT_ROWS = 24;
const HOME = '\u001b[H';
const CLEAR_TO_LINE_END = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const CLEAR_LINE = '\r\u001b[K';

export class Output {
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;

  constructor(stdout: OutputStream, stderr: OutputStream) {
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  get stdout(): OutputStream {
    return this.#stdout;
  }

  get isTerminal(): boolean {
    return this.#stdout.isTTY === true;
  }

  /** Lines that the terminal shows. */
  get rows(): number {
    return this.#stdout.rows ?? DEFAULT_ROWS;
  }

  /** Replaces what the terminal shows; line by line, as an empty screen in between would flicker. */
  redraw(text: string): void {
    const lines = text.replaceAll('\n', `${CLEAR_TO_LINE_END}\n`);
    this.#stdout.write(`${HOME}${lines}${CLEAR_BELOW}`);
  }

  line(text: string): void {
    this.#stdout.write(`${text}\n`);
  }

  /** One JSON document on one line. */
  json(value: unknown): void {
    this.line(JSON.stringify(value));
  }

  table(table: Table): void {
    this.#stdout.write(this.isTerminal ? alignTable(table) : tabTable(table));
  }

  /** For people; never part of a result. */
  note(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  paint(style: Style, text: string): string {
    return this.isTerminal ? styleText(style, text) : text;
  }

  /**
   * Shows what is going on while `work` takes longer than a second.
   * @param work Gets a function that replaces the words.
   */
  async progress<R>(title: string, work: (show: (text: string) => void) => Promise<R>): Promise<R> {
    let words = title;
    const startMs = performance.now();
    if (this.#stderr.isTTY !== true) return work(() => undefined);
    let shown = false;
    const timer = setInterval(() => {
      const ms = performance.now() - startMs;
      if (ms < PROGRESS_AFTER_MS) return;
      shown = true;
      this.#stderr.write(
        `${CLEAR_LINE}${styleText('dim', `${words} (${Math.floor(ms / 1000)} s)`)}`,
      );
    }, PROGRESS_EVERY_MS);
    try {
      return await work((text) => {
        words = text;
      });
    } finally {
      clearInterval(timer);
      if (shown) this.#stderr.write(CLEAR_LINE);
    }
  }
}

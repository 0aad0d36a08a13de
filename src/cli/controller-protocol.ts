/**
 * What `vpclab up` and the controller that it starts say to each other: how the controller is
 * called, and the JSON lines that it writes to descriptor 3 until the lab is up.
 */
import fs from 'node:fs';
import { LabFileError } from '../scenario/file/problems.ts';
import { CliError, EXIT, type ExitCode } from './exit-codes.ts';
import type { LabSource } from './lab-source.ts';

const PROGRESS_DESCRIPTOR = 3;

type FailureCode = Exclude<ExitCode, typeof EXIT.good | typeof EXIT.interrupted>;

export type ControllerMessage =
  | { readonly type: 'progress'; readonly text: string }
  | { readonly type: 'ready' }
  | {
      readonly type: 'error';
      readonly message: string;
      readonly hint: string | null;
      readonly exitCode: FailureCode;
    };

/** @returns the message of a line; null for anything else that found its way to the descriptor. */
export function parseControllerMessage(line: string): ControllerMessage | null {
  try {
    const message = JSON.parse(line) as ControllerMessage | null;
    return message !== null && TYPES.has(message.type) ? message : null;
  } catch {
    // Not JSON.
    return null;
  }
}

const TYPES: ReadonlySet<unknown> = new Set(['progress', 'ready', 'error']);

/** Writes to `up` until the lab is up, or until `up` is gone. */
export class ControllerReport {
  #open = true;

  tell(message: ControllerMessage): void {
    if (!this.#open) return;
    try {
      fs.writeSync(PROGRESS_DESCRIPTOR, `${JSON.stringify(message)}\n`);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
      this.#open = false;
    }
    if (message.type !== 'progress') this.close();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    fs.closeSync(PROGRESS_DESCRIPTOR);
  }
}

/** What `up` wants of a controller. */
export interface ControllerOrder {
  readonly source: LabSource;
  /** No instances and no packets: only what the API knows. */
  readonly isRecords: boolean;
}

/** The order goes through a file of its own: standard input can be read only once. */
export function writeOrder(file: string, order: ControllerOrder): void {
  fs.writeFileSync(file, JSON.stringify(order), { mode: 0o600 });
}

/** Reads what `writeOrder` wrote, and removes it. */
export function takeOrder(file: string): ControllerOrder {
  const order = JSON.parse(fs.readFileSync(file, 'utf8')) as ControllerOrder;
  fs.rmSync(file);
  return order;
}

/** @returns the exit code that `up` ends with when its controller failed. */
export function failureCode(error: unknown): FailureCode {
  if (error instanceof LabFileError) return EXIT.usage;
  const code: ExitCode = error instanceof CliError ? error.exitCode : EXIT.checkFailed;
  return code === EXIT.good || code === EXIT.interrupted ? EXIT.checkFailed : code;
}

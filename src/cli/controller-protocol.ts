/**
 * What `vpclab up` and the controller that it starts say to each other: how the controller is
 * called, and the JSON lines that it writes to descriptor 3 until the lab is up.
 */
import fs from 'node:fs';
import { z } from 'zod';
import { CliError, EXIT, type ExitCode } from './exit-codes.ts';

const PROGRESS_DESCRIPTOR = 3;

const messageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('progress'), text: z.string() }),
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({
    type: z.literal('error'),
    message: z.string(),
    hint: z.string().nullable(),
    exitCode: z.union([
      z.literal(EXIT.checkFailed),
      z.literal(EXIT.usage),
      z.literal(EXIT.host),
      z.literal(EXIT.notFound),
    ]),
  }),
]);

export type ControllerMessage = z.infer<typeof messageSchema>;
export type FailureCode = Extract<ControllerMessage, { type: 'error' }>['exitCode'];

/** @returns the message of a line; null for anything else that found its way to the descriptor. */
export function parseControllerMessage(line: string): ControllerMessage | null {
  try {
    return messageSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    // Not JSON.
    return null;
  }
}

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

const orderSchema = z.strictObject({
  source: z.strictObject({
    file: z.string(),
    shown: z.string(),
    folder: z.string(),
    text: z.string(),
  }),
  /** No instances and no packets: only what the API knows. */
  isRecords: z.boolean(),
});

/** What `up` wants of a controller. */
export type ControllerOrder = z.infer<typeof orderSchema>;

/** The order goes through a file of its own: standard input can be read only once. */
export function writeOrder(file: string, order: ControllerOrder): void {
  fs.writeFileSync(file, JSON.stringify(order), { mode: 0o600 });
}

/** Reads what `writeOrder` wrote, and removes it. */
export function takeOrder(file: string): ControllerOrder {
  const order = orderSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  fs.rmSync(file);
  return order;
}

/** @returns the exit code that `up` ends with when its controller failed. */
export function failureCode(error: unknown): FailureCode {
  const code: ExitCode = error instanceof CliError ? error.exitCode : EXIT.checkFailed;
  return code === EXIT.good || code === EXIT.interrupted ? EXIT.checkFailed : code;
}

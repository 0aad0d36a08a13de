/** boto3 in a process of its own, for tests: one call after another. */
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const CLIENT = fileURLToPath(new URL('./boto3-client.py', import.meta.url));
/** Debian's own, which has Debian's packages. */
const PYTHON = '/usr/bin/python3';

export interface Outcome {
  readonly answer?: unknown;
  /** What boto3's ClientError says. */
  readonly code?: string;
  readonly message?: string;
  readonly status?: number;
  readonly ms: number;
}

/** @returns why there is no boto3 here, or null. */
export function whyNoBoto3(): string | null {
  return fs.existsSync('/usr/lib/python3/dist-packages/boto3')
    ? null
    : 'python3-boto3 is not installed';
}

export class Boto3 {
  readonly #process;
  readonly #lines: AsyncIterator<string>;

  constructor(url: string, region: string) {
    this.#process = execa(PYTHON, [CLIENT, url, region], {
      stdin: 'pipe',
      stderr: 'inherit',
      buffer: false,
      reject: false,
      env: { NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' },
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @param method As in Python, such as `create_vpc`, or the action's name. */
  ask(method: string, args: object = {}): Promise<Outcome> {
    return this.#tell({ method, arguments: args });
  }

  /** @returns an outcome whose answer is the list of all pages. */
  pages(method: string, args: object): Promise<Outcome> {
    return this.#tell({ pages: method, arguments: args });
  }

  async close(): Promise<void> {
    this.#process.stdin.end();
    await this.#process;
  }

  async #tell(call: object): Promise<Outcome> {
    this.#process.stdin.write(`${JSON.stringify(call)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('boto3 is gone');
    const { failure, ...outcome } = JSON.parse(line.value);
    if (failure !== undefined) throw new Error(`boto3: ${failure}`);
    return outcome as Outcome;
  }
}

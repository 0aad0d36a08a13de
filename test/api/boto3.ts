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

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly token?: string;
}

interface Boto3Options {
  readonly retries?: 'never' | 'legacy' | 'standard';
  readonly service?: 'ec2' | 'sts' | 'elbv2';
  readonly keys?: Keys;
}

const SOME_KEYS: Keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };

export class Boto3 {
  readonly #process;
  readonly #lines: AsyncIterator<string>;

  /**
   * @param options.retries How throttled requests are tried again.
   * @param options.keys What requests are signed with.
   */
  constructor(url: string, region: string, options: Boto3Options = {}) {
    const { retries = 'never', service = 'ec2', keys = SOME_KEYS } = options;
    this.#process = execa(PYTHON, [CLIENT, url, region, retries, service], {
      stdin: 'pipe',
      stderr: 'inherit',
      buffer: false,
      reject: false,
      env: {
        ...{ NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' },
        AWS_ACCESS_KEY_ID: keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
        ...(keys.token === undefined ? {} : { AWS_SESSION_TOKEN: keys.token }),
      },
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

  /** @returns a URL that is signed, for whoever has it. */
  async presign(method: string, args: object = {}): Promise<string> {
    return String((await this.#tell({ presign: method, arguments: args })).answer);
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

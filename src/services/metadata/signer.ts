/**
 * The key of a lab that signs identity documents, and its certificate. Both are made when the first
 * document is signed, and lie in a folder of the lab for whoever verifies.
 */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { runProgram } from '../../host/process.ts';
import type { DocumentSigner } from './identity.ts';

/** Documents change with their instance only; more than there are instances in most labs. */
const KEPT = 1024;
const PROGRAM_MS = 10_000;
/** AWS's base64 is so wide, and has no end of its last line. */
const COLUMNS = /.{1,76}/g;
const VALID_DAYS = 3650;

const MAKE_KEY = `openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days ${VALID_DAYS} -subj "/CN=$3" -keyout "$1" -out "$2"`;
const SIGN =
  'printf %s "$3" | openssl cms -sign -binary -nodetach -nocerts -nosmimecap -stream -md sha256 -inkey "$1" -signer "$2" -outform PEM';

interface Key {
  readonly key: KeyObject;
  readonly keyFile: string;
  readonly certificateFile: string;
}

export class IdentitySigner implements DocumentSigner {
  readonly #folder: string;
  readonly #commonName: string;
  #key: Promise<Key> | null = null;
  readonly #messages = new Map<string, Promise<string>>();

  /** @param folder Is made when it is needed. @param commonName Of the certificate. */
  constructor(folder: string, commonName: string) {
    this.#folder = folder;
    this.#commonName = commonName;
  }

  /** RSA with SHA-256. @throws Error when there is no key, and none can be made. */
  async signature(document: string): Promise<string> {
    const { key } = await this.#useKey();
    return wrapped(sign('sha256', Buffer.from(document), key).toString('base64'));
  }

  /** @throws Error when openssl(1) refuses. */
  pkcs7(document: string): Promise<string> {
    const known = this.#messages.get(document);
    if (known !== undefined) return known;
    const message = this.#sign(document);
    this.#messages.set(document, message);
    const [oldest] = this.#messages.keys();
    if (this.#messages.size > KEPT && oldest !== undefined) this.#messages.delete(oldest);
    // The next one may have more luck.
    message.catch(() => this.#messages.delete(document));
    return message;
  }

  async #sign(document: string): Promise<string> {
    const { keyFile, certificateFile } = await this.#useKey();
    const pem = await openssl(SIGN, [keyFile, certificateFile, document]);
    return wrapped(pem.replaceAll(/-----.*-----|\n/g, ''));
  }

  #useKey(): Promise<Key> {
    this.#key ??= this.#makeKey().catch((error: unknown) => {
      this.#key = null;
      throw error;
    });
    return this.#key;
  }

  async #makeKey(): Promise<Key> {
    const keyFile = path.join(this.#folder, 'key.pem');
    const certificateFile = path.join(this.#folder, 'certificate.pem');
    fs.mkdirSync(this.#folder, { recursive: true });
    await openssl(MAKE_KEY, [keyFile, certificateFile, this.#commonName]);
    return { key: createPrivateKey(fs.readFileSync(keyFile)), keyFile, certificateFile };
  }
}

async function openssl(script: string, args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram(['sh', '-c', script, 'openssl', ...args], {
    timeoutMs: PROGRAM_MS,
  });
  if (exitCode !== 0) {
    throw new Error(`Cannot sign an identity document: openssl said "${stderr.trim()}"`);
  }
  return stdout;
}

function wrapped(base64: string): string {
  return base64.match(COLUMNS)?.join('\n') ?? '';
}

/**
 * Verifies the signature of a request (AWS Signature Version 4), in its header or in a URL that was
 * signed in advance: the request is signed again with the secret of the key's owner.
 */
import { createHash, createHmac, type Hash, type Hmac, timingSafeEqual } from 'node:crypto';
import type { Credential } from './credential.ts';
import type { QueryRequest } from './parameters.ts';

/** What a request says of its signature. */
interface Claim {
  /** Lower-case names. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20200501T120000Z` */
  readonly date: string;
  /** Of a URL that was signed in advance; null: the signature is in a header. */
  readonly expiresSec: number | null;
}

/** Milliseconds since the epoch between which a signature is good, as AWS has it. */
export interface SignedTime {
  /** When it was signed, by the client's clock. */
  readonly dateMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Secret {
  readonly secretAccessKey: string;
  readonly token: string;
}

/** A week, as AWS has it. */
const MAX_EXPIRES_SEC = 604_800;
const EXPIRES = /^\d{1,6}$/;
const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
/** How far the clock of a client may be off. */
export const CLOCK_SKEW_MS = 15 * 60_000;
/** Of a URL that is signed in advance: what signing adds. */
const SIGNING_PARAMETERS: ReadonlySet<string> = new Set([
  ...['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Expires'],
  ...['X-Amz-Security-Token', 'X-Amz-Signature', 'X-Amz-SignedHeaders'],
]);
const BODY_HASH = 'x-amz-content-sha256';

/** The token that goes with the access key; empty when there is none. */
export function tokenOf({ headers, query }: QueryRequest): string {
  const token =
    headers.authorization === undefined
      ? query.get('X-Amz-Security-Token')
      : headers['x-amz-security-token'];
  return String(token ?? '');
}

/** @returns when the request was signed; null when it does not say all that a signature needs. */
export function signedTime(request: QueryRequest): SignedTime | null {
  const claim = claimOf(request);
  if (claim === null) return null;
  const dateMs = Date.parse(claim.date.replace(DATE, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(dateMs)) return null;
  const lifetimeMs = claim.expiresSec === null ? CLOCK_SKEW_MS : claim.expiresSec * 1000;
  return { dateMs, fromMs: dateMs - CLOCK_SKEW_MS, untilMs: dateMs + lifetimeMs };
}

/** @returns whether the owner of the secret has signed the request as it is. */
export async function isSignedBy(
  { secretAccessKey, token }: Secret,
  { accessKeyId, region, service }: Credential,
  request: QueryRequest,
): Promise<boolean> {
  const claim = claimOf(request);
  const time = signedTime(request);
  if (claim === null || time === null || !claim.signedHeaders.includes('host')) return false;
  if (!claim.signedHeaders.every((name) => Object.hasOwn(request.headers, name))) return false;
  if (tokenOf(request) !== token) return false;
  if (!isHashOf(request.headers[BODY_HASH], request.body)) return false;
  // It takes as long to load as a small command of vpclab runs.
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const credentials = { accessKeyId, secretAccessKey, sessionToken: token };
  const signer = new SignatureV4({
    ...{ credentials, region, service, sha256: Sha256 },
    applyChecksum: false,
  });
  const { method, headers, query, body } = request;
  const names = new Set(claim.signedHeaders);
  const unsigned = {
    method,
    ...{ protocol: 'https:', hostname: '', path: '/' },
    headers: Object.fromEntries([...names].map((name) => [name, String(headers[name])])),
    query: valuesByName(query),
    body,
  };
  const signingDate = new Date(time.dateMs);
  if (claim.expiresSec === null) {
    const signed = await signer.sign(unsigned, { signingDate, signableHeaders: names });
    return isSame(/Signature=(\w+)/.exec(signed.headers['authorization'] ?? '')?.[1], claim);
  }
  const signed = await signer.presign(unsigned, {
    ...{ signingDate, expiresIn: claim.expiresSec, signableHeaders: names },
    unhoistableHeaders: names,
  });
  return isSame(String(signed.query?.['X-Amz-Signature']), claim);
}

function claimOf({ headers, query }: QueryRequest): Claim | null {
  const { authorization } = headers;
  if (authorization !== undefined) {
    if (!authorization.startsWith('AWS4-HMAC-SHA256 ')) return null;
    const part = (name: string) => new RegExp(`\\b${name}=([^,\\s]+)`).exec(authorization)?.[1];
    const date = String(headers['x-amz-date'] ?? '');
    return claim(part('SignedHeaders'), part('Signature'), date, null);
  }
  const expires = query.get('X-Amz-Expires') ?? '';
  if (!EXPIRES.test(expires) || Number(expires) > MAX_EXPIRES_SEC) return null;
  return claim(
    query.get('X-Amz-SignedHeaders'),
    query.get('X-Amz-Signature'),
    query.get('X-Amz-Date') ?? '',
    Number(expires),
  );
}

function claim(
  signedHeaders: string | null | undefined,
  signature: string | null | undefined,
  date: string,
  expiresSec: number | null,
): Claim | null {
  if (!signedHeaders || !signature || !DATE.test(date)) return null;
  return { signedHeaders: signedHeaders.split(';'), signature, date, expiresSec };
}

/** The header would stand for the body. @returns true as well when there is none. */
function isHashOf(header: string | readonly string[] | undefined, body: string): boolean {
  return header === undefined || header === createHash('sha256').update(body).digest('hex');
}

function valuesByName(query: URLSearchParams): Record<string, string[]> {
  const names = [...query.keys()].filter((name) => !SIGNING_PARAMETERS.has(name));
  return Object.fromEntries(names.map((name) => [name, query.getAll(name)]));
}

function isSame(expected: string | undefined, { signature }: Claim): boolean {
  const wanted = Buffer.from(expected ?? '');
  const found = Buffer.from(signature);
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

/** Node's, as the signer takes it: with a secret it is an HMAC. */
class Sha256 {
  readonly #secret: string | Uint8Array | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined || typeof secret === 'string' ? secret : bytesOf(secret);
    this.#hash = this.#start();
  }

  reset(): void {
    this.#hash = this.#start();
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  #start(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret);
  }
}

function bytesOf(source: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}

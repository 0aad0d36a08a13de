/** Who sends a request: a role of an instance, whose signature is verified, or anybody. */
import type { Realm } from '../model/realm.ts';
import type { RoleSession } from '../model/roles.ts';
import { type Credential, credentialOf, realmOf } from './credential.ts';
import type { QueryRequest } from './parameters.ts';
import { isSignedBy, type Secret, signedTime, tokenOf } from './signature.ts';
import type { SignatureRefusals } from './signature-refusals.ts';

export interface Asker {
  /** What the request is for. */
  readonly realm: Realm;
  /** null: somebody outside, who may do everything. */
  readonly session: RoleSession | null;
}

/** Credentials of a role that the lab has given out; they may have expired. */
export interface RoleKey extends Secret {
  readonly session: RoleSession;
  /** Milliseconds since the epoch. */
  readonly expirationMs: number;
}

/** Who knows the credentials of roles. */
export interface Keyring {
  /** @returns null for what was not given out by the lab. */
  findKey(accessKeyId: string, token: string): RoleKey | null;
}

/** A request, and what is needed to refuse it in the words of its service. */
interface Asking {
  readonly request: QueryRequest;
  readonly refusals: SignatureRefusals;
  readonly nowMs: number;
}

/**
 * @returns who asks with the credentials of a role; null when the request names none of the lab's.
 * @throws ApiError when it names them, but is not signed by them, or no longer.
 */
export async function roleAsker(keyring: Keyring, asking: Asking): Promise<Asker | null> {
  const { request } = asking;
  const credential = credentialOf(request);
  const key = credential && keyring.findKey(credential.accessKeyId, tokenOf(request));
  if (credential === null || key === null) return null;
  await verify(credential, key, asking);
  const { session } = key;
  return { realm: { region: credential.region, accountId: session.accountId }, session };
}

/** Whoever sends it may do everything. @param home What it is for when it does not say. */
export function anyAsker(request: QueryRequest, home: Realm): Asker {
  return { realm: realmOf(credentialOf(request), home), session: null };
}

async function verify(credential: Credential, key: RoleKey, asking: Asking): Promise<void> {
  const { request, refusals, nowMs } = asking;
  const time = signedTime(request);
  if (time === null) throw refusals.incomplete();
  if (credential.service !== refusals.service) throw refusals.otherService();
  if (nowMs > time.untilMs) throw refusals.tooOld(time, nowMs);
  if (nowMs < time.fromMs) throw refusals.tooEarly(time, nowMs);
  if (!(await isSignedBy(key, credential, request))) throw refusals.mismatch();
  if (nowMs >= key.expirationMs) throw refusals.expired();
}

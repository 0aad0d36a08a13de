/**
 * The credentials of instance roles: what instance metadata gives out and what the API takes. Each set
 * follows from its owner, its hour and a secret of the lab, so nothing is kept and nothing grows.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { base32, type RoleSession } from '../model/roles.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly lastUpdatedMs: number;
  readonly expirationMs: number;
}

/** A session with the credentials that it was found by; they may have expired. */
export interface OwnedCredentials extends Credentials {
  readonly session: RoleSession;
}

/** AWS gives new ones about once an hour, and each set is good for about six. */
const ROTATION_MS = 3_600_000;
const LIFETIME_MS = 6 * ROTATION_MS;

/** All session tokens begin so, on AWS as here. */
const TOKEN_PREFIX = 'IQoJb3JpZ2luX2Vj';
const MAX_TOKEN_SIZE = 1024;
const MAC_SIZE = 32;

export class RoleCredentials {
  readonly #secret: Uint8Array;
  readonly #nowMs: () => number;

  /** @param secret 32 random bytes; who has them can make credentials. @param nowMs Since the epoch. */
  constructor(secret: Uint8Array, nowMs: () => number) {
    this.#secret = secret;
    this.#nowMs = nowMs;
  }

  /** @returns the credentials of this hour: the same until the next. */
  issue(session: RoleSession): Credentials {
    return this.#ofHour(session, Math.floor(this.#nowMs() / ROTATION_MS));
  }

  /** @returns whose credentials they are, expired or not; null for what was not issued here. */
  find(accessKeyId: string, token: string): OwnedCredentials | null {
    const claim = this.#claimOf(token);
    if (claim === null) return null;
    const credentials = this.#ofHour(claim.session, claim.hour);
    return credentials.accessKeyId === accessKeyId
      ? { ...credentials, session: claim.session }
      : null;
  }

  #ofHour(session: RoleSession, hour: number): Credentials {
    const { accountId, roleName, instanceId } = session;
    const claim = Buffer.from(JSON.stringify([accountId, roleName, instanceId, hour]));
    const key = this.#mac('key', claim);
    const secret = this.#mac('secret', claim);
    const token = Buffer.concat([claim, this.#mac('token', claim)]);
    const lastUpdatedMs = hour * ROTATION_MS;
    return {
      accessKeyId: `ASIA${base32(key).slice(0, 16)}`,
      secretAccessKey: secret.toString('base64').slice(0, 40),
      token: TOKEN_PREFIX + token.toString('base64'),
      lastUpdatedMs,
      expirationMs: lastUpdatedMs + LIFETIME_MS,
    };
  }

  #claimOf(token: string): { readonly session: RoleSession; readonly hour: number } | null {
    if (!token.startsWith(TOKEN_PREFIX) || token.length > MAX_TOKEN_SIZE) return null;
    const text = token.slice(TOKEN_PREFIX.length);
    const bytes = Buffer.from(text, 'base64');
    // The decoder is lenient: one set of credentials has one token.
    if (bytes.toString('base64') !== text) return null;
    const claim = bytes.subarray(0, -MAC_SIZE);
    const mac = bytes.subarray(-MAC_SIZE);
    if (mac.length !== MAC_SIZE || !timingSafeEqual(mac, this.#mac('token', claim))) return null;
    const [accountId, roleName, instanceId, hour] = JSON.parse(claim.toString());
    return { session: { accountId, roleName, instanceId }, hour };
  }

  #mac(purpose: string, claim: Uint8Array): Buffer {
    return createHmac('sha256', this.#secret).update(`${purpose} `).update(claim).digest();
  }
}

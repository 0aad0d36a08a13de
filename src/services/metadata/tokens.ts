/**
 * The session tokens of IMDSv2. Nothing is kept of them: a token says when it ends, and only who has
 * the secret of the lab can make one. It is good for the instance that asked for it (IMDS-2).
 *
 *     4 bytes  the same in all, as on AWS
 *     4 bytes  the end, seconds since the epoch
 *     8 bytes  drawn, so that no two are the same
 *    24 bytes  the first of HMAC-SHA-256 over the instance and what stands before
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const HEAD = Buffer.of(1, 0, 4, 0);
const END = 4;
const NONCE = 8;
const MAC = 16;
const SIZE = 40;

export interface TokenSources {
  /** 32 random bytes; who has them can make tokens. */
  readonly secret: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** @returns that many random bytes. */
  readonly random: (size: number) => Uint8Array;
}

export class SessionTokens {
  readonly #sources: TokenSources;

  constructor(sources: TokenSources) {
    this.#sources = sources;
  }

  /** @param ttlS Seconds, 1 to 21600. @returns 56 characters. */
  issue(instanceId: string, ttlS: number): string {
    const { nowMs, random } = this.#sources;
    const token = Buffer.alloc(SIZE);
    HEAD.copy(token);
    token.writeUInt32BE(Math.floor(nowMs() / 1000) + ttlS, END);
    token.set(random(MAC - NONCE), NONCE);
    token.set(this.#macOf(instanceId, token), MAC);
    return textOf(token);
  }

  /** @returns the seconds that a token has left; null for one of another instance, ended or made up. */
  secondsLeft(instanceId: string, text: string): number | null {
    const token = Buffer.from(text, 'base64url');
    // The decoder is lenient: one token has one text.
    if (token.length !== SIZE || textOf(token) !== text) return null;
    if (!timingSafeEqual(token.subarray(MAC), this.#macOf(instanceId, token))) return null;
    const left = token.readUInt32BE(END) - Math.floor(this.#sources.nowMs() / 1000);
    return left > 0 ? left : null;
  }

  #macOf(instanceId: string, token: Buffer): Buffer {
    const mac = createHmac('sha256', this.#sources.secret);
    return mac
      .update(`${instanceId} `)
      .update(token.subarray(0, MAC))
      .digest()
      .subarray(0, SIZE - MAC);
  }
}

/** With the padding that AWS's have. */
function textOf(token: Buffer): string {
  return token.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

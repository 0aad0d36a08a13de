/**
 * Copies frames for captures, with the verdict of each, while somebody captures.
 * Bounded: frames beyond the limit that the controller has not taken are lost and counted.
 */
import { dropCode } from '../dataplane/drop-reason.ts';
import { DISCARD, FORWARD, type Verdict } from '../dataplane/verdict.ts';
import { VNET_HEADER_SIZE } from '../packet/vnet-header.ts';
import type { FrameObserver } from './outlet.ts';
import type { CapturedFrame, CapturedVerdict } from './worker-protocol.ts';

/** Frames that may wait for the controller. */
const MAX_WAITING = 50_000;

/** A frame whose verdict is still to come has `sent` until then. */
type Sight = Omit<CapturedFrame, 'verdict'> & { verdict: CapturedVerdict };

export class Observation implements FrameObserver {
  readonly #ports: ReadonlySet<number>;
  #batch: Sight[] = [];
  #received: Sight | null = null;
  #waiting = 0;
  #lost = 0;

  constructor(ports: readonly number[]) {
    this.#ports = new Set(ports);
  }

  received(port: number, bytes: Uint8Array, start: number, size: number): void {
    this.#received = this.#ports.has(port) ? this.#record(port, 'in', bytes, start, size) : null;
  }

  decided(_port: number, verdict: Verdict): void {
    if (this.#received !== null) this.#received.verdict = capturedVerdict(verdict);
    this.#received = null;
  }

  sent(port: number, bytes: Uint8Array, start: number, size: number): void {
    if (this.#ports.has(port)) this.#record(port, 'out', bytes, start, size);
  }

  /** @returns what was seen since the last call; null when nothing was. */
  take(): { readonly frames: readonly CapturedFrame[]; readonly lost: number } | null {
    if (this.#batch.length === 0 && this.#lost === 0) return null;
    const taken = { frames: this.#batch, lost: this.#lost };
    this.#waiting += this.#batch.length;
    this.#batch = [];
    this.#lost = 0;
    return taken;
  }

  /** The controller has taken so many frames. */
  release(count: number): void {
    this.#waiting -= count;
  }

  #record(
    port: number,
    direction: 'in' | 'out',
    bytes: Uint8Array,
    start: number,
    size: number,
  ): Sight | null {
    if (this.#waiting + this.#batch.length >= MAX_WAITING) {
      this.#lost++;
      return null;
    }
    const sight: Sight = {
      port,
      direction,
      timeMs: performance.timeOrigin + performance.now(),
      bytes: copyFrame(bytes, start, size),
      verdict: { kind: 'sent' },
    };
    this.#batch.push(sight);
    return sight;
  }
}

function capturedVerdict(verdict: Verdict): CapturedVerdict {
  if (verdict.kind === FORWARD) return { kind: 'forwarded', port: verdict.argument };
  if (verdict.kind === DISCARD) return { kind: 'dropped', code: dropCode(verdict.argument) };
  return { kind: 'answered' };
}

/** A frame of a port has its virtio header in front; one of the fabric has none, and asks for nothing. */
function copyFrame(bytes: Uint8Array, start: number, size: number): Uint8Array {
  if (start >= VNET_HEADER_SIZE) return bytes.slice(start - VNET_HEADER_SIZE, start + size);
  const copy = new Uint8Array(VNET_HEADER_SIZE + size);
  copy.set(bytes.subarray(start, start + size), VNET_HEADER_SIZE);
  return copy;
}

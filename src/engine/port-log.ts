/**
 * The account of each device of each instance over all the ports that it has had: a stop or a move
 * of an interface does not lose what was counted.
 */
import type { EniId } from '../model/ids.ts';
import type { PortStats } from './control-api.ts';
import {
  ANSWERED,
  FORWARDED,
  type Ledger,
  PUNTED,
  RECEIVED_BYTES,
  RECEIVED_FRAMES,
  SENT_BYTES,
  SENT_FRAMES,
} from './ledger.ts';

/** A port and what stands behind it. */
export interface PluggedPort {
  readonly port: number;
  readonly eniId: EniId;
  readonly device: string;
}

export class PortLog {
  readonly #ledger: Ledger;
  readonly #closed = new Map<string, PortStats>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Keeps the account of a port that is no more. */
  close(instance: string, plugged: PluggedPort): void {
    const stats = this.#read(instance, plugged);
    const key = `${instance}.${plugged.device}`;
    const before = this.#closed.get(key);
    this.#closed.set(key, before === undefined ? stats : addStats(before, stats));
  }

  /** @returns the accounts of all devices, of those plugged in and those before. */
  report(
    open: readonly (readonly [instance: string, plugged: PluggedPort])[],
  ): readonly PortStats[] {
    const report = new Map(this.#closed);
    for (const [instance, plugged] of open) {
      const stats = this.#read(instance, plugged);
      const before = report.get(`${instance}.${plugged.device}`);
      report.set(
        `${instance}.${plugged.device}`,
        before === undefined ? stats : addStats(before, stats),
      );
    }
    return [...report.values()];
  }

  #read(instance: string, { port, device, eniId }: PluggedPort): PortStats {
    const ledger = this.#ledger;
    return {
      instance,
      device,
      eniId,
      received: {
        frames: ledger.get(port, RECEIVED_FRAMES),
        bytes: ledger.get(port, RECEIVED_BYTES),
      },
      sent: { frames: ledger.get(port, SENT_FRAMES), bytes: ledger.get(port, SENT_BYTES) },
      forwarded: ledger.get(port, FORWARDED),
      answered: ledger.get(port, ANSWERED),
      punted: ledger.get(port, PUNTED),
      drops: ledger.drops(port),
    };
  }
}

/** @returns the sum, with the names of the later account. */
function addStats(before: PortStats, after: PortStats): PortStats {
  const drops: Record<string, number> = { ...before.drops };
  for (const [code, frames] of Object.entries(after.drops))
    drops[code] = (drops[code] ?? 0) + frames;
  return {
    ...after,
    received: {
      frames: before.received.frames + after.received.frames,
      bytes: before.received.bytes + after.received.bytes,
    },
    sent: {
      frames: before.sent.frames + after.sent.frames,
      bytes: before.sent.bytes + after.sent.bytes,
    },
    forwarded: before.forwarded + after.forwarded,
    answered: before.answered + after.answered,
    punted: before.punted + after.punted,
    drops,
  };
}

/**
 * When each port hears the router next: at once when it can hear at all or when the blocks of its
 * subnet have changed, then every ten minutes.
 * Read first: RFC 4861 sections 6.2.4 and 6.2.5, facts RA-2.
 */
import { cidrEquals, type Ipv6Cidr } from '../addr/cidr.ts';

/** The longest interval that the RFC has by default. */
const INTERVAL_MS = 600_000;

export class Advertiser {
  /** Milliseconds since the epoch; 0 is at once. */
  readonly #dueMs: Float64Array;
  /** The prefixes that each port knows; none in its place. */
  readonly #told: (readonly Ipv6Cidr[])[] = [];

  constructor(portCount: number) {
    this.#dueMs = new Float64Array(portCount);
  }

  /** @param prefixes Of the subnet as it is now; none, and none before, is nothing to tell. */
  isDue(port: number, prefixes: readonly Ipv6Cidr[], nowMs: number): boolean {
    const told = this.#told[port] ?? [];
    if (prefixes.length === 0) return told.length > 0;
    const isNew = prefixes.length !== told.length || without(prefixes, told).length > 0;
    return isNew || nowMs >= (this.#dueMs[port] as number);
  }

  /** @returns the prefixes that the port knows and must forget. */
  withdrawn(port: number, prefixes: readonly Ipv6Cidr[]): readonly Ipv6Cidr[] {
    return without(this.#told[port] ?? [], prefixes);
  }

  /** The port took an advertisement. */
  sent(port: number, prefixes: readonly Ipv6Cidr[], nowMs: number): void {
    this.#told[port] = prefixes;
    this.#dueMs[port] = nowMs + INTERVAL_MS;
  }

  /** The port has another guest. */
  reset(port: number): void {
    this.#told[port] = [];
    this.#dueMs[port] = 0;
  }
}

function without(prefixes: readonly Ipv6Cidr[], others: readonly Ipv6Cidr[]): readonly Ipv6Cidr[] {
  return prefixes.filter((prefix) => !others.some((other) => cidrEquals(prefix, other)));
}

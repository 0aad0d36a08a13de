/** What happened between two looks at the counters, per second. */
import type { PortStats, StatsReport } from '../engine/control-api.ts';
import type { Table } from './tables.ts';

/** All per second. */
export interface PortRates {
  /** `r1.eth0` */
  readonly interface: string;
  readonly received: { readonly frames: number; readonly bytes: number };
  readonly sent: { readonly frames: number; readonly bytes: number };
  readonly dropped: number;
  /** Drop reason to frames; only those that are not zero. */
  readonly drops: Readonly<Record<string, number>>;
}

export interface StatsRates {
  readonly timeMs: number;
  readonly seconds: number;
  readonly generation: number;
  readonly flows: {
    readonly entries: number;
    /** 0..1; null when no frame asked the flow table. */
    readonly hitShare: number | null;
    readonly evictionsPerSecond: number;
  };
  readonly connections: {
    readonly entries: number;
    readonly evictionsPerSecond: number;
    readonly refusalsPerSecond: number;
  };
  readonly ports: readonly PortRates[];
}

/** A report and when it was made; milliseconds since the epoch. */
export interface Sample {
  readonly report: StatsReport;
  readonly timeMs: number;
}

/** @param after Later than `before`. An interface that is new counts from zero. */
export function ratesBetween(before: Sample, after: Sample): StatsRates {
  const seconds = (after.timeMs - before.timeMs) / 1000;
  const [old, flows] = [before.report.flows, after.report.flows];
  const perSecond = (was: number, is: number): number => Math.max(0, is - was) / seconds;
  const hits = flows.hits - old.hits;
  const asked = hits + flows.misses - old.misses;
  const earlier = new Map(before.report.ports.map((port) => [nameOf(port), port]));
  return {
    timeMs: after.timeMs,
    seconds,
    generation: after.report.generation,
    flows: {
      entries: flows.entries,
      hitShare: asked === 0 ? null : hits / asked,
      evictionsPerSecond: perSecond(old.evictions, flows.evictions),
    },
    connections: {
      entries: flows.connections,
      evictionsPerSecond: perSecond(old.connectionEvictions, flows.connectionEvictions),
      refusalsPerSecond: perSecond(old.connectionRefusals, flows.connectionRefusals),
    },
    ports: after.report.ports.map((port) => portRates(earlier.get(nameOf(port)), port, perSecond)),
  };
}

function portRates(
  before: PortStats | undefined,
  after: PortStats,
  perSecond: (was: number, is: number) => number,
): PortRates {
  const drops = Object.entries(after.drops)
    .map(([code, frames]) => [code, perSecond(before?.drops[code] ?? 0, frames)] as const)
    .filter(([, rate]) => rate > 0);
  return {
    interface: nameOf(after),
    received: {
      frames: perSecond(before?.received.frames ?? 0, after.received.frames),
      bytes: perSecond(before?.received.bytes ?? 0, after.received.bytes),
    },
    sent: {
      frames: perSecond(before?.sent.frames ?? 0, after.sent.frames),
      bytes: perSecond(before?.sent.bytes ?? 0, after.sent.bytes),
    },
    dropped: drops.reduce((sum, [, rate]) => sum + rate, 0),
    drops: Object.fromEntries(drops),
  };
}

function nameOf({ instance, device }: PortStats): string {
  return `${instance}.${device}`;
}

/** @returns the line above the table. */
export function ratesTitle(rates: StatsRates): string {
  const { generation, flows, connections } = rates;
  const share = flows.hitShare === null ? 'no' : `${(flows.hitShare * 100).toFixed(1)} %`;
  return [
    new Date(rates.timeMs).toISOString(),
    `generation ${generation}`,
    `flows: ${flows.entries}, ${share} hits, ${rate(flows.evictionsPerSecond)} evictions/s`,
    `connections: ${connections.entries}, ${rate(connections.evictionsPerSecond)} evictions/s, ${rate(connections.refusalsPerSecond)} refusals/s`,
  ].join('; ');
}

/** @param limit Of rows; when there are more interfaces the busiest are shown. */
export function ratesTable({ ports }: StatsRates, limit = Number.POSITIVE_INFINITY): Table {
  const shown =
    ports.length <= limit
      ? ports
      : ports.toSorted((a, b) => activity(b) - activity(a)).slice(0, limit);
  return {
    headers: [
      'Interface',
      'Received/s',
      'Bytes/s',
      'Sent/s',
      'Bytes/s',
      'Dropped/s',
      'Drop reasons',
    ],
    rows: shown.map((port) => [
      port.interface,
      rate(port.received.frames),
      rate(port.received.bytes),
      rate(port.sent.frames),
      rate(port.sent.bytes),
      rate(port.dropped),
      Object.entries(port.drops)
        .toSorted(([, a], [, b]) => b - a)
        .map(([code, frames]) => `${code}=${rate(frames)}`)
        .join(' ') || '-',
    ]),
  };
}

function activity({ received, sent }: PortRates): number {
  return received.frames + sent.frames;
}

const UNITS = ['', 'k', 'M', 'G'] as const;

/** @returns three digits or so: `0`, `0.5`, `42`, `1.2k`, `3.4G`. */
function rate(value: number): string {
  let [rest, unit] = [value, 0];
  while (rest >= 999.5 && unit < UNITS.length - 1) {
    rest /= 1000;
    unit++;
  }
  const text = rest < 9.95 ? rest.toFixed(1).replace(/\.0$/, '') : rest.toFixed(0);
  return `${text}${UNITS[unit]}`;
}

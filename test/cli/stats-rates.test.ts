import { PassThrough } from 'node:stream';
import t from 'tap';
import { Output } from '../../src/cli/output.ts';
import { ratesBetween, ratesTable, ratesTitle } from '../../src/cli/stats-rates.ts';
import type { PortStats, StatsReport } from '../../src/engine/control-api.ts';

function port(instance: string, scale: number, drops: Readonly<Record<string, number>>): PortStats {
  return {
    instance,
    device: 'eth0',
    eniId: `eni-${instance}`,
    received: { frames: 10 * scale, bytes: 6000 * scale },
    sent: { frames: 5 * scale, bytes: 300 * scale },
    forwarded: 0,
    answered: 0,
    punted: 0,
    drops,
  };
}

function report(hits: number, misses: number, ports: readonly PortStats[]): StatsReport {
  const connections = { connections: 4, connectionEvictions: hits, connectionRefusals: 0 };
  return {
    generation: 3,
    flows: { entries: 7, hits, misses, evictions: 0, ...connections },
    ports,
  };
}

const BEFORE = { timeMs: 1000, report: report(10, 10, [port('r1', 1, { A: 1, B: 2 })]) };

t.test('ratesBetween counts per second, and what is new from zero', async (t) => {
  const ports = [port('r1', 3, { A: 5, B: 2 }), port('r2', 1, { C: 4 })];
  const rates = ratesBetween(BEFORE, { timeMs: 3000, report: report(40, 20, ports) });
  t.match(rates, {
    timeMs: 3000,
    seconds: 2,
    flows: { entries: 7, hitShare: 0.75, evictionsPerSecond: 0 },
    connections: { entries: 4, evictionsPerSecond: 15, refusalsPerSecond: 0 },
  });
  t.same(rates.ports, [
    {
      interface: 'r1.eth0',
      received: { frames: 10, bytes: 6000 },
      sent: { frames: 5, bytes: 300 },
      dropped: 2,
      drops: { A: 2 },
    },
    {
      interface: 'r2.eth0',
      received: { frames: 5, bytes: 3000 },
      sent: { frames: 2.5, bytes: 150 },
      dropped: 2,
      drops: { C: 2 },
    },
  ]);
  t.same(ratesTable(rates).rows, [
    ['r1.eth0', '10', '6k', '5', '300', '2', 'A=2'],
    ['r2.eth0', '5', '3k', '2.5', '150', '2', 'C=2'],
  ]);
  t.match(
    ratesTitle(rates),
    /^1970-01-01T00:00:03\.000Z; generation 3; flows: 7, 75\.0 % hits, 0 ev/,
  );
});

t.test('ratesTable shows the busiest when not all interfaces fit', async (t) => {
  const ports = [port('r1', 1, {}), port('r2', 3, {}), port('r3', 2, {})];
  const rates = ratesBetween(BEFORE, { timeMs: 2000, report: report(10, 10, ports) });
  t.equal(rates.flows.hitShare, null);
  const names = (limit: number) => ratesTable(rates, limit).rows.map(([name]) => name);
  t.same(names(3), ['r1.eth0', 'r2.eth0', 'r3.eth0']);
  t.same(names(2), ['r2.eth0', 'r3.eth0']);
});

t.test('Output.redraw writes over what the terminal shows and clears the rest', async (t) => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, rows: 50 });
  const output = new Output(terminal, new PassThrough());
  t.equal(output.rows, 50);
  output.redraw('one\ntwo\n');
  t.equal(String(terminal.read()), '\u001b[Hone\u001b[K\ntwo\u001b[K\n\u001b[J');
});

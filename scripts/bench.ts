/**
 * `npm run bench`: measures vpclab against others and against its targets, prints tables, and writes
 * docs/performance.md when it has measured everything. Needs root, but for `micro` and `compile`.
 *
 *   --only tcp,udp     parts: tcp, udp, ping, connections, micro, compile, labs, api, metadata, dns
 *   --json FILE        what was measured, and each target as met or missed
 *   --date YYYY-MM-DD  for the page; default: today
 */
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { measureApi } from './bench/api/measure.ts';
import { Comparison, compare } from './bench/comparison.ts';
import { cRelay } from './bench/contestants/c-relay.ts';
import { linuxBridge } from './bench/contestants/linux-bridge.ts';
import { openVswitch } from './bench/contestants/open-vswitch.ts';
import { vdeSwitch } from './bench/contestants/vde-switch.ts';
import { internetGateway, natGateway } from './bench/contestants/vpclab-edges.ts';
import { vpclabLab } from './bench/contestants/vpclab-lab.ts';
import { measureDns } from './bench/dns.ts';
import { measureLabs } from './bench/labs.ts';
import { connections } from './bench/measures/connections.ts';
import { ping } from './bench/measures/ping.ts';
import { tcp } from './bench/measures/tcp.ts';
import { udp } from './bench/measures/udp.ts';
import { measureMetadata } from './bench/metadata/measure.ts';
import { measureCompile } from './bench/micro/compile.ts';
import { measureFrames } from './bench/micro/frames.ts';
import { measureMemory } from './bench/micro/memory.ts';
import { measureGrowth } from './bench/micro/scaling.ts';
import { performancePage } from './bench/page.ts';
import { type Results, thisMachine } from './bench/results.ts';
import * as tables from './bench/tables.ts';
import { type Target, targetsOf } from './bench/targets.ts';
import { removeDeadRuns, Workplace } from './bench/workplace.ts';

/** Whom vpclab is compared with most closely comes right before it. */
const CONTESTANTS = [
  linuxBridge,
  openVswitch,
  vdeSwitch,
  cRelay,
  vpclabLab,
  internetGateway,
  natGateway,
];
const MEASURES = [...tcp, udp, ping, connections];
const PARTS = new Set([
  ...MEASURES.map(({ part }) => part),
  ...['micro', 'compile', 'labs', 'api', 'metadata', 'dns'],
]);
const ROOTLESS = new Set(['micro', 'compile']);
const PAGE = 'docs/performance.md';

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'string' }, date: { type: 'string' } },
});
const parts = partsFrom(values.only);
const workplace = new Workplace();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Not `once`: execa ends the process at a signal that nobody else listens to.
  process.on(signal, () => {
    void workplace.close().then(() => process.exit(1));
  });
}
try {
  const today = new Date().toISOString().slice(0, 10);
  report(await measure(parts, values.date ?? today));
} finally {
  await workplace.close();
}

/** @throws Error for a part that does not exist, or that this user cannot measure. */
function partsFrom(only: string | undefined): ReadonlySet<string> {
  const chosen = only === undefined ? PARTS : new Set(only.split(','));
  const wanted = [...PARTS].join(', ');
  for (const part of chosen) {
    if (!PARTS.has(part)) throw new Error(`Cannot measure "${part}": wanted some of ${wanted}`);
    if (process.geteuid?.() !== 0 && !ROOTLESS.has(part))
      throw new Error(`Cannot measure "${part}": you are not root`);
  }
  return chosen;
}

async function measure(chosen: ReadonlySet<string>, date: string): Promise<Results> {
  const machine = thisMachine(date);
  const progress = (words: string): void => console.error(words);
  const measures = MEASURES.filter(({ part }) => chosen.has(part));
  if (process.geteuid?.() === 0) await removeDeadRuns();
  // Before the hosts of others compete for the CPU.
  if (chosen.has('micro')) progress('micro');
  const frames = chosen.has('micro') ? await measureFrames() : null;
  const growth = chosen.has('micro') ? await measureGrowth() : [];
  const memory = chosen.has('micro') ? measureMemory() : [];
  if (chosen.has('compile')) progress('compile');
  const compile = chosen.has('compile') ? await measureCompile() : null;
  const labs = chosen.has('labs') ? await measureLabs(workplace, progress) : [];
  const api = chosen.has('api') ? await measureApi(workplace, progress) : null;
  const metadata = chosen.has('metadata') ? await measureMetadata(workplace, progress) : null;
  const dns = chosen.has('dns') ? await measureDns(workplace, progress) : null;
  const comparison =
    measures.length === 0
      ? new Comparison([], [])
      : await compare(workplace, CONTESTANTS, measures, progress);
  return { machine, comparison, frames, growth, memory, compile, labs, api, metadata, dns };
}

function report(results: Results): void {
  const targets = targetsOf(results);
  for (const text of tablesOf(results, targets)) console.log(text);
  if (values.json !== undefined)
    fs.writeFileSync(values.json, `${JSON.stringify({ targets, ...results }, null, 2)}\n`);
  if (parts.size === PARTS.size) {
    fs.writeFileSync(PAGE, performancePage(results, targets, CONTESTANTS));
    console.log(`${PAGE} is written`);
  }
}

function tablesOf(results: Results, targets: readonly Target[]): string[] {
  const { comparison, frames, growth, compile, labs, api, metadata, dns } = results;
  return [
    ...(comparison.figures.length === 0
      ? []
      : [tables.medianTable(comparison), tables.ratioTable(comparison)]),
    ...(frames === null ? [] : [tables.frameTable(frames), tables.growthTable(growth)]),
    ...(compile === null ? [] : [tables.compileTable(compile)]),
    ...(labs.length === 0 ? [] : [tables.labTable(labs)]),
    ...(api === null ? [] : [tables.apiTable(api)]),
    ...(metadata === null ? [] : [tables.metadataTable(metadata)]),
    ...(dns === null ? [] : [tables.dnsTable(dns)]),
    ...(targets.length === 0 ? [] : [tables.targetTable(targets)]),
  ];
}

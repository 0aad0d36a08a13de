/** The checks of a step: each is tried until it holds or its time is over. */
import { formatMac, parseMac } from '../../addr/mac.ts';
import type { ExecResult, LabRuntime, PortStats } from '../../engine/control-api.ts';
import { formatDuration } from '../file/durations.ts';
import type { ArpEntry, Expectation } from '../lab.ts';
import {
  eniOf,
  expandShellVariables,
  expandVariables,
  lookupVariable,
  type NameIndex,
} from '../names.ts';
import { type Clock, poll } from '../poll.ts';

/** How long one try of a command may take when the check itself has less time. */
const COMMAND_TIMEOUT_MS = 30_000;

/** What parts of a step work with. */
export interface StepRuntime {
  readonly lab: LabRuntime;
  readonly clock: Clock;
  /** The names of the snapshot of this moment. */
  readonly names: () => NameIndex;
}

/**
 * @param before The ports as they were when the step began.
 * @returns null when the expectation holds, else what was found at the end.
 */
export async function checkExpectation(
  expectation: Expectation,
  runtime: StepRuntime,
  before: readonly PortStats[],
): Promise<string | null> {
  const subjects = expectation.kind === 'drops' ? expectation.from : expectation.on;
  const results = await Promise.all(
    subjects.map((subject) =>
      poll(runtime.clock, expectation.withinMs, () =>
        attempt(expectation, subject, runtime, before),
      ),
    ),
  );
  const wrong = results.filter((result) => result !== null);
  if (wrong.length === 0) return null;
  return `${wrong.join('; ')} within ${formatDuration(expectation.withinMs)}`;
}

function attempt(
  expectation: Expectation,
  subject: string,
  runtime: StepRuntime,
  before: readonly PortStats[],
): Promise<string | null> {
  switch (expectation.kind) {
    case 'command':
      return tryCommand(expectation, subject, runtime);
    case 'log':
      return tryLog(expectation, subject, runtime);
    case 'flow-log':
      return tryFlowLog(expectation, subject, runtime);
    case 'drops':
      return tryDrops(expectation, subject, runtime, before);
    case 'arp':
      return tryArp(expectation, subject, runtime);
    case 'health':
      return tryHealth(expectation, subject, runtime);
    default:
      return expectation satisfies never;
  }
}

type Kind<K extends Expectation['kind']> = Extract<Expectation, { kind: K }>;

async function tryCommand(
  { command, fails, matches, equals, withinMs }: Kind<'command'>,
  on: string,
  runtime: StepRuntime,
): Promise<string | null> {
  const text = expandShellVariables(command, runtime.names());
  const timeoutMs = Math.max(withinMs, COMMAND_TIMEOUT_MS);
  const result = await runtime.lab.exec(on, text, { timeoutMs });
  const failed = result.exitCode !== 0;
  const act = `Cannot confirm "${text}" on "${on}"`;
  if (failed !== fails) {
    return `${act}: found ${describeExit(result)}, wanted ${fails ? 'it to fail' : 'exit code 0'}`;
  }
  const output = result.stdout.trim();
  if (matches !== null && !matches.test(result.stdout)) {
    return `${act}: found output "${shorten(output)}", wanted a match of /${matches.source}/`;
  }
  if (equals !== null && output !== expandShellVariables(equals, runtime.names()).trim()) {
    return `${act}: found output "${shorten(output)}", wanted "${equals.trim()}"`;
  }
  return null;
}

const TIMEOUT_EXIT_CODE = 124;

/** @returns the exit code and the last line of the errors, or of the output. */
export function describeExit({ exitCode, stdout, stderr }: ExecResult): string {
  const said = stderr.trim() === '' ? stdout : stderr;
  const lastLine = said.trim().split('\n').at(-1) ?? '';
  const code = exitCode === TIMEOUT_EXIT_CODE ? 'no end in time' : `exit code ${exitCode}`;
  return lastLine === '' ? code : `${code} ("${shorten(lastLine)}")`;
}

const SHOWN_OUTPUT = 200;

function shorten(text: string): string {
  return text.length > SHOWN_OUTPUT ? `${text.slice(0, SHOWN_OUTPUT)}…` : text;
}

async function tryLog(
  { log, count }: Kind<'log'>,
  on: string,
  { lab }: StepRuntime,
): Promise<string | null> {
  const wrong = wrongCount(await lab.readLog(on), log, count, 'lines');
  return wrong === null ? null : `Cannot confirm the log of "${on}": ${wrong}`;
}

async function tryFlowLog(
  { flowLog, count }: Kind<'flow-log'>,
  on: string,
  { lab }: StepRuntime,
): Promise<string | null> {
  const wrong = wrongCount(await lab.readFlowLogs(on), flowLog, count, 'records');
  return wrong === null ? null : `Cannot confirm the flow logs of "${on}": ${wrong}`;
}

/** @param wanted At least so many lines; 0: none. @returns null when they are there. */
function wrongCount(text: string, line: RegExp, wanted: number, noun: string): string | null {
  const found = text.split('\n').filter((each) => line.test(each)).length;
  if (wanted === 0 ? found === 0 : found >= wanted) return null;
  const least = wanted === 0 ? 'none' : `at least ${wanted}`;
  return `found ${found} ${noun} that match /${line.source}/, wanted ${least}`;
}

async function tryDrops(
  { reason, atLeast, atMost, since }: Kind<'drops'>,
  from: string,
  { lab, names }: StepRuntime,
  before: readonly PortStats[],
): Promise<string | null> {
  const { ports } = await lab.stats();
  const eniId = eniOf(names(), from)?.eniId;
  const isOwn = (port: PortStats) =>
    eniId === undefined ? port.instance === from : port.eniId === eniId;
  const own = ports.filter(isOwn);
  const earlier = since === 'lab' ? 0 : dropsOf(before.filter(isOwn), reason);
  const found = dropsOf(own, reason) - earlier;
  if (found >= atLeast && found <= atMost) return null;
  const wanted =
    atLeast === atMost
      ? `exactly ${atLeast}`
      : [
          atLeast > 0 ? `at least ${atLeast}` : null,
          Number.isFinite(atMost) ? `at most ${atMost}` : null,
        ]
          .filter((part) => part !== null)
          .join(' and ');
  const others = own.flatMap((port) =>
    Object.entries(port.drops).map(([name, n]) => `${name} ${n}`),
  );
  const begin = since === 'step' ? ' since the step began' : '';
  const state = `${found} drops of ${reason}${begin} (all: ${others.length === 0 ? 'none' : others.join(', ')})`;
  return `Cannot confirm the drops from "${from}": found ${state}, wanted ${wanted}`;
}

function dropsOf(ports: readonly PortStats[], reason: string): number {
  return ports.reduce((sum, port) => sum + (port.drops[reason] ?? 0), 0);
}

/** A line of `ip neigh show`: the address first, the MAC behind `lladdr` when it is known. */
const NEIGHBOUR = /^(\S+) .*\blladdr (\S+)/;

async function tryArp(
  { entries }: Kind<'arp'>,
  on: string,
  runtime: StepRuntime,
): Promise<string | null> {
  const result = await runtime.lab.exec(on, 'ip neigh show', { timeoutMs: COMMAND_TIMEOUT_MS });
  if (result.exitCode !== 0) {
    return `Cannot read the ARP cache of "${on}": found ${describeExit(result)}, wanted exit code 0`;
  }
  const cache = new Map<string, string>();
  for (const line of result.stdout.split('\n')) {
    const [, address, mac] = NEIGHBOUR.exec(line) ?? [];
    if (address !== undefined && mac !== undefined) cache.set(address, mac);
  }
  for (const [key, entry] of entries) {
    const address = expandVariables(key, runtime.names());
    const found = cache.get(address);
    const wanted = wantedMac(entry, runtime.names());
    if ((found === undefined ? null : parseMac(found)) === wanted.mac) continue;
    return `Cannot confirm ${address} in the ARP cache of "${on}": found ${found ?? 'none'}, wanted ${wanted.text}`;
  }
  return null;
}

function wantedMac(entry: ArpEntry, names: NameIndex): { mac: number | null; text: string } {
  switch (entry.kind) {
    case 'none':
      return { mac: null, text: 'none' };
    case 'mac':
      return { mac: entry.mac, text: formatMac(entry.mac) };
    case 'interface': {
      const mac = lookupVariable(names, `${entry.variable}.mac`) ?? '';
      // An interface that is gone has no MAC, and nothing in a cache equals -1.
      return { mac: parseMac(mac) ?? -1, text: `${mac} (${entry.variable})` };
    }
    default:
      return entry satisfies never;
  }
}

async function tryHealth(
  { health }: Kind<'health'>,
  on: string,
  { lab }: StepRuntime,
): Promise<string | null> {
  const found = lab.status().instances.find(({ name }) => name === on)?.health ?? 'not-applicable';
  if (found === health) return null;
  return `Cannot confirm the health of "${on}": found ${found}, wanted ${health}`;
}

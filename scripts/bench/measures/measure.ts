/** What is measured between two hosts, in the same way for every contestant. */
import { execa } from 'execa';
import type { Contestant, Host } from '../contestants/contestant.ts';
import type { Programs } from '../programs.ts';

/** Names of figures to what one round gave. */
export type Figures = Readonly<Record<string, number>>;

export interface Figure {
  readonly name: string;
  /** As the table heads it, with the unit. */
  readonly title: string;
  readonly digits: number;
}

export interface Measure {
  /** What `--only` calls it. */
  readonly part: string;
  readonly figures: readonly Figure[];
  /** @param port A TCP and UDP port that nobody has used yet. */
  readonly run: (contestant: Contestant, programs: Programs, port: number) => Promise<Figures>;
}

/** @returns the command line that runs a program in the namespace of a host. */
export function inside(host: Host, argv: readonly string[]): string[] {
  return ['ip', 'netns', 'exec', host.netns, ...argv];
}

/** Runs a program on a host to its end. @returns its standard output. */
export async function runInside(
  host: Host,
  argv: readonly string[],
  timeoutMs = 20_000,
): Promise<string> {
  const [file = '', ...args] = inside(host, argv);
  const { stdout } = await execa(file, args, { timeout: timeoutMs, killSignal: 'SIGKILL' });
  return stdout;
}

/** @param text `COUNT NANOSECONDS` as the programs of the bench write them. */
export function perSecond(text: string): number {
  const [, count, nanoseconds] = /^(\d+) (\d+)$/m.exec(text) ?? [];
  return Number(count) / (Number(nanoseconds) / 1e9);
}

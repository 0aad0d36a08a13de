/** What is compared: two hosts with kernels of their own, and something between their interfaces. */
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { Programs } from '../programs.ts';
import type { Workplace } from '../workplace.ts';

/** A network namespace that sends and receives. */
export interface Host {
  readonly netns: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

export interface Contestant {
  readonly name: string;
  readonly client: Host;
  readonly server: Host;
}

/** How a contestant is made; all that it makes ends with the workplace. */
export interface ContestantKind {
  readonly name: string;
  /** What is measured, in a few words for the page. */
  readonly description: string;
  /** Names of those that are taken of it; default: all. */
  readonly figures?: readonly string[];
  readonly start: (workplace: Workplace, programs: Programs) => Promise<Contestant>;
}

/** AWS's MTU (L2-13). */
export const MTU = 9001;

const INTERFACE_MS = 5000;
const POLL_MS = 20;

const ENDS = [
  { end: 'client', ipv4: '192.0.2.1', ipv6: '2001:db8::1' },
  { end: 'server', ipv4: '192.0.2.2', ipv6: '2001:db8::2' },
] as const;

/** Makes both hosts, in one subnet; `plug` then gives them their `eth0`. */
export async function twoHosts(
  workplace: Workplace,
  name: string,
  mtu: number,
  plug: (client: string, server: string) => Promise<unknown>,
): Promise<Contestant> {
  const [client, server] = ENDS.map(
    ({ end, ...addresses }): Host => ({
      netns: workplace.netns(`${name}-${end}`),
      ...addresses,
    }),
  ) as [Host, Host];
  await plug(client.netns, server.netns);
  for (const host of [client, server]) await configure(host, mtu);
  return { name, client, server };
}

/** Hands an interface of one namespace to a host, as its `eth0`, once the switch has made it. */
export async function giveInterface(from: string, device: string, to: string): Promise<void> {
  const endMs = performance.now() + INTERFACE_MS;
  const isThere = async () => {
    const { exitCode } = await execa('ip', ['-n', from, 'link', 'show', device], { reject: false });
    return exitCode === 0 || performance.now() > endMs;
  };
  while (!(await isThere())) await delay(POLL_MS);
  await ip(from, ['link', 'set', device, 'netns', to, 'name', 'eth0']);
}

/** Runs `ip` in a namespace. */
export async function ip(netns: string, argv: readonly string[]): Promise<void> {
  await execa('ip', ['-n', netns, ...argv]);
}

async function configure({ netns, ipv4, ipv6 }: Host, mtu: number): Promise<void> {
  await ip(netns, ['link', 'set', 'lo', 'up']);
  await ip(netns, ['link', 'set', 'eth0', 'mtu', String(mtu), 'up']);
  await ip(netns, ['addr', 'add', `${ipv4}/24`, 'dev', 'eth0']);
  await ip(netns, ['addr', 'add', `${ipv6}/64`, 'dev', 'eth0', 'nodad']);
}

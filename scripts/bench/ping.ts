/** Round trips between two hosts: through vpclab, and through a relay that has no rules. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createNetns, deleteNetns } from '../../src/host/netns.ts';
import { runProgram } from '../../src/host/process.ts';
import { vpclab } from './vpclab.ts';

const ROUNDS = 3;
const COUNT = 3000;
const RELAY_NAMESPACES = ['vpclab-bench-relay-1', 'vpclab-bench-relay-2'] as const;
const LAB = `name: bench-ping
vpcs: { main: { cidr: 10.0.0.0/16, subnets: { a: { cidr: 10.0.1.0/24 } } } }
instances:
  h1: { subnet: a, address: 10.0.1.11, dhcp: static }
  h2: { subnet: a, address: 10.0.1.12, dhcp: static }
`;

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

export interface PingResult {
  readonly vpclab: Percentiles;
  readonly relay: Percentiles;
  readonly p50Ratio: number;
}

/** Alternates between the two, so that both meet the same machine. */
export async function benchPing(): Promise<PingResult> {
  const vpclabUs: number[] = [];
  const relayUs: number[] = [];
  await withRelay(async () => {
    await vpclab(['up', '-'], LAB);
    try {
      for (let round = 0; round < ROUNDS; round++) {
        relayUs.push(...(await roundTrips(RELAY_NAMESPACES[0], '10.0.1.12')));
        vpclabUs.push(...(await roundTrips('vpclab-bench-ping-h1', '10.0.1.12')));
      }
    } finally {
      await vpclab(['down', '-n', 'bench-ping']);
    }
  });
  const [ours, bare] = [percentiles(vpclabUs), percentiles(relayUs)];
  return { vpclab: ours, relay: bare, p50Ratio: ours.p50 / bare.p50 };
}

/** @returns microseconds of each round trip. */
async function roundTrips(netns: string, address: string): Promise<number[]> {
  const argv = [
    'ip',
    'netns',
    'exec',
    netns,
    'ping',
    '-n',
    '-i',
    '0.001',
    '-c',
    String(COUNT),
    address,
  ];
  const { stdout } = await runProgram(argv as [string, ...string[]], { timeoutMs: 60_000 });
  return [...stdout.matchAll(/time=([\d.]+) ms/g)].map((match) => Number(match[1]) * 1000);
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

async function withRelay(use: () => Promise<void>): Promise<void> {
  for (const name of RELAY_NAMESPACES) createNetns(name);
  const relay = spawn(
    process.execPath,
    [...process.execArgv, 'scripts/bench/relay.ts', ...RELAY_NAMESPACES],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    await once(relay.stdout, 'data');
    for (const [index, name] of RELAY_NAMESPACES.entries()) {
      await configure(name, `10.0.1.${11 + index}/24`);
    }
    await use();
  } finally {
    relay.kill('SIGKILL');
    for (const name of RELAY_NAMESPACES) deleteNetns(name);
  }
}

async function configure(netns: string, address: string): Promise<void> {
  for (const command of [
    ['addr', 'add', address, 'dev', 'eth0'],
    ['link', 'set', 'eth0', 'mtu', '9001', 'up'],
  ]) {
    const argv: [string, ...string[]] = ['ip', '-n', netns, ...command];
    const { exitCode, stderr } = await runProgram(argv, { timeoutMs: 5000 });
    if (exitCode !== 0) throw new Error(`Cannot configure "${netns}": ${stderr}`);
  }
}

/** What a lab has in the host's own network: an interface and a table of nftables. */
import { runProgram } from './process.ts';

const REMOVE_MS = 10_000;
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** Removes an interface; nothing happens when there is none. @throws Error when the host refuses. */
export async function removeLink(name: string): Promise<void> {
  const remove = 'ip link delete dev "$1" || ! ip link show dev "$1" >/dev/null 2>&1';
  await run(['sh', '-c', remove, 'remove', name], `remove interface "${name}"`);
}

/** Removes a table of the family inet; nothing happens when there is none. @throws Error when the host refuses. */
export async function removeNftTable(name: string): Promise<void> {
  const remove = `add table inet ${name}; delete table inet ${name}`;
  await run(['nft', remove], `remove table "${name}" of nftables`);
}

async function run(argv: [string, ...string[]], deed: string): Promise<void> {
  const options = { timeoutMs: REMOVE_MS, env: { PATH } };
  const { exitCode, stderr } = await runProgram(argv, options);
  if (exitCode !== 0) throw new Error(`Cannot ${deed}: ${stderr.trim()}`);
}

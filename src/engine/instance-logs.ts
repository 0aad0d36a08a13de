/** What an instance wrote: its start-up and its daemons, one file each. */
import fs from 'node:fs';
import path from 'node:path';

/** The start-up's files, in the order in which it writes them; the daemons' come after. */
const START_UP = ['boot.log', 'network.log', 'start.log', 'user-data.log'];

/** @returns all that there is, oldest first per file; nothing for an instance that never started. */
export function readInstanceLogs(folder: string): string {
  if (!fs.existsSync(folder)) return '';
  const files = fs.readdirSync(folder).filter((file) => file.endsWith('.log'));
  const daemons = files.filter((file) => !START_UP.includes(file));
  return [...START_UP.filter((file) => files.includes(file)), ...daemons]
    .map((file) => fs.readFileSync(path.join(folder, file), 'utf8'))
    .join('');
}

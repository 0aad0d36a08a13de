/** Programs inside instances, and bytes that one sends to another. */
import { type TestLab, until } from './test-lab.ts';

const READY_MS = 10_000;
const TRANSFER_MS = 30_000;

/** Takes a TCP connection and prints the hash of what came. */
const RECEIVER = `
const hash = require('node:crypto').createHash('sha256');
require('node:net').createServer((socket) => {
  socket.on('data', (bytes) => hash.update(bytes));
  socket.on('end', () => { console.log(hash.digest('hex')); process.exit(); });
}).listen(5001, () => console.log('listening'));`;

/** Sends bytes that no compression or repetition can stand in for, and prints their hash. */
const SENDER = `
const crypto = require('node:crypto');
const [address, size] = process.argv.slice(1);
const bytes = crypto.createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16))
  .update(Buffer.alloc(Number(size)));
require('node:net').connect(5001, address).end(bytes);
console.log(crypto.createHash('sha256').update(bytes).digest('hex'));`;

/** @returns a shell command that runs the text in Node. */
export function node(program: string, ...argv: readonly string[]): string {
  return `${process.execPath} -e '${program.replaceAll("'", "'\\''")}' ${argv.join(' ')}`;
}

/** Starts a program that goes on by itself, once it has written a first line. */
export async function startInside(
  lab: TestLab,
  instance: string,
  name: string,
  command: string,
): Promise<void> {
  await lab.read(instance, `${command} </dev/null >/tmp/${name} 2>&1 &`);
  await until(
    `${name} in ${instance} is ready`,
    READY_MS,
    () => lab.read(instance, `cat /tmp/${name}`),
    (text) => text !== '',
  );
}

/**
 * Sends bytes over TCP.
 * @param address Of the receiver. @returns the hashes of what was sent and of what came.
 */
export async function transfer(
  lab: TestLab,
  from: string,
  to: string,
  address: string,
  size: number,
): Promise<{ readonly sent: string; readonly got: string }> {
  await startInside(lab, to, 'receiver', node(RECEIVER));
  const sent = await lab.read(from, node(SENDER, address, String(size)));
  const lines = await until(
    'the receiver ends',
    TRANSFER_MS,
    async () => (await lab.read(to, 'cat /tmp/receiver')).split('\n'),
    ({ length }) => length > 2,
  );
  return { sent: sent.trim(), got: lines[1] ?? '' };
}

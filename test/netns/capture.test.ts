/** Captures of live traffic, judged by tshark and by an old pcap reader of others. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { captureWhile, tshark } from './captured.ts';
import {
  labForFile,
  labText,
  programOf,
  type TestLab,
  until,
  vpclab,
  whyNoLabs,
} from './test-lab.ts';
import { node } from './transfer.ts';

const LAB = labText(
  'capture',
  `
vpcs:
  main:
    cidr: 10.75.0.0/16
    subnets:
      a: { cidr: 10.75.1.0/24 }
      b: { cidr: 10.75.2.0/24 }
interfaces:
  extra: { subnet: b, address: 10.75.2.50, attach: r1 }
instances:
  r1: { subnet: a, address: 10.75.1.11, dhcp: static }
  r2: { subnet: a, address: 10.75.1.12, dhcp: static }
`,
);
const READY_MS = 10_000;
/** An Ethernet header and the MTU inside a VPC. */
const MAX_FRAME_SIZE = 14 + 9001;
/** Bytes that each side sends. */
const TRANSFER_SIZE = 300_000;

/** Serves one connection with more than a super-frame, and takes one of that size. */
const SERVER = `
require('node:net').createServer((socket) => {
  socket.resume(); socket.end(Buffer.alloc(${TRANSFER_SIZE}, 1)); socket.on('close', () => process.exit());
}).listen(5003, () => console.log('listening'));`;
const CLIENT = `
require('node:net').connect({ port: 5003, host: process.argv[1], allowHalfOpen: true })
  .on('end', function () { this.end(Buffer.alloc(${TRANSFER_SIZE}, 2)); }).resume();`;

/** Frames of every verdict: forwarded, answered, dropped. */
async function makeTraffic(lab: TestLab): Promise<void> {
  await lab.read('r1', 'ping -n -c1 -W2 10.75.1.12; ping -n -c1 -W2 10.75.1.1');
  await lab.sh('r1', 'ping -n -c1 -W1 -I eth0 224.0.0.18');
}

async function testCapture(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);
  await testPcapng(lab);
  await testSuperFrames(lab);
  await testPcap(lab);
  await testPipe(lab);

  await t.test('capture counts frames, and knows the names of interfaces', async (t) => {
    const file = path.join(t.testdir({}), 'two');
    const flags = ['-n', lab.name, '-w', file];
    const counted = vpclab(['capture', ...flags, '--count', '2', 'r2']);
    await lab.sh('r1', 'ping -n -c200 -i0.05 -w20 10.75.1.12 >/dev/null 2>&1 &');
    t.equal((await counted).exitCode, 0);
    t.equal((await tshark(file, 'frame', ['frame.number'])).rows.length, 2);
    const unknown = await vpclab(['capture', ...flags, 'r9']);
    t.match(unknown, { exitCode: 4, stderr: /"r9"/ });
  });

  await testHostIsAsBefore();
}

async function testPcapng(lab: TestLab): Promise<void> {
  await t.test('pcapng has an interface for each ENI and the verdict of each frame', async (t) => {
    const enough = { filter: 'ip.dst == 224.0.0.18', frames: 1 };
    const file = await captureWhile(t, lab, { argv: ['--format', 'pcapng'], enough }, () =>
      makeTraffic(lab),
    );
    const { exitCode, rows, stderr } = await tshark(file, 'icmp', [
      'frame.interface_name',
      'ip.src',
      'ip.dst',
      'frame.comment',
    ]);
    t.equal(exitCode, 0);
    t.equal(stderr, '', 'tshark has no warning');
    const comment = (...wanted: readonly string[]) =>
      rows.find((row) => wanted.every((value, index) => row[index] === value))?.[3];
    t.equal(comment('r1.eth0', '10.75.1.11', '10.75.1.12'), 'forwarded to r2.eth0');
    t.equal(comment('r2.eth0', '10.75.1.11', '10.75.1.12'), 'delivered');
    t.equal(comment('r2.eth0', '10.75.1.12', '10.75.1.11'), 'forwarded to r1.eth0');
    t.equal(comment('r1.eth0', '10.75.1.11', '10.75.1.1'), 'answered by the fabric');
    t.match(
      comment('r1.eth0', '10.75.1.11', '224.0.0.18'),
      /^dropped MULTICAST_NOT_FORWARDED: multicast is not delivered/,
    );
    t.equal(comment('r2.eth0', '10.75.1.11', '224.0.0.18'), undefined);
    const names = await interfaceNames(file);
    t.match(names.join(' '), /^r1\.eth0 (?:r1\.eth1 )?r2\.eth0$/);
    const blocks = (await tshark(file, 'frame', ['frame.interface_id'])).rows.map(([id]) => id);
    t.equal(new Set(blocks).size, names.length, 'one block an interface');
  });

  await t.test('frames of one interface only are captured when it is named', async (t) => {
    const enough = { filter: 'icmp', frames: 2 };
    const file = await captureWhile(t, lab, { argv: ['r1.eth1'], enough }, async () => {
      await lab.sh('r2', 'ping -n -c1 -W2 10.75.1.11');
      await lab.sh('r1', 'ping -n -c1 -W2 -I eth1 10.75.2.1');
    });
    t.same(await interfaceNames(file), ['r1.eth1']);
    t.same((await tshark(file, 'ip.addr == 10.75.1.12', ['frame.number'])).rows, []);
  });
}

/** What tshark reads of a transfer between two instances: lengths and the state of checksums. */
async function captureTransfer(t: Test, lab: TestLab, argv: readonly string[]): Promise<string> {
  await lab.read('r2', `${node(SERVER)} </dev/null >/tmp/server 2>&1 &`);
  await until(
    'the server listens',
    READY_MS,
    () => lab.read('r2', 'cat /tmp/server'),
    (text) => text === 'listening\n',
  );
  const enough = { filter: 'tcp.flags.fin == 1', frames: 4 };
  return captureWhile(t, lab, { argv, enough }, async () => {
    await lab.read('r1', node(CLIENT, '10.75.1.12'));
  });
}

async function testSuperFrames(lab: TestLab): Promise<void> {
  const preferences = ['tcp.check_checksum:TRUE', 'ip.check_checksum:TRUE'];
  const fields = ['tcp.len', 'tcp.checksum.status', 'ip.checksum.status', 'frame.len'];

  await t.test('checksums that the guest left to its device are complete', async (t) => {
    const file = await captureTransfer(t, lab, []);
    const { rows } = await tshark(file, 'tcp', fields, preferences);
    t.ok(
      rows.some(([length]) => Number(length) > 9001),
      'super-frames are among them',
    );
    t.same(
      rows.filter(([, tcp, ip]) => tcp !== '1' || ip !== '1'),
      [],
    );
  });

  await t.test('[MTU-1] capture --segment has no frame that a card could not send', async (t) => {
    for (const format of ['pcapng', 'pcap']) {
      const file = await captureTransfer(t, lab, ['--segment', '--format', format]);
      const { rows } = await tshark(file, 'tcp', fields, preferences);
      const wrong = rows.filter(
        ([, tcp, ip, length]) => tcp !== '1' || ip !== '1' || Number(length) > MAX_FRAME_SIZE,
      );
      t.same(wrong, [], 'checksums and lengths');
      for (const source of ['10.75.1.11', '10.75.1.12']) {
        const filter = `tcp.len > 0 && ip.src == ${source}`;
        const segments = (await tshark(file, filter, ['tcp.seq', 'tcp.len'])).rows;
        t.equal(bytesCovered(segments), TRANSFER_SIZE, `${format}: all that ${source} sent`);
      }
    }
  });
}

/** @returns how far segments reach from sequence number 1 without a gap; some come more than once. */
function bytesCovered(segments: readonly (readonly string[])[]): number {
  return (
    segments
      .map(([sequence, length]) => ({ from: Number(sequence), size: Number(length) }))
      .toSorted((a, b) => a.from - b.from)
      .reduce((end, { from, size }) => (from > end ? end : Math.max(end, from + size)), 1) - 1
  );
}

async function testPcap(lab: TestLab): Promise<void> {
  await t.test('pcap is read by tshark and by pcap-parser alike', async (t) => {
    const enough = { filter: 'ip.dst == 224.0.0.18', frames: 1 };
    const file = await captureWhile(t, lab, { argv: ['--format', 'pcap'], enough }, () =>
      makeTraffic(lab),
    );
    const { rows, stderr } = await tshark(file, 'frame', ['frame.len', 'eth.src']);
    t.equal(stderr, '');
    t.same(await parsePcap(file), rows);
    t.ok(rows.length >= 6);
  });
}

async function testPipe(lab: TestLab): Promise<void> {
  await t.test('a capture on standard output feeds tshark while it goes on', async (t) => {
    const shell = ['"$@"', 'tshark -n -l -i - -c 2 -Y icmp -T fields -e ip.dst 2>/dev/null'].join(
      ' | ',
    );
    const live = execa(
      'sh',
      ['-c', shell, 'sh', ...programOf(['capture', '-n', lab.name, '-w', '-', 'r1'])],
      {
        reject: false,
        timeout: 30_000,
      },
    );
    await lab.sh('r1', 'ping -n -c400 -i0.05 -w20 10.75.1.12 >/dev/null 2>&1 &');
    const { exitCode, stdout } = await live;
    t.equal(exitCode, 0, 'both end when the reader has had enough');
    t.match(stdout, '10.75.1.1');
  });
}

async function interfaceNames(file: string): Promise<readonly string[]> {
  const { rows } = await tshark(file, 'frame', ['frame.interface_name']);
  return [...new Set(rows.map(([name = '']) => name))].toSorted();
}

interface PcapPacket {
  readonly header: { readonly originalLength: number };
  readonly data: Buffer;
}

interface PcapParser {
  on(event: 'packet', listener: (packet: PcapPacket) => void): void;
  on(event: 'end' | 'error', listener: (error?: Error) => void): void;
}

/** @returns length and source MAC of each frame. */
async function parsePcap(file: string): Promise<readonly (readonly string[])[]> {
  // It has no types.
  const { parse } = createRequire(import.meta.url)('pcap-parser') as {
    parse: (input: fs.ReadStream) => PcapParser;
  };
  const parser = parse(fs.createReadStream(file));
  const rows: string[][] = [];
  await new Promise<void>((resolve, reject) => {
    parser.on('packet', (packet) => {
      const mac = packet.data.subarray(6, 12).toString('hex').match(/../g)?.join(':') ?? '';
      rows.push([String(packet.header.originalLength), mac]);
    });
    parser.on('end', () => resolve());
    parser.on('error', reject);
  });
  return rows;
}

const reason = whyNoLabs();
if (reason === null) await testCapture();
else t.plan(0, reason);

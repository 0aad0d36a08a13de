/** Capture files, read back by our readers and by tshark and pcap-parser. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import { type PcapResolution, pcapHeader, pcapRecord, readPcap } from '../../src/capture/pcap.ts';
import {
  type PcapngPacket,
  pcapngHeader,
  pcapngInterface,
  pcapngPacket,
  readPcapng,
} from '../../src/capture/pcapng.ts';

const hasTshark = spawnSync('tshark', ['--version']).status === 0;
const SKIP_TSHARK = hasTshark ? false : 'tshark is not installed';

/** An ARP request, 42 bytes: not a multiple of four, so padding is seen. */
const ARP = Uint8Array.from(
  Buffer.from(
    `ffffffffffff02000a00010b0806${'0001080006040001'}02000a00010b0a00010b0000000000000a00010c`,
    'hex',
  ),
);
const TIMESTAMP_NS = 1_700_000_000_123_456_789n;

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function tshark(file: string, fields: readonly string[]): { rows: string[][]; warnings: string } {
  const options = fields.flatMap((field) => ['-e', field]);
  const result = spawnSync(
    'tshark',
    ['-r', file, '-T', 'fields', '-E', 'separator=|', ...options],
    {
      encoding: 'utf8',
    },
  );
  // tshark always says so when it is run by root; that is about the user, not the file.
  const warnings = result.stderr
    .split('\n')
    .filter((line) => line !== '' && !line.includes('Running as user "root"'))
    .join('\n');
  return {
    rows: result.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('|')),
    warnings,
  };
}

const RECORDS = [
  { timestampNs: TIMESTAMP_NS, frame: ARP, originalSize: ARP.length },
  { timestampNs: TIMESTAMP_NS + 1_000_000_000n, frame: ARP.slice(0, 20), originalSize: 9014 },
];

for (const resolution of ['microseconds', 'nanoseconds'] satisfies PcapResolution[]) {
  t.test(`pcapRecord is read back by readPcap and tshark in ${resolution}`, (t) => {
    const bytes = concat([
      pcapHeader(resolution),
      ...RECORDS.map((each) => pcapRecord(each, resolution)),
    ]);
    const unit = resolution === 'microseconds' ? 1000n : 1n;
    const wanted = RECORDS.map((each) => ({
      ...each,
      timestampNs: (each.timestampNs / unit) * unit,
    }));
    t.strictSame(readPcap(bytes), { resolution, linkType: 1, records: wanted });
    t.equal(readPcap(bytes.slice(0, -1)), null, 'a cut file');
    t.equal(readPcap(bytes.slice(0, 30)), null, 'a cut record header');
    t.equal(readPcap(bytes.slice(0, 10)), null, 'a cut file header');
    t.equal(readPcap(new Uint8Array(64)), null, 'another magic');
    t.end();
  });

  t.test(`pcapRecord opens in tshark in ${resolution}`, { skip: SKIP_TSHARK }, (t) => {
    const bytes = concat([
      pcapHeader(resolution),
      ...RECORDS.map((each) => pcapRecord(each, resolution)),
    ]);
    const file = join(t.testdir(), 'a.pcap');
    writeFileSync(file, bytes);
    const { rows, warnings } = tshark(file, [
      'frame.time_epoch',
      'frame.len',
      'frame.cap_len',
      'arp.src.proto_ipv4',
    ]);
    t.equal(warnings, '');
    const fraction = resolution === 'microseconds' ? '123456000' : '123456789';
    t.strictSame(rows[0], [`1700000000.${fraction}`, '42', '42', '10.0.1.11']);
    t.strictSame(rows[1]?.slice(0, 3), [`1700000001.${fraction}`, '9014', '20']);
    t.end();
  });
}

t.test('pcapHeader has the bytes of the format', (t) => {
  const hex = Buffer.from(pcapHeader()).toString('hex');
  t.equal(hex, 'd4c3b2a10200040000000000000000000000040001000000');
  t.end();
});

t.test('pcapRecord is read by pcap-parser', async (t) => {
  const require = createRequire(import.meta.url);
  const { parse } = require('pcap-parser') as {
    parse(stream: Readable): NodeJS.EventEmitter;
  };
  const bytes = concat([
    pcapHeader(),
    pcapRecord({ timestampNs: TIMESTAMP_NS, frame: ARP, originalSize: ARP.length }),
  ]);
  const stream = Readable.from([Buffer.from(bytes)]);
  const parser = parse(stream);
  const packets: { header: Record<string, number>; data: Buffer }[] = [];
  parser.on('packet', (packet) => packets.push(packet));
  const ended = new Promise((resolve, reject) => parser.on('end', resolve).on('error', reject));
  await ended;
  t.equal(packets.length, 1);
  t.strictSame(packets[0]?.header, {
    timestampSeconds: 1_700_000_000,
    timestampMicroseconds: 123_456,
    capturedLength: 42,
    originalLength: 42,
  });
  t.strictSame(Uint8Array.from(packets[0]?.data ?? []), ARP);
});

const PACKETS: readonly PcapngPacket[] = [
  {
    interfaceIndex: 0,
    timestampNs: TIMESTAMP_NS,
    frame: ARP,
    originalSize: ARP.length,
    direction: 'outbound',
    comment: 'drop ARP_GRATUITOUS',
  },
  {
    interfaceIndex: 1,
    timestampNs: TIMESTAMP_NS + 1n,
    frame: ARP.slice(0, 40),
    originalSize: 9014,
    direction: 'inbound',
    comment: 'forward → r1.eth0',
  },
  {
    interfaceIndex: 0,
    timestampNs: TIMESTAMP_NS + 2n,
    frame: ARP,
    originalSize: ARP.length,
    direction: 'inbound',
    comment: '',
  },
];
const INTERFACES = [
  { name: 'r1.eth0', description: 'eni-0123456789abcdef0' },
  { name: 'r2.eth1', description: 'eni-0123456789abcdef1' },
];

function pcapngFile(): Uint8Array {
  return concat([pcapngHeader(), ...INTERFACES.map(pcapngInterface), ...PACKETS.map(pcapngPacket)]);
}

t.test('pcapngPacket is read back by readPcapng', (t) => {
  t.strictSame(readPcapng(pcapngFile()), { interfaces: INTERFACES, packets: PACKETS });
  const late = concat([
    pcapngHeader(),
    ...INTERFACES.slice(0, 1).map(pcapngInterface),
    ...PACKETS.slice(0, 1).map(pcapngPacket),
    ...INTERFACES.slice(1).map(pcapngInterface),
  ]);
  t.equal(readPcapng(late)?.interfaces.length, 2, 'an interface that came later');
  t.end();
});

t.test('readPcapng refuses every cut file and never throws', (t) => {
  const bytes = pcapngFile();
  const ends = new Set<number>();
  for (let at = 0; at < bytes.length; ) {
    ends.add(at);
    at += new DataView(bytes.buffer).getUint32(at + 4, true);
  }
  for (let size = 1; size < bytes.length; size++) {
    const whole = readPcapng(bytes.slice(0, size)) !== null;
    if (whole !== ends.has(size)) t.fail(`size ${size}`);
  }
  for (let index = 0; index < bytes.length; index++) {
    const mutated = bytes.slice();
    mutated[index] = (mutated[index] ?? 0) ^ 0xff;
    readPcapng(mutated);
  }
  t.pass('no mutation throws');
  t.end();
});

t.test('pcapngPacket opens in tshark without a warning', { skip: SKIP_TSHARK }, (t) => {
  const file = join(t.testdir(), 'a.pcapng');
  writeFileSync(file, pcapngFile());
  const fields = [
    'frame.comment',
    'frame.interface_name',
    'frame.interface_description',
    'frame.time_epoch',
    'frame.packet_flags_direction',
    'frame.len',
  ];
  const { rows, warnings } = tshark(file, fields);
  t.equal(warnings, '');
  t.strictSame(
    rows.map((row) => row.slice(0, 5)),
    [
      [
        'drop ARP_GRATUITOUS',
        'r1.eth0',
        'eni-0123456789abcdef0',
        '1700000000.123456789',
        rows[0]?.[4],
      ],
      [
        'forward → r1.eth0',
        'r2.eth1',
        'eni-0123456789abcdef1',
        '1700000000.123456790',
        rows[1]?.[4],
      ],
      ['', 'r1.eth0', 'eni-0123456789abcdef0', '1700000000.123456791', rows[2]?.[4]],
    ],
  );
  t.strictSame(
    rows.map((row) => Number(row[4])),
    [2, 1, 1],
    'directions',
  );
  t.strictSame(
    rows.map((row) => row[5]),
    ['42', '9014', '42'],
  );
  const plain = execFileSync('tshark', ['-r', file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.match(plain, /Who has 10\.0\.1\.12\? Tell 10\.0\.1\.11/);
  t.end();
});

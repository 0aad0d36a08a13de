/** Super-frames and their segments: checked, put together again, and read by tshark. */
import fc from 'fast-check';
import t from 'tap';
import { readU16, writeU16, writeU16Le } from '../../src/packet/bytes.ts';
import { forEachSegment } from '../../src/packet/segment.ts';
import { checkVnetHeader, type VnetFault } from '../../src/packet/super-frame.ts';
import { TCP_CWR, TCP_FIN, TCP_PSH, type TcpRepr } from '../../src/packet/tcp.ts';
import {
  VNET_CHECKSUM_OFFSET,
  VNET_CHECKSUM_START,
  VNET_GSO_TCPV4,
  VNET_GSO_TCPV6,
  VNET_GSO_UDP,
  VNET_GSO_UDP_L4,
  VNET_HEADER_SIZE,
  vnetIsPlain,
} from '../../src/packet/vnet-header.ts';
import { dissect } from './dissect.ts';
import { listVectors, parseHex, readVector } from './hex-file.ts';
import {
  Pieces,
  PLAIN,
  type SuperFrameParts,
  superFrame,
  superFrameParts,
} from './super-frames.ts';
import { hasTshark, tsharkFields } from './tshark.ts';

/** An IPv4 option that says nothing. */
const NO_OPERATION = 1;

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

const udp: SuperFrameParts = { ...PLAIN, tcp: null };
const ipv6: SuperFrameParts = { ...PLAIN, family: 6 };

const IP = VNET_HEADER_SIZE + 14;
const TCP = IP + 20;

/** Cuts a frame behind its virtio header. */
function cut(bytes: Uint8Array): { fault: VnetFault | null; frames: readonly Uint8Array[] } {
  const pieces = new Pieces();
  const out = new Uint8Array(bytes.length + 3);
  const size = bytes.length - VNET_HEADER_SIZE;
  const fault = forEachSegment(bytes, 0, VNET_HEADER_SIZE, size, out, 3, pieces);
  return { fault, frames: pieces.frames };
}

function check(bytes: Uint8Array): VnetFault | null {
  return checkVnetHeader(bytes, 0, VNET_HEADER_SIZE, bytes.length - VNET_HEADER_SIZE);
}

function holds(property: (parts: SuperFrameParts) => void): void {
  fc.assert(fc.property(superFrameParts, property), { seed });
}

const isTcp = (upper: unknown): upper is TcpRepr =>
  typeof upper === 'object' && upper !== null && 'sequence' in upper && 'window' in upper;

t.test(
  'forEachSegment cuts what parses, has right checksums and gives the payload back',
  async (t) => {
    holds((parts) => {
      const bytes = superFrame(parts);
      const before = Buffer.from(bytes).toString('hex');
      t.equal(check(bytes), null);
      const { fault, frames } = cut(bytes);
      t.equal(fault, null);
      t.equal(Buffer.from(bytes).toString('hex'), before, 'the super-frame is as it was');
      t.equal(frames.length, Math.max(1, Math.ceil(parts.payload.length / parts.gsoSize)));
      const found = frames.map((frame) => {
        // The checksums of IPv4, TCP and UDP are checked on the way.
        const { upper } = dissect(frame);
        if (upper === null || !('destinationPort' in upper)) throw new Error('no segment');
        return upper;
      });
      const payloads = found.map((upper) => upper.payload);
      t.same(Buffer.concat(payloads), Buffer.from(parts.payload));
      for (const payload of payloads.slice(0, -1)) t.equal(payload.length, parts.gsoSize);
    });
  },
);

t.test('forEachSegment numbers segments as Linux does', async (t) => {
  holds((parts) => {
    const { frames } = cut(superFrame(parts));
    const last = frames.length - 1;
    frames.forEach((frame, index) => {
      const { ethernet, ip, upper } = dissect(frame);
      const whole = dissect(superFrame(parts).subarray(VNET_HEADER_SIZE), { skipChecksum: true });
      t.same(ethernet, whole.ethernet);
      const size = frame.length - 14 - (parts.family === 4 ? 20 + parts.options.length : 40);
      const own = { payloadSize: size };
      const id = (parts.identification + index) & 0xffff;
      t.same(ip, { ...whole.ip, ...own, ...(parts.family === 4 ? { identification: id } : {}) });
      if (parts.tcp === null || !isTcp(upper)) return;
      const { sequence, flags } = parts.tcp;
      const cleared = (index > 0 ? TCP_CWR : 0) | (index < last ? TCP_FIN | TCP_PSH : 0);
      const { payload, ...header } = upper;
      t.same(header, {
        ...parts.tcp,
        sequence: (sequence + index * parts.gsoSize) >>> 0,
        flags: flags & ~cleared,
      });
      t.ok(payload.length <= parts.gsoSize);
    });
  });
});

t.test('a super-frame forwarded, then cut, equals its segments forwarded', async (t) => {
  const rewrite = (bytes: Uint8Array, at: number) => bytes.fill(0xee, at, at + 12);
  holds((parts) => {
    const forwarded = superFrame(parts);
    rewrite(forwarded, VNET_HEADER_SIZE);
    const segments = cut(superFrame(parts)).frames;
    for (const segment of segments) rewrite(segment, 0);
    t.same(cut(forwarded).frames, segments);
  });
});

t.test('forEachSegment gives a frame that is none with its checksum complete', async (t) => {
  for (const name of listVectors('vnet-')) {
    const bytes = readVector(name);
    const { fault, frames } = cut(bytes);
    t.equal(fault, null, name);
    t.equal(frames.length, 1, name);
    const [frame = new Uint8Array(0)] = frames;
    t.equal(frame.length, bytes.length - VNET_HEADER_SIZE);
    t.not(dissect(frame).upper, null, `${name} has its checksum`);
    bytes.fill(0, 0, VNET_HEADER_SIZE);
    t.same(
      cut(bytes).frames,
      [bytes.slice(VNET_HEADER_SIZE)],
      `${name} without a pending checksum`,
    );
  }
});

t.test('forEachSegment takes TCP whose checksum is not pending, as Linux does', async (t) => {
  const bytes = superFrame(PLAIN, { needsChecksum: false, checksumStart: 0, checksumOffset: 0 });
  writeU16(bytes, TCP + 16, 0xbad1);
  t.same(cut(bytes), cut(superFrame(PLAIN)));
});

t.test('forEachSegment never sends the checksum that means there is none in UDP', async (t) => {
  const payload = new Uint8Array(2);
  const field = (frame: Uint8Array | undefined) => readU16(frame ?? payload, 14 + 20 + 6);
  // What is missing to a sum of all ones becomes the payload.
  writeU16(payload, 0, field(cut(superFrame({ ...udp, payload })).frames[0]));
  t.equal(field(cut(superFrame({ ...udp, payload })).frames[0]), 0xffff);
});

t.test('forEachSegment stops when the sink has had enough', async (t) => {
  const bytes = superFrame(PLAIN);
  let count = 0;
  const once = { piece: () => ++count < 2 };
  const size = bytes.length - VNET_HEADER_SIZE;
  t.equal(forEachSegment(bytes, 0, VNET_HEADER_SIZE, size, new Uint8Array(size), 0, once), null);
  t.equal(count, 2);
});

/** Changes one 16-bit word and, in the IPv4 header, repairs the checksum by increments. */
function changed(bytes: Uint8Array, at: number, word: number, isIpv4 = true): Uint8Array {
  const before = readU16(bytes, at);
  writeU16(bytes, at, word);
  if (!isIpv4) return bytes;
  const sum = (~readU16(bytes, IP + 10) & 0xffff) + (~before & 0xffff) + word;
  const folded = (sum >>> 16) + (sum & 0xffff);
  writeU16(bytes, IP + 10, ~((folded >>> 16) + (folded & 0xffff)) & 0xffff);
  return bytes;
}

const REFUSED: readonly (readonly [title: string, bytes: Uint8Array, fault: VnetFault])[] = [
  ['GSO size 0', superFrame({ ...PLAIN, gsoSize: 0 }), 'BAD_GSO_SIZE'],
  ['the GSO size that Linux reserves', superFrame({ ...PLAIN, gsoSize: 0xffff }), 'BAD_GSO_SIZE'],
  ['129 datagrams', superFrame({ ...udp, gsoSize: 31 }), 'BAD_GSO_SIZE'],
  ['UDP fragmentation', superFrame(udp, { gsoType: VNET_GSO_UDP }), 'BAD_GSO_TYPE'],
  ['an unknown type', superFrame(PLAIN, { gsoType: 2 }), 'BAD_GSO_TYPE'],
  ['ECN without a type', superFrame(PLAIN, { gsoType: 0, gsoEcn: true }), 'BAD_GSO_TYPE'],
  ['ECN of UDP', superFrame(udp, { gsoEcn: true }), 'BAD_GSO_TYPE'],
  ['TCPv4 in IPv6', superFrame(ipv6, { gsoType: VNET_GSO_TCPV4 }), 'WRONG_FAMILY'],
  ['TCPv6 in IPv4', superFrame(PLAIN, { gsoType: VNET_GSO_TCPV6 }), 'WRONG_FAMILY'],
  ['TCP in ARP', changed(superFrame(PLAIN), IP - 2, 0x0806, false), 'WRONG_FAMILY'],
  ['TCP as UDP', superFrame(PLAIN, { gsoType: VNET_GSO_UDP_L4 }), 'WRONG_PROTOCOL'],
  ['UDP as TCP', superFrame(udp, { gsoType: VNET_GSO_TCPV4 }), 'WRONG_PROTOCOL'],
  ['headers past the frame', superFrame(PLAIN, { headerSize: 4055 }), 'BAD_HEADER_LENGTH'],
  ['a first fragment', changed(superFrame(PLAIN), IP + 6, 0x2000), 'FRAGMENTED'],
  ['a later fragment', changed(superFrame(PLAIN), IP + 6, 0x0010), 'FRAGMENTED'],
  [
    'an IPv6 fragment',
    changed(superFrame({ ...ipv6, extensionCount: 1 }), IP + 6, 0x2c40, false),
    'FRAGMENTED',
  ],
  ['a wrong IPv4 checksum', changed(superFrame(PLAIN), IP + 10, 1, false), 'BAD_NETWORK_HEADER'],
  ['an IPv6 header that is cut', superFrame(ipv6).subarray(0, IP + 39), 'BAD_HEADER_LENGTH'],
  ['IPv4 with a tail', changed(superFrame(PLAIN), IP + 2, 4039), 'BAD_LENGTH'],
  ['IPv6 with a tail', changed(superFrame(ipv6), IP + 4, 4019, false), 'BAD_LENGTH'],
  [
    'a TCP header of 16 bytes',
    changed(superFrame(PLAIN), TCP + 12, 0x4018, false),
    'BAD_TRANSPORT_HEADER',
  ],
  ['a sum from elsewhere', superFrame(PLAIN, { checksumStart: 36 }), 'BAD_CHECKSUM_FIELD'],
  ['a field elsewhere', superFrame(PLAIN, { checksumOffset: 6 }), 'BAD_CHECKSUM_FIELD'],
  [
    'UDP without a pending checksum',
    superFrame(udp, { needsChecksum: false }),
    'BAD_CHECKSUM_FIELD',
  ],
];

t.test('checkVnetHeader and forEachSegment name why a super-frame is refused', async (t) => {
  for (const [title, bytes, fault] of REFUSED) {
    t.equal(check(bytes), fault, title);
    t.same(cut(bytes), { fault, frames: [] }, title);
  }
});

t.test(
  'checkVnetHeader judges frames that are no super-frames by their checksum alone',
  async (t) => {
    const plain = (start: number, offset: number, headerLength = 0): Uint8Array => {
      const bytes = readVector('vnet-udp');
      writeU16Le(bytes, 2, headerLength);
      writeU16Le(bytes, VNET_CHECKSUM_START, start);
      writeU16Le(bytes, VNET_CHECKSUM_OFFSET, offset);
      return bytes;
    };
    const size = readVector('vnet-udp').length - VNET_HEADER_SIZE;
    const rows: readonly [title: string, bytes: Uint8Array, fault: VnetFault | null][] = [
      ['as a guest sends it', plain(34, 6), null],
      ['the inner checksum of a tunnel', plain(40, 2), null],
      ['the last two bytes', plain(34, size - 36), null],
      ['one byte past the frame', plain(34, size - 35), 'BAD_CHECKSUM_FIELD'],
      ['far past the frame', plain(0xffff, 0xffff), 'BAD_CHECKSUM_FIELD'],
      ['inside the IP header', plain(33, 6), 'BAD_CHECKSUM_FIELD'],
      ['the Ethernet header', plain(0, 0), 'BAD_CHECKSUM_FIELD'],
      ['headers as long as the frame', plain(34, 6, size), null],
      ['headers as short as the Ethernet header', plain(34, 6, 14), null],
      ['headers shorter than that', plain(34, 6, 13), 'BAD_HEADER_LENGTH'],
      ['headers longer than the frame', plain(34, 6, size + 1), 'BAD_HEADER_LENGTH'],
    ];
    for (const [title, bytes, fault] of rows) {
      t.equal(check(bytes), fault, title);
      t.equal(cut(bytes).fault, fault, title);
    }
    const header = parseHex('0000 0000 0000 0000 0000 0000');
    t.equal(vnetIsPlain(header, 0), true);
    t.equal(vnetIsPlain(readVector('vnet-udp'), 0), false);
    t.equal(vnetIsPlain(parseHex('0080 0000 0000 0000 0000 0000'), 0), false, 'ECN alone');
    t.equal(vnetIsPlain(parseHex('0000 0100 0000 0000 0000 0000'), 0), false, 'a header length');
  },
);

t.test(
  'tshark finds no wrong checksum in segments',
  { skip: hasTshark ? false : 'tshark is not installed' },
  (t) => {
    const samples = fc.sample(superFrameParts, { seed, numRuns: 60 });
    // Of random options tshark gives up some packets before it comes to their checksums.
    const plain = samples.map((parts) => ({ ...parts, options: parts.options.fill(NO_OPERATION) }));
    const frames = plain.flatMap((parts) => cut(superFrame(parts)).frames);
    const fields = [
      'ip.checksum.status',
      'ip.version',
      'tcp.checksum.status',
      'udp.checksum.status',
    ];
    const rows = tsharkFields(t.testdir(), frames, fields);
    t.equal(rows.length, frames.length);
    const GOOD = '1';
    const wrong = rows.filter(
      ([ip, version, tcp = '', udp = '']) =>
        ip !== (version === '4' ? GOOD : '') || `${tcp}${udp}` !== GOOD,
    );
    t.same(wrong, []);
    t.end();
  },
);

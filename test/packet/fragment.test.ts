/** Fragments of IPv4 packets: sizes, offsets, options, and the packet put together again. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { createRandom, mutate } from '../../scripts/mutate.ts';
import { type FragmentFault, forEachFragment } from '../../src/packet/fragment.ts';
import { emitIpv4Header, type Ipv4Repr, parseIpv4Header } from '../../src/packet/ipv4.ts';
import * as arbitrary from './arbitraries.ts';
import { parseHex, readVector } from './hex-file.ts';
import { Pieces } from './super-frames.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

function cut(
  frame: Uint8Array,
  mtu: number,
): { fault: FragmentFault | null; frames: readonly Uint8Array[] } {
  const pieces = new Pieces();
  const out = new Uint8Array(frame.length + 5);
  const fault = forEachFragment(frame, 0, frame.length, mtu, out, 5, pieces);
  return { fault, frames: pieces.frames };
}

/** An Ethernet header, then the packet. */
function frameOf(header: Ipv4Repr, payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(14 + 60 + payload.length);
  out.set(parseHex('02abcd00000b 02abcd00000a 0800'));
  const at = 14 + emitIpv4Header({ ...header, payloadSize: payload.length }, out, 14);
  out.set(payload, at);
  return out.slice(0, at + payload.length);
}

function read(frame: Uint8Array): { readonly ip: Ipv4Repr; readonly payload: Uint8Array } {
  const ip = parseIpv4Header(frame, 14, frame.length - 14);
  assert(ip !== null, 'a fragment has a legal header');
  return { ip, payload: frame.subarray(frame.length - ip.payloadSize) };
}

/** A whole packet: 12 bytes of options that every fragment has, 4 of others. */
const HEADER: Ipv4Repr = {
  dscpEcn: 0x28,
  identification: 0x1234,
  dontFragment: false,
  moreFragments: false,
  fragmentOffset: 0,
  ttl: 9,
  protocol: 17,
  source: 0x0a00010a as Ipv4Repr['source'],
  destination: 0x0a00010b as Ipv4Repr['destination'],
  options: parseHex('01 07 07 04 00000000 83 07 04 00000000 01'),
  payloadSize: 0,
};

const packet = fc.record({
  header: arbitrary.ipv4.map((header) => ({ ...header, moreFragments: false, fragmentOffset: 0 })),
  payload: fc.uint8Array({ maxLength: 4000, size: 'max' }),
  mtu: fc.integer({ min: 68, max: 1600 }),
});

/** @returns the payload that the fragments carry, each byte from exactly one of them. */
function reassemble(frames: readonly Uint8Array[], from = 0): Buffer {
  let end = from;
  const parts = frames.map((frame) => {
    const { ip, payload } = read(frame);
    assert.equal(ip.fragmentOffset, end, 'a fragment begins where the one before it ended');
    end += payload.length;
    return payload;
  });
  return Buffer.concat(parts);
}

t.test('forEachFragment gives fragments that fit and are the packet together', async (t) => {
  fc.assert(
    fc.property(packet, ({ header, payload, mtu }) => {
      const frame = frameOf(header, payload);
      const { fault, frames } = cut(frame, mtu);
      assert.equal(fault, null);
      assert.deepEqual(reassemble(frames), Buffer.from(payload));
      frames.forEach((each, index) => {
        const { ip } = read(each);
        const isLast = index === frames.length - 1;
        assert(each.length - 14 <= mtu);
        assert.equal(ip.moreFragments, !isLast);
        if (!isLast) assert.equal(ip.payloadSize % 8, 0);
        const { moreFragments, fragmentOffset, options, payloadSize, ...same } = ip;
        assert.deepEqual({ ...header, ...same }, header);
        if (index === 0) assert.deepEqual(Buffer.from(options), Buffer.from(header.options));
        assert.equal(Buffer.compare(each.subarray(0, 14), frame.subarray(0, 14)), 0);
      });
    }),
    { seed },
  );
  t.pass(`seed ${seed}`);
});

t.test('forEachFragment cuts a fragment again: offsets add, more-fragments stays', async (t) => {
  fc.assert(
    fc.property(packet, fc.integer({ min: 68, max: 600 }), ({ header, payload, mtu }, smaller) => {
      const [whole, twice] = [frameOf(header, payload), [] as Uint8Array[]];
      for (const fragment of cut(whole, mtu).frames) {
        const { ip } = read(fragment);
        const { frames } = cut(fragment, smaller);
        reassemble(frames, ip.fragmentOffset);
        assert.deepEqual(
          frames.map((each) => read(each).ip.moreFragments),
          frames.map((_, index) => index < frames.length - 1 || ip.moreFragments),
        );
        twice.push(...frames);
      }
      assert.deepEqual(reassemble(twice), Buffer.from(payload));
    }),
    { seed },
  );
  t.pass(`seed ${seed}`);
});

t.test('forEachFragment copies to later fragments the options with the copy bit', async (t) => {
  const { frames } = cut(frameOf(HEADER, new Uint8Array(100)), 76);
  t.same(
    frames.map((frame) => Buffer.from(read(frame).ip.options).toString('hex')),
    [
      Buffer.from(HEADER.options).toString('hex'),
      // The loose source route alone, padded to a whole word.
      '8307040000000000',
      '8307040000000000',
    ],
  );
  t.same(
    frames.map((frame) => read(frame).payload.length),
    [40, 48, 12],
    'the room that the shorter header leaves is used',
  );
  const broken = frameOf({ ...HEADER, options: parseHex('8300 0000') }, new Uint8Array(100));
  t.same(
    cut(broken, 76).frames.map((frame) => read(frame).ip.options.length),
    [4, 0],
    'a broken option is in the first fragment only',
  );
});

t.test('forEachFragment gives a packet that fits as it is, without link padding', async (t) => {
  const frame = frameOf(HEADER, new Uint8Array(100).fill(3));
  const padded = new Uint8Array(frame.length + 9);
  padded.set(frame);
  t.same(cut(padded, frame.length - 14), { fault: null, frames: [frame] });
  const dontFragment = frameOf({ ...HEADER, dontFragment: true }, new Uint8Array(100));
  for (const piece of cut(dontFragment, 76).frames) t.equal(read(piece).ip.dontFragment, true);
});

t.test('forEachFragment names why it cannot', async (t) => {
  const frame = frameOf(HEADER, new Uint8Array(100));
  const far = frameOf({ ...HEADER, fragmentOffset: 65_528 }, new Uint8Array(100));
  const bad = frame.slice();
  bad[22] = 1;
  t.same(cut(frame, 43), { fault: 'MTU_TOO_SMALL', frames: [] });
  t.equal(cut(frame, 44).frames.length, 7, 'header and eight bytes is enough');
  t.same(cut(far, 76), { fault: 'BAD_FRAGMENT_OFFSET', frames: [] });
  t.same(cut(bad, 76), { fault: 'BAD_CHECKSUM', frames: [] });
  t.same(cut(frame.subarray(0, 13), 76), { fault: 'TRUNCATED', frames: [] });
});

t.test('forEachFragment stops when the sink has had enough', async (t) => {
  const frame = frameOf(HEADER, new Uint8Array(400));
  let count = 0;
  const once = { piece: () => ++count < 2 };
  t.equal(forEachFragment(frame, 0, frame.length, 76, new Uint8Array(600), 0, once), null);
  t.equal(count, 2);
});

t.test('forEachFragment never throws and never writes past its room', async (t) => {
  const random = createRandom(seed);
  const seeds = [
    readVector('ipv4-options'),
    readVector('udp'),
    frameOf(HEADER, new Uint8Array(99)),
  ];
  let over = 0;
  for (let count = 0; count < 5000; count++) {
    const frame = mutate(seeds[count % seeds.length] ?? new Uint8Array(0), random);
    const out = new Uint8Array(frame.length + 8).fill(0xa5);
    forEachFragment(frame, 0, frame.length, 28 + random(60), out, 0, { piece: () => true });
    if (out.subarray(frame.length).some((byte) => byte !== 0xa5)) over++;
  }
  t.equal(over, 0);
});

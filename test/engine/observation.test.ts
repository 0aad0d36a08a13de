/** From a frame that crosses the fabric to the packets that a capture writes of it. */
import t from 'tap';
import { FORWARD, Verdict } from '../../src/dataplane/verdict.ts';
import { segmentPackets, wholePacket } from '../../src/engine/captured-packets.ts';
import { Observation } from '../../src/engine/observation.ts';
import { VNET_HEADER_SIZE } from '../../src/packet/vnet-header.ts';
import { dissect } from '../packet/dissect.ts';
import { readVector } from '../packet/hex-file.ts';
import { PLAIN, superFrame } from '../packet/super-frames.ts';

/** What a capture of port 1 has of a frame that comes in there. */
function observed(bytes: Uint8Array): Uint8Array {
  const observation = new Observation([1]);
  observation.received(1, bytes, VNET_HEADER_SIZE, bytes.length - VNET_HEADER_SIZE);
  const [only] = observation.take()?.frames ?? [];
  return only?.bytes ?? new Uint8Array(0);
}

t.test('Observation keeps a frame with its virtio header and its verdict', async (t) => {
  const observation = new Observation([1]);
  const bytes = superFrame(PLAIN);
  const padded = new Uint8Array(bytes.length + 40);
  padded.set(bytes, 20);
  const [start, size] = [20 + VNET_HEADER_SIZE, bytes.length - VNET_HEADER_SIZE];
  const verdict = new Verdict();
  verdict.kind = FORWARD;
  verdict.argument = 2;
  observation.received(1, padded, start, size);
  observation.sent(2, padded, start, size);
  padded.fill(0xee);
  observation.decided(1, verdict);
  const taken = observation.take();
  t.equal(taken?.frames.length, 1, 'port 2 is not captured');
  t.has(taken?.frames[0], { port: 1, direction: 'in', verdict: { kind: 'forwarded', port: 2 } });
  t.same(taken?.frames[0]?.bytes, bytes, 'a copy');
});

t.test('Observation gives a frame of the fabric a header that asks for nothing', async (t) => {
  const observation = new Observation([1]);
  const frame = readVector('arp-request');
  observation.sent(1, frame, 0, frame.length);
  const [only] = observation.take()?.frames ?? [];
  const bytes = only?.bytes ?? new Uint8Array(0);
  t.same(bytes.subarray(0, VNET_HEADER_SIZE), new Uint8Array(VNET_HEADER_SIZE));
  t.same(wholePacket(bytes), [frame]);
  t.same(segmentPackets(bytes), [frame]);
});

t.test('wholePacket is one packet with its checksum complete', async (t) => {
  const bytes = observed(superFrame(PLAIN));
  const before = bytes.slice();
  const packets = wholePacket(bytes);
  t.equal(packets.length, 1);
  t.has(dissect(packets[0] ?? bytes).upper, { payload: PLAIN.payload });
  t.same(bytes, before, 'another capture may want its segments');
});

t.test('segmentPackets is a packet for each segment, with complete checksums', async (t) => {
  const bytes = observed(superFrame(PLAIN));
  const packets = segmentPackets(bytes);
  t.same(
    packets.map((packet) => packet.length),
    [54 + 1448, 54 + 1448, 54 + 4000 - 2 * 1448],
  );
  for (const packet of packets) t.not(dissect(packet).upper, null);
  t.same(segmentPackets(readVector('vnet-udp')), wholePacket(readVector('vnet-udp')));
});

t.test('segmentPackets keeps a super-frame that makes no sense as it came', async (t) => {
  const bytes = superFrame({ ...PLAIN, gsoSize: 0 });
  t.same(segmentPackets(bytes), wholePacket(bytes));
  t.equal(segmentPackets(bytes).length, 1);
});

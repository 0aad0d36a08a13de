/** The hostile frames of the corpus: each decoder says what the file expects, and the fabric survives. */
import t from 'tap';
import { dropCode } from '../../src/dataplane/drop-reason.ts';
import { PARSED, ParsedFrame, parseFrame } from '../../src/dataplane/parse.ts';
import { writeMac } from '../../src/packet/bytes.ts';
import { ETHERNET_HEADER_SIZE } from '../../src/packet/ethernet.ts';
import { forEachSegment } from '../../src/packet/segment.ts';
import { checkVnetHeader } from '../../src/packet/super-frame.ts';
import { VNET_HEADER_SIZE } from '../../src/packet/vnet-header.ts';
import { readSeeds } from '../packet/hex-file.ts';
import { Pieces } from '../packet/super-frames.ts';
import { Bench, subnetBlock } from './bench.ts';
import { quoteOf } from './hostile.ts';

const SEEDS = readSeeds('hostile');

t.test('the decoders say of hostile frames what the corpus expects', async (t) => {
  t.ok(SEEDS.length > 50);
  for (const { name, bytes, expected } of SEEDS) {
    const size = bytes.length - VNET_HEADER_SIZE;
    const code = parseFrame(bytes, VNET_HEADER_SIZE, size, new ParsedFrame());
    const found = {
      parse: code === PARSED ? 'PARSED' : dropCode(code),
      vnet: checkVnetHeader(bytes, 0, VNET_HEADER_SIZE, size) ?? 'GOOD',
      quote: quoteOf(bytes),
    };
    t.same(found, expected, name);
  }
});

t.test('forEachSegment cuts the hostile frames that checkVnetHeader lets pass', async (t) => {
  for (const { name, bytes } of SEEDS) {
    const pieces = new Pieces();
    const size = bytes.length - VNET_HEADER_SIZE;
    const fault = checkVnetHeader(bytes, 0, VNET_HEADER_SIZE, size);
    const out = new Uint8Array(size);
    t.equal(forEachSegment(bytes, 0, VNET_HEADER_SIZE, size, out, 0, pieces), fault, name);
    t.equal(pieces.frames.length > 0, fault === null, name);
  }
});

t.test('each hostile frame ends in exactly one counter', async (t) => {
  const bench = new Bench();
  const block = bench.ipv6();
  bench.subnet('a', '10.0.1.0/24', subnetBlock(block, 1));
  bench.host('r1', 'a', '10.0.1.11', { ipv6: ['2001:db8:0:101::b'] });
  bench.host('r2', 'a', '10.0.1.12', { ipv6: ['2001:db8:0:101::c'] });
  const ways = [null, bench.mac('r2'), bench.routerMac('r1')];
  for (const { name, bytes } of SEEDS) {
    for (const destination of ways) {
      const frame = bytes.slice(VNET_HEADER_SIZE);
      if (destination !== null && frame.length >= ETHERNET_HEADER_SIZE) {
        writeMac(frame, 0, destination);
        writeMac(frame, 6, bench.mac('r1'));
      }
      // The bench asserts that exactly one terminal counter has moved.
      const { counter } = bench.inject('r1', frame, {
        virtioHeader: bytes.slice(0, VNET_HEADER_SIZE),
      });
      if (destination === null)
        t.match(counter, /^(?:SPOOFED_MAC|TRUNCATED|BAD_|TINY_FRAGMENT|IPV4_SOURCE_ROUTE)/, name);
    }
  }
});

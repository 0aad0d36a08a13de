/** The kernel as a judge: what it takes of virtio headers, and how it cuts super-frames itself. */
import { execa } from 'execa';
import fc from 'fast-check';
import t from 'tap';
import { createRandom, mutate } from '../../scripts/mutate.ts';
import type { MacAddr } from '../../src/addr/mac.ts';
import { bufferAddress, ioctlByValue, read, write } from '../../src/host/ffi.ts';
import { createNetns, deleteNetns } from '../../src/host/netns.ts';
import { MAX_TAP_READ, openTap, TAP_HEADER_SIZE, type TapPort } from '../../src/host/tap.ts';
import { forEachSegment } from '../../src/packet/segment.ts';
import { checkVnetHeader } from '../../src/packet/super-frame.ts';
import { readCorpus } from '../packet/hex-file.ts';
import { Pieces, superFrame, superFrameParts } from '../packet/super-frames.ts';
import { LAB_PREFIX } from './host-state.ts';
import { until, whyNoLabs } from './test-lab.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

const NETNS = `vpclab-${LAB_PREFIX}vnet`;
const TUNSETOFFLOAD = 0x400454d0;
const ETHERNET_HEADER_SIZE = 14;
/** The source MAC address of the super-frames that the tests make. */
const SENDER = '02abcd00000a';
const READY_MS = 5000;

const buffer = new Uint8Array(MAX_TAP_READ);
const address = bufferAddress(buffer);

function writeTo(tap: TapPort, bytes: Uint8Array): boolean {
  buffer.set(bytes);
  return write(tap.fd, address, bytes.length) > 0;
}

/** @returns the frames of the sender that wait in the port; the kernel's own are left out. */
function drain(tap: TapPort): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (;;) {
    const size = read(tap.fd, address, MAX_TAP_READ);
    if (size < TAP_HEADER_SIZE) return frames;
    const frame = buffer.slice(TAP_HEADER_SIZE, size);
    if (Buffer.from(frame.subarray(6, 12)).toString('hex') === SENDER) frames.push(frame);
  }
}

function ourSegments(bytes: Uint8Array): readonly Uint8Array[] {
  const pieces = new Pieces();
  const size = bytes.length - TAP_HEADER_SIZE;
  forEachSegment(bytes, 0, TAP_HEADER_SIZE, size, new Uint8Array(size), 0, pieces);
  return pieces.frames;
}

async function testAgainstKernel(): Promise<void> {
  createNetns(NETNS);
  const whole = openTap(NETNS, 'whole', 0x02abcd0000f0 as MacAddr);
  const cut = openTap(NETNS, 'cut', 0x02abcd0000f1 as MacAddr);
  t.teardown(() => {
    whole.close();
    cut.close();
    deleteNetns(NETNS);
  });
  // This one takes neither super-frames nor pending checksums.
  ioctlByValue(cut.fd, TUNSETOFFLOAD, 0);
  await execa('ip', ['-n', NETNS, 'link', 'add', 'bridge', 'type', 'bridge']);
  for (const device of ['whole', 'cut'])
    await execa('ip', [
      '-n',
      NETNS,
      'link',
      'set',
      device,
      'mtu',
      '9001',
      'master',
      'bridge',
      'up',
    ]);
  await execa('ip', ['-n', NETNS, 'link', 'set', 'bridge', 'up']);

  await t.test('forEachSegment cuts as the kernel does', async (t) => {
    // Linux drops some super-frames of one segment: it takes TCP options for payload when it reads
    // the virtio header, and not when it cuts.
    const several = superFrameParts.filter(({ payload, gsoSize }) => payload.length > gsoSize);
    const samples = fc.sample(several, { seed, numRuns: 100 });
    for (const parts of samples) {
      const bytes = superFrame(parts);
      const wanted = ourSegments(bytes);
      t.ok(writeTo(whole, bytes), 'the kernel takes the super-frame');
      const found: Uint8Array[] = [];
      await until(
        'the kernel has sent all segments',
        READY_MS,
        () => found.push(...drain(cut)),
        (count) => count >= wanted.length,
      );
      t.same(found, wanted);
    }
  });

  await t.test('the kernel takes what checkVnetHeader lets pass', async (t) => {
    const random = createRandom(seed);
    const seeds = [...readCorpus('hostile'), ...readCorpus('vnet')];
    const refused: string[] = [];
    for (let count = 0; count < 5000; count++) {
      const origin = seeds[count % seeds.length] ?? new Uint8Array(0);
      const bytes = count < seeds.length ? origin : mutate(origin, random);
      const size = bytes.length - TAP_HEADER_SIZE;
      if (size < ETHERNET_HEADER_SIZE || size + TAP_HEADER_SIZE > MAX_TAP_READ) continue;
      if (checkVnetHeader(bytes, 0, TAP_HEADER_SIZE, size) !== null) continue;
      if (!writeTo(whole, bytes)) refused.push(Buffer.from(bytes).toString('hex'));
    }
    t.same(refused, []);
  });
}

const reason = whyNoLabs();
if (reason === null) await testAgainstKernel();
else t.plan(0, reason);

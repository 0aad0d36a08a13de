/** Super-frames between the hosts of a bench, and what a network card makes of them. */
import assert from 'node:assert/strict';
import { forEachSegment } from '../../src/packet/segment.ts';
import { VNET_HEADER_SIZE, type VnetHeaderRepr } from '../../src/packet/vnet-header.ts';
import {
  Pieces,
  PLAIN,
  type SuperFrameParts,
  type SuperFrameWay,
  superFrame,
} from '../packet/super-frames.ts';
import { type Bench, ip, type Outcome } from './bench.ts';
import { ip6 } from './frames.ts';

/** Addresses behind the target, of each family. */
export interface Behind {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** @returns the way of a packet between two hosts that have addresses of both families. */
export function wayBetween(bench: Bench, from: string, to: string, behind?: Behind): SuperFrameWay {
  const [sender, target] = [bench.eni(from), bench.eni(to)];
  const [source6] = sender.ipv6Addresses;
  const [target6] = target.ipv6Addresses;
  assert(source6 !== undefined && target6 !== undefined, 'no IPv6 address');
  const isNear = sender.subnetId === target.subnetId && behind === undefined;
  return {
    sourceMac: sender.mac,
    destinationMac: isNear ? target.mac : bench.routerMac(from),
    ipv4: [bench.address(from), behind === undefined ? bench.address(to) : ip(behind.ipv4)],
    ipv6: [source6, behind === undefined ? target6 : ip6(behind.ipv6)],
  };
}

/** @returns a frame behind its virtio header; what `parts` leave out is that of a plain TCP flow. */
export function superFrameOn(
  way: SuperFrameWay,
  parts: Partial<SuperFrameParts>,
  vnet: Partial<VnetHeaderRepr> = {},
): Uint8Array {
  return superFrame({ ...PLAIN, ...parts, way }, vnet);
}

/** What became of a frame, and the virtio header that it left with. */
export interface SuperOutcome extends Outcome {
  readonly virtioHeader: Uint8Array;
}

/** Puts a frame with its virtio header into the port of a host. */
export function injectSuper(bench: Bench, from: string, bytes: Uint8Array): SuperOutcome {
  const virtioHeader = bytes.slice(0, VNET_HEADER_SIZE);
  const outcome = bench.inject(from, bytes.subarray(VNET_HEADER_SIZE), { virtioHeader });
  return { ...outcome, virtioHeader: bench.virtioHeader };
}

/** @returns the frames that a card would send instead. */
export function segmentsOf(bytes: Uint8Array): readonly Uint8Array[] {
  const pieces = new Pieces();
  const size = bytes.length - VNET_HEADER_SIZE;
  const room = new Uint8Array(size);
  const fault = forEachSegment(bytes, 0, VNET_HEADER_SIZE, size, room, 0, pieces);
  assert.equal(fault, null);
  return pieces.frames;
}

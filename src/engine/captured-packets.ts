/** What a capture writes of a frame: the frame with its checksum complete, or the segments of it. */
import type { PieceSink } from '../packet/piece-sink.ts';
import { forEachSegment } from '../packet/segment.ts';
import { completeChecksum, VNET_HEADER_SIZE, vnetNeedsChecksum } from '../packet/vnet-header.ts';

/** Collects pieces in buffers of their own. */
class Collected implements PieceSink {
  readonly packets: Uint8Array[] = [];

  piece(bytes: Uint8Array, offset: number, size: number): boolean {
    this.packets.push(bytes.slice(offset, offset + size));
    return true;
  }
}

/**
 * @param bytes The virtio header and the frame; they stay as they are.
 * @returns one packet, whatever its header says.
 */
export function wholePacket(bytes: Uint8Array): readonly Uint8Array[] {
  if (!vnetNeedsChecksum(bytes, 0)) return [bytes.subarray(VNET_HEADER_SIZE)];
  const copy = bytes.slice();
  completeChecksum(copy, 0, VNET_HEADER_SIZE, copy.length - VNET_HEADER_SIZE);
  return [copy.subarray(VNET_HEADER_SIZE)];
}

/**
 * @param bytes As for `wholePacket`.
 * @returns what a network card would send; one packet when the header makes no sense.
 */
export function segmentPackets(bytes: Uint8Array): readonly Uint8Array[] {
  const size = bytes.length - VNET_HEADER_SIZE;
  const collected = new Collected();
  const out = new Uint8Array(size);
  const fault = forEachSegment(bytes, 0, VNET_HEADER_SIZE, size, out, 0, collected);
  return fault === null ? collected.packets : wholePacket(bytes);
}

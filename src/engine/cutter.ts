/** Cuts what cannot go on as one frame: super-frames into segments, packets into fragments (MTU-3). */
import { ETHERTYPE_IPV4, etherType } from '../packet/ethernet.ts';
import { forEachFragment } from '../packet/fragment.ts';
import type { PieceSink } from '../packet/piece-sink.ts';
import { forEachSegment } from '../packet/segment.ts';

/** Takes one whole frame. @returns false to be given no more. */
export type TakePiece = (frame: Uint8Array) => boolean;

export class Cutter {
  readonly #segment: Uint8Array;
  readonly #fragment: Uint8Array;

  /** @param room Bytes of the largest frame. */
  constructor(room: number) {
    this.#segment = new Uint8Array(room);
    this.#fragment = new Uint8Array(room);
  }

  /**
   * Gives the frames of a checked frame as a link without offloads takes them, checksums complete.
   * @param header Of the virtio header in `bytes`. @param start Of the destination MAC.
   * @param mtu IPv4 packets that are larger are cut in fragments; 0: none is.
   * @param take Its argument is a view that the next piece overwrites.
   */
  cut(
    bytes: Uint8Array,
    header: number,
    start: number,
    size: number,
    mtu: number,
    take: TakePiece,
  ): void {
    let isWanted = true;
    const whole: PieceSink = {
      piece(from, at, length) {
        isWanted = take(from.subarray(at, at + length));
        return isWanted;
      },
    };
    const segments: PieceSink = {
      piece: (from, at, length) => {
        const isCut = mtu > 0 && etherType(from, at) === ETHERTYPE_IPV4;
        if (!isCut) return whole.piece(from, at, length);
        forEachFragment(from, at, length, mtu, this.#fragment, 0, whole);
        return isWanted;
      },
    };
    forEachSegment(bytes, header, start, size, this.#segment, 0, segments);
  }
}

/** Takes the pieces of a frame that is cut: the segments of a super-frame, the fragments of a packet. */
export interface PieceSink {
  /**
   * Takes one piece, a whole frame. Its bytes are those of the next piece after the call returns.
   * @param offset Of the destination MAC in `bytes`. @returns false to be given no more.
   */
  piece(bytes: Uint8Array, offset: number, size: number): boolean;
}

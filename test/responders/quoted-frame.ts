/** The frames that captured ICMP errors are about. */
import { parseHex, readVector } from '../packet/hex-file.ts';

const LINK = '02047a8655c1 02abcd00000a';

/** The packet that a captured error quotes, in a frame; what the quote left out is zero. */
export function quotedFrame(vector: string): Uint8Array {
  const error = readVector(vector);
  const isIpv4 = vector.startsWith('icmp-');
  const quote = error.subarray(isIpv4 ? 42 : 62);
  const view = new DataView(quote.buffer, quote.byteOffset);
  const size = isIpv4 ? view.getUint16(2) : 40 + view.getUint16(4);
  const frame = new Uint8Array(14 + size);
  frame.set(parseHex(`${LINK} ${isIpv4 ? '0800' : '86dd'}`));
  frame.set(quote, 14);
  return frame;
}

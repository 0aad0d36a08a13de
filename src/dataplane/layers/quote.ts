/** The packet that an ICMP error is about, as it is behind the gateways that the error has passed so far. */
import { ICMP_HEADER_SIZE } from '../../packet/icmp.ts';
import { readQuotedPacket } from '../../packet/quoted-packet.ts';
import type { LayerContext } from './context.ts';

/** Fills `quoted` from the frame, which is an error. @returns false when it quotes none that can be read. */
export function readQuote({ frame, quoted, bytes, translation }: LayerContext): boolean {
  const start = frame.transportStart + ICMP_HEADER_SIZE;
  const end = frame.ipStart + frame.packetSize;
  if (!readQuotedPacket(bytes, start, end - start, quoted)) return false;
  translation.applyToQuoted(quoted);
  return quoted.family === frame.family;
}

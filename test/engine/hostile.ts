/** Reads hostile frames the way the dataplane does, one decoder after the other. */
import { FRAGMENT_LATER, PARSED, ParsedFrame, parseFrame } from '../../src/dataplane/parse.ts';
import { ETHERNET_HEADER_SIZE } from '../../src/packet/ethernet.ts';
import { ICMP_HEADER_SIZE, icmpType } from '../../src/packet/icmp.ts';
import { isIcmpErrorOf } from '../../src/packet/icmp-error.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6, ipv4HeaderSize } from '../../src/packet/ipv4.ts';
import { QuotedPacket, readQuotedPacket } from '../../src/packet/quoted-packet.ts';
import { VNET_HEADER_SIZE } from '../../src/packet/vnet-header.ts';

/** @returns whether the packet that an ICMP error quotes can be read; `NONE` when the frame is no error. */
export function quoteOf(bytes: Uint8Array): 'GOOD' | 'BAD' | 'NONE' {
  const frame = new ParsedFrame();
  const size = bytes.length - VNET_HEADER_SIZE;
  if (parseFrame(bytes, VNET_HEADER_SIZE, size, frame) !== PARSED) return 'NONE';
  const { family, protocol, fragment, upper } = frame;
  if (family === 0 || fragment === FRAGMENT_LATER) return 'NONE';
  if (protocol !== (family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)) return 'NONE';
  const ip = VNET_HEADER_SIZE + ETHERNET_HEADER_SIZE;
  const icmp = family === 4 ? ip + ipv4HeaderSize(bytes, ip) : upper.offset;
  if (!isIcmpErrorOf(family === 4 ? 4 : 6, icmpType(bytes, icmp))) return 'NONE';
  const quote = icmp + ICMP_HEADER_SIZE;
  const isGood = readQuotedPacket(bytes, quote, bytes.length - quote, new QuotedPacket());
  return isGood ? 'GOOD' : 'BAD';
}

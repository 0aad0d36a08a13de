/** What NAT64 makes of a probe: the packet that a NAT gateway sends on in the other IP version (NAT-8). */
import { type Ipv4Addr, ipv4FromWord } from '../../addr/ipv4.ts';
import { type Ipv6Addr, ipv6FromWords, ipv6ToWords } from '../../addr/ipv6.ts';
import type { NatTable } from '../../dataplane/flow/nat-table.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6 } from '../../packet/ipv4.ts';
import { NAT64_PREFIX_WORD } from '../../packet/siit-header.ts';
import type { ProbePacket } from './probe.ts';

/** @param slot Of its flow through the gateway. */
export function packetInIpv4(packet: ProbePacket, flows: NatTable, slot: number): ProbePacket {
  const [, , , word] = ipv6ToWords(packet.addresses.destination as Ipv6Addr);
  const port = flows.outsidePort(slot);
  const source = ipv4FromWord(flows.outsideWord(slot));
  const addresses = { family: 4, source, destination: ipv4FromWord(word) } as const;
  if (packet.protocol !== IPPROTO_ICMPV6) return { ...packet, addresses, sourcePort: port };
  return { ...packet, addresses, protocol: IPPROTO_ICMP, identifier: port };
}

/** @param slot Of its flow through the gateway. */
export function packetInIpv6(packet: ProbePacket, flows: NatTable, slot: number): ProbePacket {
  const word = packet.addresses.source as Ipv4Addr;
  const port = flows.insidePort(slot);
  const source = ipv6FromWords(NAT64_PREFIX_WORD, 0, 0, word | 0);
  const addresses = { family: 6, source, destination: insideAddr6(flows, slot) } as const;
  if (packet.protocol !== IPPROTO_ICMP) return { ...packet, addresses, destinationPort: port };
  return { ...packet, addresses, protocol: IPPROTO_ICMPV6, identifier: port };
}

/** @returns the address of the guest that the flow is of, which speaks IPv6. */
export function insideAddr6(flows: NatTable, slot: number): Ipv6Addr {
  return ipv6FromWords(
    flows.insideWord(slot, 0),
    flows.insideWord(slot, 1),
    flows.insideWord(slot, 2),
    flows.insideWord(slot, 3),
  );
}

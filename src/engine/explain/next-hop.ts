/** Where a guest's kernel sends a packet when it has only the routes of DHCP and router advertisements. */
import { ipv4Contains, ipv6Contains, lastIpv4 } from '../../addr/cidr.ts';
import { formatIpv4, type Ipv4Addr, ipv4FromWord } from '../../addr/ipv4.ts';
import { formatIpv6, type Ipv6Addr, isLinkLocal, linkLocalOf } from '../../addr/ipv6.ts';
import { MAC_BROADCAST, type MacAddr, macFromWords } from '../../addr/mac.ts';
import type { Eni, Subnet } from '../../model/records.ts';
import { ARP_REQUEST, ARP_SIZE, emitArp } from '../../packet/arp.ts';
import { ETHERNET_HEADER_SIZE, ETHERTYPE_ARP, emitEthernet } from '../../packet/ethernet.ts';
import { solicitation } from '../../responders/nd.ts';
import type { Addresses } from './probe.ts';

export type NextHop =
  /** Several neighbours, or all: the MAC address follows from the IP address. */
  | { readonly kind: 'group'; readonly mac: MacAddr }
  /** One neighbour, for whom the guest asks with a frame of its own. */
  | { readonly kind: 'neighbour'; readonly address: string; readonly question: Uint8Array };

/** @param eni The sender. @param subnet That of the sender. */
export function nextHop(addresses: Addresses, eni: Eni, subnet: Subnet): NextHop {
  return addresses.family === 4
    ? nextHop4(addresses.destination, eni, subnet)
    : nextHop6(addresses.destination, eni, subnet);
}

function nextHop6(destination: Ipv6Addr, { mac }: Eni, subnet: Subnet): NextHop {
  if (destination >> 120n === 0xffn) {
    return { kind: 'group', mac: macFromWords(0x3333, Number(destination & 0xffffffffn)) };
  }
  // The router advertises the blocks of the subnet as on link (RA-1).
  const isOnLink =
    isLinkLocal(destination) ||
    subnet.ipv6Cidrs.some(({ cidr }) => ipv6Contains(cidr, destination));
  const target = isOnLink ? destination : linkLocalOf(subnet.routerMac);
  return {
    kind: 'neighbour',
    address: formatIpv6(target),
    question: solicitation(target, mac, linkLocalOf(mac)),
  };
}

const IPV4_BROADCAST = 0xffffffff;

function nextHop4(destination: Ipv4Addr, eni: Eni, { cidr }: Subnet): NextHop {
  if (destination >>> 28 === 14) {
    // The last 23 bits of the group (RFC 1112 6.4).
    return { kind: 'group', mac: macFromWords(0x0100, 0x5e000000 | (destination & 0x7fffff)) };
  }
  const isOnLink = cidr !== null && ipv4Contains(cidr, destination);
  if (destination === IPV4_BROADCAST || (isOnLink && destination === lastIpv4(cidr))) {
    return { kind: 'group', mac: MAC_BROADCAST };
  }
  const target = isOnLink ? destination : ipv4FromWord((cidr?.addr ?? 0) + 1);
  return { kind: 'neighbour', address: formatIpv4(target), question: arpQuestion(eni, target) };
}

function arpQuestion({ mac, addresses }: Eni, targetAddr: Ipv4Addr): Uint8Array {
  const frame = new Uint8Array(ETHERNET_HEADER_SIZE + ARP_SIZE);
  const way = { destination: MAC_BROADCAST, source: mac, etherType: ETHERTYPE_ARP };
  const senderAddr = addresses[0] ?? ipv4FromWord(0);
  const target = { targetMac: 0 as MacAddr, targetAddr };
  const request = { operation: ARP_REQUEST, senderMac: mac, senderAddr, ...target } as const;
  emitArp(request, frame, emitEthernet(way, frame, 0));
  return frame;
}

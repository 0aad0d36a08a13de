/**
 * The subnet's router answers ping, and nothing else (L2-15, L2-16).
 * Read first: RFC 792 (echo), RFC 1122 section 3.2.2.6.
 */
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { MacAddr } from '../addr/mac.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_IPV4,
  emitEthernet,
  parseEthernet,
} from '../packet/ethernet.ts';
import {
  emitIcmp,
  ICMP_ECHO_REQUEST,
  ICMP_HEADER_SIZE,
  icmpSize,
  icmpType,
  parseIcmp,
} from '../packet/icmp.ts';
import {
  emitIpv4Header,
  IPPROTO_ICMP,
  IPV4_HEADER_SIZE,
  ipv4HeaderSize,
  parseIpv4Header,
} from '../packet/ipv4.ts';
import { drop, type ResponderAnswer, reply } from './answer.ts';

export interface IcmpEchoView {
  readonly eniMac: MacAddr;
  readonly routerMac: MacAddr;
  readonly routerAddr: Ipv4Addr;
}

const ROUTER_TTL = 64;

/**
 * Answers an echo request to the router with the same payload. The reply takes identification,
 * DSCP and the don't-fragment bit from the request, so this needs no state.
 * @param frame Bytes from the destination MAC.
 * @param checksumPending True when the guest left the checksum to its device.
 * @source L2-15
 */
export function answerIcmpEcho(
  frame: Uint8Array,
  view: IcmpEchoView,
  checksumPending: boolean,
): ResponderAnswer {
  const ethernet = parseEthernet(frame, 0, frame.length);
  const ipSize = frame.length - ETHERNET_HEADER_SIZE;
  const ip = parseIpv4Header(frame, ETHERNET_HEADER_SIZE, ipSize);
  if (ethernet?.etherType !== ETHERTYPE_IPV4 || ip?.protocol !== IPPROTO_ICMP) {
    return drop('ICMP_MALFORMED');
  }
  if (ip.destination !== view.routerAddr) return drop('ICMP_NOT_FOR_ROUTER');
  if (ip.moreFragments || ip.fragmentOffset !== 0) return drop('ICMP_FRAGMENTED');
  const offset = ETHERNET_HEADER_SIZE + ipv4HeaderSize(frame, ETHERNET_HEADER_SIZE);
  if (ip.payloadSize < ICMP_HEADER_SIZE) return drop('ICMP_MALFORMED');
  if (icmpType(frame, offset) !== ICMP_ECHO_REQUEST) return drop('ICMP_NOT_ECHO_REQUEST');
  const icmp = parseIcmp(frame, offset, ip.payloadSize, checksumPending);
  if (icmp?.kind !== 'echo-request') return drop('ICMP_MALFORMED');
  const answer = { ...icmp, kind: 'echo-reply' } as const;
  const out = new Uint8Array(ETHERNET_HEADER_SIZE + IPV4_HEADER_SIZE + icmpSize(answer));
  const header = {
    ...ip,
    ttl: ROUTER_TTL,
    source: view.routerAddr,
    destination: ip.source,
    options: new Uint8Array(0),
  };
  let at = emitEthernet({ ...ethernet, destination: view.eniMac, source: view.routerMac }, out, 0);
  at += emitIpv4Header(header, out, at);
  emitIcmp(answer, out, at);
  return reply(out);
}

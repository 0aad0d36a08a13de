/**
 * Where guests find the services of the fabric, on the link of every subnet (LL-1), and what guests
 * are called in the services namespace. Read first: docs/decisions/0009-services-namespace.md.
 *
 * In that namespace the network part of a guest's own address gives way to the port of the dataplane
 * that its interface holds; the rest stays. So the address of a peer names one interface, whatever
 * VPCs overlap, and leads back to the guest without anything to remember:
 *
 *     IPv4  01pppppp pppppppp, then 16 bits of the guest's    a subnet is no larger (SUB-1)
 *     IPv6  fd01:pppp, then 96 bits of the guest's
 */
import { type Ipv4Addr, parseIpv4 } from './ipv4.ts';
import { type Ipv6Addr, ipv6ToWords, parseIpv6 } from './ipv6.ts';
import { type MacAddr, macFromWords } from './mac.ts';

/** The EC2 API. AWS itself has nothing there, and gives both ranges to services of the link. */
export const API_IPV4 = parseIpv4('169.254.169.80') as Ipv4Addr;
export const API_IPV6 = parseIpv6('fd00:ec2::80') as Ipv6Addr;

/** Of the services namespace, on the port of the dataplane that leads there. */
export const SERVICES_MAC: MacAddr = macFromWords(0x0a00, 0xa9fea901);

/** The blocks that guests are in, for the namespace to route back. */
export const PEERS_IPV4 = '64.0.0.0/2';
export const PEERS_IPV6 = 'fd01::/16';

const PEERS4_BITS = 1;
const PEERS6_HIGH = 0xfd01;
/** Ports have two bits fewer than half a word. */
const MAX_PORT = 0x3fff;

const API_IPV6_WORDS = ipv6ToWords(API_IPV6);

/** @param word An IPv4 address, signed or unsigned. @returns true for the address of a service. */
export function isServiceIpv4(word: number): boolean {
  return (word | 0) === (API_IPV4 | 0);
}

/** As `isServiceIpv4`, of the signed words of an IPv6 address. */
export function isServiceIpv6(w0: number, w1: number, w2: number, w3: number): boolean {
  const [a0, a1, a2, a3] = API_IPV6_WORDS;
  return w0 === a0 && w1 === a1 && w2 === a2 && w3 === a3;
}

/**
 * @param port Of the dataplane; below 2^14. @param word The guest's own address.
 * @returns what the services know the guest by; a signed word.
 */
export function peerIpv4(port: number, word: number): number {
  return (((PEERS4_BITS << 14) | port) << 16) | (word & 0xffff);
}

/** @returns the port of a peer's address, or -1. */
export function portOfPeerIpv4(word: number): number {
  return word >>> 30 === PEERS4_BITS ? (word >>> 16) & MAX_PORT : -1;
}

/** @returns the first word of what the services know the guest by; the others are the guest's. */
export function peerIpv6(port: number): number {
  return (PEERS6_HIGH << 16) | port;
}

/** @param w0 The first word of a peer's address. @returns its port, or -1. */
export function portOfPeerIpv6(w0: number): number {
  return w0 >>> 16 === PEERS6_HIGH ? w0 & 0xffff : -1;
}

/** @param text The address of a client of a service. @returns the port of the dataplane, or -1. */
export function portOfPeer(text: string): number {
  const word = parseIpv4(text);
  if (word !== null) return portOfPeerIpv4(word);
  const addr = parseIpv6(text);
  return addr === null ? -1 : portOfPeerIpv6(ipv6ToWords(addr)[0]);
}

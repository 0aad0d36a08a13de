/**
 * Where guests find the services of the fabric, on the link of every subnet (LL-1), and what guests
 * are called in the services namespace. Read first: docs/decisions/0009-services-namespace.md.
 *
 * In that namespace the network part of a guest's own address gives way to the port of the dataplane
 * that its interface holds; the rest stays. So the address of a peer names one interface, whatever
 * VPCs overlap, and leads back to the guest without anything to remember:
 *
 *     IPv4  01pppppp pppppppp, then 16 bits of the guest's    a subnet is no larger (SUB-1)
 *     IPv4  11000000 pppppppp ppppppnn nnnnnnnn               of a sender that the guest forwards for
 *     IPv6  fd01:pppp, then 96 bits of the guest's
 */
import { type Ipv4Addr, parseIpv4 } from './ipv4.ts';
import { type Ipv6Addr, ipv6ToWords, parseIpv6 } from './ipv6.ts';
import { type MacAddr, macFromWords } from './mac.ts';

/** Where one service is, by both families. */
export interface ServiceAddresses {
  readonly ipv4: Ipv4Addr;
  readonly ipv6: Ipv6Addr;
}

/** Instance metadata. @source IMDS-1 */
export const METADATA: ServiceAddresses = serviceAt('169.254.169.254', 'fd00:ec2::254');
/** The resolver, which is also at the base of its VPC plus two. @source DNS-1 */
export const RESOLVER: ServiceAddresses = serviceAt('169.254.169.253', 'fd00:ec2::253');
/** Time. @source NTP-1 */
export const TIME: ServiceAddresses = serviceAt('169.254.169.123', 'fd00:ec2::123');
/** The EC2 API. AWS itself has nothing there, and gives both ranges to services of the link. */
export const API: ServiceAddresses = serviceAt('169.254.169.80', 'fd00:ec2::80');

export const SERVICES: readonly ServiceAddresses[] = [METADATA, RESOLVER, TIME, API];

/**
 * What the resolver at the base of a VPC plus two is called in the services namespace, so that its
 * answers are told from those of the resolver on the link. No guest can name it.
 */
export const VPC_RESOLVER_ALIAS = parseIpv4('169.254.168.2') as Ipv4Addr;

/** Of the services namespace, on the port of the dataplane that leads there. */
export const SERVICES_MAC: MacAddr = macFromWords(0x0a00, 0xa9fea901);

/** The blocks that guests are in, for the namespace to route back. */
export const PEERS_IPV4 = '64.0.0.0/2';
export const FORWARDED_PEERS_IPV4 = '192.0.0.0/8';
export const PEERS_IPV6 = 'fd01::/16';

const PEERS4_BITS = 1;
const FORWARDED4_BITS = 192;
const PEERS6_HIGH = 0xfd01;
/** Ports have two bits fewer than half a word. */
const MAX_PORT = 0x3fff;
/** Senders that one interface forwards for at a time. */
export const FORWARDED_PEERS = 1024;

const SERVICE_WORDS4 = Int32Array.from(SERVICES, ({ ipv4 }) => ipv4);
const [SERVICES6_W0] = ipv6ToWords(API.ipv6);
/** The last word tells the services apart; the second and third are 0. */
const SERVICE_WORDS6 = Int32Array.from(SERVICES, ({ ipv6 }) => ipv6ToWords(ipv6)[3]);

/** @param word An IPv4 address, signed or unsigned. @returns true for the address of a service. */
export function isServiceIpv4(word: number): boolean {
  return SERVICE_WORDS4.includes(word | 0);
}

/** As `isServiceIpv4`, of the signed words of an IPv6 address. */
export function isServiceIpv6(w0: number, w1: number, w2: number, w3: number): boolean {
  return w0 === SERVICES6_W0 && w1 === 0 && w2 === 0 && SERVICE_WORDS6.includes(w3);
}

function serviceAt(ipv4: string, ipv6: string): ServiceAddresses {
  return { ipv4: parseIpv4(ipv4) as Ipv4Addr, ipv6: parseIpv6(ipv6) as Ipv6Addr };
}

/**
 * @param port Of the dataplane; below 2^14. @param word The guest's own address.
 * @returns what the services know the guest by; a signed word.
 */
export function peerIpv4(port: number, word: number): number {
  return (((PEERS4_BITS << 14) | port) << 16) | (word & 0xffff);
}

/** @param index Of a sender that the guest at the port forwards for. @returns a signed word. */
export function forwardedPeerIpv4(port: number, index: number): number {
  return (FORWARDED4_BITS << 24) | (port << 10) | index;
}

/** @returns the index of the sender that a guest forwards for; -1 for an address of a guest's own. */
export function forwardedIndexOf(word: number): number {
  return word >>> 24 === FORWARDED4_BITS ? word & (FORWARDED_PEERS - 1) : -1;
}

/** @returns the port of a peer's address, or -1. */
export function portOfPeerIpv4(word: number): number {
  if (word >>> 24 === FORWARDED4_BITS) return (word >>> 10) & MAX_PORT;
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

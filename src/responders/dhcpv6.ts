/**
 * The DHCPv6 server of a subnet. It has nothing to allocate: an ENI has its addresses and prefixes,
 * so each answer follows from the message and the view alone.
 *
 * What is answered, by the client's message (RFC 8415 section 18.3):
 * - SOLICIT: ADVERTISE with all addresses and prefixes; with Rapid Commit nothing (DHCP-14).
 * - REQUEST: REPLY; NotOnLink for an association with an address that is not the ENI's.
 * - RENEW, REBIND: REPLY with fresh lifetimes; what the ENI has no more gets lifetimes of zero.
 * - CONFIRM: REPLY with Success, or with NotOnLink when an address is not the ENI's.
 * - RELEASE, DECLINE: REPLY with Success, which ends the client's retransmissions.
 * - INFORMATION-REQUEST: REPLY with the options of the host alone.
 * - All else, and what names another server: silence.
 *
 * Read first: RFC 8415 sections 16 and 18.3, facts DHCP-12 to DHCP-15.
 */
import { type Ipv6Cidr, ipv6Cidr } from '../addr/cidr.ts';
import { type Ipv6Addr, isLinkLocal } from '../addr/ipv6.ts';
import type { MacAddr } from '../addr/mac.ts';
import { addressSum6 } from '../packet/checksum.ts';
import {
  DHCPV6_ADVERTISE,
  DHCPV6_CLIENT_PORT,
  DHCPV6_CONFIRM,
  DHCPV6_DECLINE,
  DHCPV6_INFORMATION_REQUEST,
  DHCPV6_REBIND,
  DHCPV6_RELEASE,
  DHCPV6_RENEW,
  DHCPV6_REPLY,
  DHCPV6_REQUEST,
  DHCPV6_SERVER_PORT,
  DHCPV6_SERVERS,
  DHCPV6_SOLICIT,
  type Dhcpv6Repr,
  dhcpv6Size,
  emitDhcpv6,
  linkLayerDuid,
  parseDhcpv6,
} from '../packet/dhcpv6.ts';
import {
  allDhcpv6Options,
  DHCPV6_CLIENT_ID,
  DHCPV6_DNS_SERVERS,
  DHCPV6_DOMAIN_SEARCH,
  DHCPV6_IA_ADDRESS,
  DHCPV6_IA_NA,
  DHCPV6_IA_PD,
  DHCPV6_IA_PREFIX,
  DHCPV6_NO_ADDRESSES,
  DHCPV6_NO_PREFIX,
  DHCPV6_NOT_ON_LINK,
  DHCPV6_OPTION_REQUEST,
  DHCPV6_RAPID_COMMIT,
  DHCPV6_SERVER_ID,
  DHCPV6_SUCCESS,
  type Dhcpv6Association,
  type Dhcpv6Option,
  dhcpv6AddressesOption,
  dhcpv6AddressOption,
  dhcpv6AssociationOption,
  dhcpv6NamesOption,
  dhcpv6PrefixOption,
  dhcpv6StatusOption,
  findDhcpv6Option,
  parseDhcpv6Address,
  parseDhcpv6Association,
  parseDhcpv6OptionRequest,
  parseDhcpv6Prefix,
} from '../packet/dhcpv6-options.ts';
import { ETHERNET_HEADER_SIZE, ETHERTYPE_IPV6, emitEthernet } from '../packet/ethernet.ts';
import { IPPROTO_UDP } from '../packet/ipv4.ts';
import { emitIpv6Header, IPV6_HEADER_SIZE } from '../packet/ipv6.ts';
import { emitUdp, parseUdp, UDP_HEADER_SIZE, udpChecksum } from '../packet/udp.ts';
import { drop, type ResponderAnswer, reply } from './answer.ts';
import { parseIpv6Frame } from './icmpv6-frame.ts';

/** What one ENI is told; the option set is read anew for each answer (DHCP-9). */
export interface Dhcpv6View {
  readonly eniMac: MacAddr;
  /** Makes the server's identifier too, so that it stays the same for a subnet. */
  readonly routerMac: MacAddr;
  /** Link-local. */
  readonly routerAddr: Ipv6Addr;
  /** All of them are given, to the first association that asks (DHCP-12). */
  readonly addresses: readonly Ipv6Addr[];
  /** Delegated prefixes (DHCP-15). */
  readonly prefixes: readonly Ipv6Cidr[];
  /** Seconds (DHCP-13). */
  readonly preferredSeconds: number;
  /** Empty unless the subnet is IPv6-only (DHCP-12). */
  readonly dnsServers: readonly Ipv6Addr[];
  /** null unless the subnet is IPv6-only (DHCP-12). */
  readonly domainName: string | null;
}

/** Seen on instances: preferred 140 s, valid 450 s. */
const LEAST_VALID_SECONDS = 450;
const FOREVER = 0xffffffff;
const SERVER_HOP_LIMIT = 64;
/** Far beyond what clients send, so that an answer always fits a frame. */
const MAX_MESSAGE_SIZE = 4096;
const MAX_ASSOCIATIONS = 16;
/** @source RFC 8415 11.1 */
const MAX_DUID_SIZE = 130;

/** A well-formed message of a client, and what each answer repeats of it. */
interface ClientMessage {
  readonly message: Dhcpv6Repr;
  readonly source: Ipv6Addr;
  /** Its identifier as an option; none in an INFORMATION-REQUEST without one. */
  readonly clientId: readonly Dhcpv6Option[];
  readonly ias: readonly Association[];
}

interface Association {
  readonly code: typeof DHCPV6_IA_NA | typeof DHCPV6_IA_PD;
  readonly ia: Dhcpv6Association;
  /** The addresses that the client names, or its prefixes. */
  readonly named: readonly Lease[];
}

/** An address or a prefix. */
type Lease =
  | { readonly kind: 'address'; readonly addr: Ipv6Addr }
  | { readonly kind: 'prefix'; readonly cidr: Ipv6Cidr };

/**
 * Answers one DHCPv6 frame to all servers.
 * @param frame Bytes from the destination MAC.
 * @param checksumPending True when the guest left the UDP checksum to its device.
 * @source DHCP-12..15
 */
export function answerDhcpv6(
  frame: Uint8Array,
  view: Dhcpv6View,
  checksumPending: boolean,
): ResponderAnswer {
  const client = parseFrame(frame, view, checksumPending);
  if (client === null) return drop('DHCPV6_MALFORMED');
  const { messageType, options } = client.message;
  const serverId = findDhcpv6Option(options, DHCPV6_SERVER_ID);
  const isNamed = serverId !== null;
  if (isNamed && !sameBytes(serverId, linkLayerDuid(view.routerMac))) return drop('DHCPV6_IGNORED');
  switch (messageType) {
    case DHCPV6_SOLICIT:
      if (isNamed) return drop('DHCPV6_MALFORMED');
      if (findDhcpv6Option(options, DHCPV6_RAPID_COMMIT) !== null) {
        return drop('DHCPV6_RAPID_COMMIT');
      }
      return answerWith(DHCPV6_ADVERTISE, leases(client, view), client, view);
    case DHCPV6_REQUEST:
      if (!isNamed) return drop('DHCPV6_MALFORMED');
      return answerWith(DHCPV6_REPLY, requested(client, view), client, view);
    case DHCPV6_RENEW:
    case DHCPV6_REBIND:
      if (isNamed !== (messageType === DHCPV6_RENEW)) return drop('DHCPV6_MALFORMED');
      return answerWith(DHCPV6_REPLY, leases(client, view), client, view);
    case DHCPV6_CONFIRM:
      return isNamed ? drop('DHCPV6_MALFORMED') : confirm(client, view);
    case DHCPV6_RELEASE:
    case DHCPV6_DECLINE:
      if (!isNamed) return drop('DHCPV6_MALFORMED');
      return answerWith(DHCPV6_REPLY, [success('Noted')], client, view);
    case DHCPV6_INFORMATION_REQUEST:
      if (client.ias.length > 0) return drop('DHCPV6_MALFORMED');
      return answerWith(DHCPV6_REPLY, [], client, view);
    default:
      return drop('DHCPV6_IGNORED');
  }
}

function parseFrame(
  frame: Uint8Array,
  view: Dhcpv6View,
  checksumPending: boolean,
): ClientMessage | null {
  const packet = parseIpv6Frame(frame);
  if (packet === null || packet.upper.protocol !== IPPROTO_UDP) return null;
  const { ip, upper, upperSize } = packet;
  if (upper.fragmentOffset !== -1 || ip.destination !== DHCPV6_SERVERS) return null;
  if (!isLinkLocal(ip.source) || ip.source === view.routerAddr) return null;
  const sum = checksumPending ? null : addressSum6(ip.source, ip.destination);
  const udp = parseUdp(frame, upper.offset, upperSize, sum);
  if (udp?.destinationPort !== DHCPV6_SERVER_PORT || udp.payload.length > MAX_MESSAGE_SIZE)
    return null;
  // Over IPv6 there is no datagram without a checksum.
  if (!checksumPending && udpChecksum(frame, upper.offset) === 0) return null;
  const message = parseDhcpv6(udp.payload, 0, udp.payload.length);
  if (message === null) return null;
  const clientId = message.options.filter(({ code }) => code === DHCPV6_CLIENT_ID);
  const mayBeAnonymous = message.messageType === DHCPV6_INFORMATION_REQUEST;
  const duidSize = clientId[0]?.value.length ?? 0;
  const isIdentified = clientId.length === 1 && duidSize > 2 && duidSize <= MAX_DUID_SIZE;
  if (!isIdentified && !(mayBeAnonymous && clientId.length === 0)) return null;
  const ias = parseAssociations(message);
  return ias === null ? null : { message, source: ip.source, clientId, ias };
}

/** @returns null when one of them is broken. */
function parseAssociations({ options }: Dhcpv6Repr): readonly Association[] | null {
  const found: Association[] = [];
  for (const { code, value } of options) {
    if (code !== DHCPV6_IA_NA && code !== DHCPV6_IA_PD) continue;
    const ia = parseDhcpv6Association(value);
    const named = ia === null ? null : namedLeases(code, ia);
    if (ia === null || named === null || found.length === MAX_ASSOCIATIONS) return null;
    found.push({ code, ia, named });
  }
  return found;
}

function namedLeases(code: number, { options }: Dhcpv6Association): readonly Lease[] | null {
  const named: Lease[] = [];
  if (code === DHCPV6_IA_NA) {
    for (const value of allDhcpv6Options(options, DHCPV6_IA_ADDRESS)) {
      const address = parseDhcpv6Address(value);
      if (address === null) return null;
      named.push({ kind: 'address', addr: address.addr });
    }
    return named;
  }
  for (const value of allDhcpv6Options(options, DHCPV6_IA_PREFIX)) {
    const given = parseDhcpv6Prefix(value);
    if (given === null) return null;
    // A prefix of no address asks for its size, or for anything.
    if (given.prefix === 0n) continue;
    named.push({ kind: 'prefix', cidr: ipv6Cidr(given.prefix, given.prefixLength) });
  }
  return named;
}

/** Gives all that the ENI has, and takes back what the client names beyond it. */
function leases({ message, ias }: ClientMessage, view: Dhcpv6View): readonly Dhcpv6Option[] {
  // A client that only asks may hint at any address; it has none that could be taken back.
  const mayTakeBack = message.messageType !== DHCPV6_SOLICIT;
  return ias.map((association, index) => {
    const isFirst = ias.findIndex(({ code }) => code === association.code) === index;
    const given = isFirst ? leasesOf(association.code, view) : [];
    const stale = mayTakeBack ? association.named.filter((each) => !owns(view, each)) : [];
    const options = [
      ...given.map((lease) => leaseOption(lease, view.preferredSeconds)),
      ...stale.map((lease) => leaseOption(lease, 0)),
    ];
    return answered(association, options.length > 0 ? options : [nothing(association.code)], view);
  });
}

/** @source RFC 8415 18.3.2 */
function requested(client: ClientMessage, view: Dhcpv6View): readonly Dhcpv6Option[] {
  const given = leases(client, view);
  return client.ias.map((association, index) => {
    const isOwn = association.named.every((lease) => owns(view, lease));
    const refusal = dhcpv6StatusOption(DHCPV6_NOT_ON_LINK, 'Not of this interface');
    return isOwn && given[index] !== undefined
      ? given[index]
      : answered(association, [refusal], view);
  });
}

/** @source RFC 8415 18.3.3 */
function confirm(client: ClientMessage, view: Dhcpv6View): ResponderAnswer {
  const named = client.ias.flatMap((association) => association.named);
  if (named.length === 0) return drop('DHCPV6_IGNORED');
  const status = named.every((lease) => owns(view, lease))
    ? success('All are of this interface')
    : dhcpv6StatusOption(DHCPV6_NOT_ON_LINK, 'Not of this interface');
  return answerWith(DHCPV6_REPLY, [status], client, view);
}

function success(message: string): Dhcpv6Option {
  return dhcpv6StatusOption(DHCPV6_SUCCESS, message);
}

function nothing(code: Association['code']): Dhcpv6Option {
  return code === DHCPV6_IA_NA
    ? dhcpv6StatusOption(DHCPV6_NO_ADDRESSES, 'The interface has no IPv6 address')
    : dhcpv6StatusOption(DHCPV6_NO_PREFIX, 'The interface has no delegated prefix');
}

function leasesOf(code: Association['code'], view: Dhcpv6View): readonly Lease[] {
  return code === DHCPV6_IA_NA
    ? view.addresses.map((addr) => ({ kind: 'address', addr }) as const)
    : view.prefixes.map((cidr) => ({ kind: 'prefix', cidr }) as const);
}

function owns(view: Dhcpv6View, lease: Lease): boolean {
  if (lease.kind === 'address') return view.addresses.includes(lease.addr);
  const { addr, prefixLength } = lease.cidr;
  return view.prefixes.some((each) => each.addr === addr && each.prefixLength === prefixLength);
}

/** @param preferredSeconds 0 takes the lease back. */
function leaseOption(lease: Lease, preferredSeconds: number): Dhcpv6Option {
  const validSeconds = preferredSeconds === 0 ? 0 : Math.max(LEAST_VALID_SECONDS, preferredSeconds);
  const lifetimes = { preferredSeconds, validSeconds, options: [] };
  if (lease.kind === 'address') return dhcpv6AddressOption({ addr: lease.addr, ...lifetimes });
  const { addr, prefixLength } = lease.cidr;
  return dhcpv6PrefixOption({ prefix: addr, prefixLength, ...lifetimes });
}

/** T1 is half the preferred lifetime, T2 four fifths (DHCP-13). @source RFC 8415 21.4 */
function answered(
  { code, ia }: Association,
  options: readonly Dhcpv6Option[],
  { preferredSeconds }: Dhcpv6View,
): Dhcpv6Option {
  const share = (part: number): number =>
    preferredSeconds === FOREVER ? FOREVER : Math.floor(preferredSeconds * part);
  return dhcpv6AssociationOption(code, {
    iaid: ia.iaid,
    renewSeconds: share(0.5),
    rebindSeconds: share(0.8),
    options,
  });
}

/** What the client asks for of the host's own options, when there is any (DHCP-12). */
function hostOptions({ message }: ClientMessage, view: Dhcpv6View): readonly Dhcpv6Option[] {
  const value = findDhcpv6Option(message.options, DHCPV6_OPTION_REQUEST);
  const asked = (value === null ? null : parseDhcpv6OptionRequest(value)) ?? [];
  const options: Dhcpv6Option[] = [];
  if (asked.includes(DHCPV6_DNS_SERVERS) && view.dnsServers.length > 0) {
    options.push(dhcpv6AddressesOption(DHCPV6_DNS_SERVERS, view.dnsServers));
  }
  if (asked.includes(DHCPV6_DOMAIN_SEARCH) && view.domainName !== null) {
    options.push(dhcpv6NamesOption(DHCPV6_DOMAIN_SEARCH, [view.domainName]));
  }
  return options;
}

function answerWith(
  messageType: number,
  options: readonly Dhcpv6Option[],
  client: ClientMessage,
  view: Dhcpv6View,
): ResponderAnswer {
  const serverId = { code: DHCPV6_SERVER_ID, value: linkLayerDuid(view.routerMac) };
  const message: Dhcpv6Repr = {
    messageType,
    transactionId: client.message.transactionId,
    options: [...client.clientId, serverId, ...options, ...hostOptions(client, view)],
  };
  return reply(replyFrame(message, client.source, view));
}

function replyFrame(message: Dhcpv6Repr, destination: Ipv6Addr, view: Dhcpv6View): Uint8Array {
  const payload = new Uint8Array(dhcpv6Size(message));
  emitDhcpv6(message, payload, 0);
  const payloadSize = UDP_HEADER_SIZE + payload.length;
  const frame = new Uint8Array(ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE + payloadSize);
  const source = view.routerAddr;
  const ethernet = {
    destination: view.eniMac,
    source: view.routerMac,
    etherType: ETHERTYPE_IPV6,
  };
  const ip = {
    trafficClass: 0,
    flowLabel: 0,
    payloadSize,
    nextHeader: IPPROTO_UDP,
    hopLimit: SERVER_HOP_LIMIT,
    source,
    destination,
  };
  const udp = { sourcePort: DHCPV6_SERVER_PORT, destinationPort: DHCPV6_CLIENT_PORT, payload };
  let at = emitEthernet(ethernet, frame, 0);
  at += emitIpv6Header(ip, frame, at);
  emitUdp(udp, addressSum6(source, destination), frame, at);
  return frame;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/**
 * The DHCP server every ENI finds at its subnet's router address. It has nothing to allocate: an
 * ENI has one primary address, so each answer follows from the request and the view alone.
 *
 * What is answered, by the client's message and state (RFC 2131 table 4):
 * - DISCOVER: OFFER.
 * - REQUEST selecting (names this server), rebooting (asks for an address) or renewing and
 *   rebinding (uses one): ACK when that address is the ENI's primary one, else NAK (DHCP-7).
 * - INFORM: ACK without address and lease.
 * - RELEASE, DECLINE and REQUEST selecting another server: silence.
 *
 * Read first: RFC 2131 sections 4.1 and 4.3, facts DHCP-1 to DHCP-9.
 */
import { ipv4Cidr, ipv4Mask, lastIpv4 } from '../addr/cidr.ts';
import { type Ipv4Addr, ipv4FromWord } from '../addr/ipv4.ts';
import { MAC_BROADCAST, type MacAddr } from '../addr/mac.ts';
import { addressSum4 } from '../packet/checksum.ts';
import {
  BOOTREPLY,
  BOOTREQUEST,
  DHCP_ACK,
  DHCP_DISCOVER,
  DHCP_INFORM,
  DHCP_NAK,
  DHCP_OFFER,
  DHCP_REQUEST,
  DHCPV4_CLIENT_PORT,
  DHCPV4_SERVER_PORT,
  type Dhcpv4Repr,
  dhcpv4Size,
  emitDhcpv4,
  parseDhcpv4,
} from '../packet/dhcpv4.ts';
import {
  DHCP_BROADCAST_ADDRESS,
  DHCP_CLIENT_IDENTIFIER,
  DHCP_DNS_SERVERS,
  DHCP_DOMAIN_NAME,
  DHCP_HOST_NAME,
  DHCP_INTERFACE_MTU,
  DHCP_LEASE_SECONDS,
  DHCP_NETBIOS_NAME_SERVERS,
  DHCP_NETBIOS_NODE_TYPE,
  DHCP_NTP_SERVERS,
  DHCP_REBINDING_SECONDS,
  DHCP_RENEWAL_SECONDS,
  DHCP_REQUESTED_ADDRESS,
  DHCP_ROUTER,
  DHCP_SERVER_IDENTIFIER,
  DHCP_SUBNET_MASK,
  type DhcpOption,
  dhcpAddr,
  dhcpAddrsOption,
  dhcpTextOption,
  dhcpU8Option,
  dhcpU16Option,
  dhcpU32Option,
  findDhcpOption,
} from '../packet/dhcpv4-options.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_IPV4,
  emitEthernet,
  parseEthernet,
} from '../packet/ethernet.ts';
import {
  emitIpv4Header,
  IPPROTO_UDP,
  IPV4_HEADER_SIZE,
  ipv4HeaderSize,
  parseIpv4Header,
} from '../packet/ipv4.ts';
import { emitUdp, parseUdp, UDP_HEADER_SIZE } from '../packet/udp.ts';
import { drop, type ResponderAnswer, reply } from './answer.ts';

/** What one ENI is told; the option set is read anew for each answer (DHCP-9). */
export interface Dhcpv4View {
  readonly eniMac: MacAddr;
  /** The primary private address; no other is ever offered (DHCP-5). */
  readonly address: Ipv4Addr;
  /** Of the subnet. */
  readonly prefixLength: number;
  readonly routerMac: MacAddr;
  /** The server's own address (DHCP-1). */
  readonly routerAddr: Ipv4Addr;
  /** null: there is nobody to be reached, and no broadcast. */
  readonly gateway: Ipv4Addr | null;
  readonly hostName: string;
  readonly domainName: string | null;
  readonly dnsServers: readonly Ipv4Addr[];
  readonly ntpServers: readonly Ipv4Addr[];
  readonly netbiosNameServers: readonly Ipv4Addr[];
  readonly netbiosNodeType: number | null;
  /** Bytes. */
  readonly mtu: number;
  readonly leaseSeconds: number;
}

const SERVER_TTL = 64;
const UNSPECIFIED = ipv4FromWord(0);
const BROADCAST = ipv4FromWord(0xffffffff);

/**
 * Answers one DHCP frame to the broadcast address or to the router.
 * @param frame Bytes from the destination MAC.
 * @param checksumPending True when the guest left the UDP checksum to its device.
 * @source DHCP-1..7, DHCP-9
 */
export function answerDhcpv4(
  frame: Uint8Array,
  view: Dhcpv4View,
  checksumPending: boolean,
): ResponderAnswer {
  const message = parseFrame(frame, view, checksumPending);
  if (message === null) return drop('DHCP_MALFORMED');
  if (message.operation !== BOOTREQUEST) return drop('DHCP_IGNORED');
  if (message.clientMac !== view.eniMac) return drop('DHCP_SPOOFED_CLIENT');
  if (message.relayAddr !== UNSPECIFIED) return drop('DHCP_RELAYED');
  switch (message.messageType) {
    case DHCP_DISCOVER:
      return reply(replyFrame(offer(message, view), view));
    case DHCP_REQUEST:
      return answerRequest(message, view);
    case DHCP_INFORM:
      return reply(replyFrame(informed(message, view), view));
    default:
      return drop('DHCP_IGNORED');
  }
}

function parseFrame(
  frame: Uint8Array,
  view: Dhcpv4View,
  checksumPending: boolean,
): Dhcpv4Repr | null {
  const ethernet = parseEthernet(frame, 0, frame.length);
  if (ethernet?.etherType !== ETHERTYPE_IPV4) return null;
  const ip = parseIpv4Header(frame, ETHERNET_HEADER_SIZE, frame.length - ETHERNET_HEADER_SIZE);
  if (ip?.protocol !== IPPROTO_UDP || ip.moreFragments || ip.fragmentOffset !== 0) return null;
  if (ip.destination !== BROADCAST && ip.destination !== view.routerAddr) return null;
  const offset = ETHERNET_HEADER_SIZE + ipv4HeaderSize(frame, ETHERNET_HEADER_SIZE);
  const sum = checksumPending ? null : addressSum4(ip.source, ip.destination);
  const udp = parseUdp(frame, offset, ip.payloadSize, sum);
  if (udp?.destinationPort !== DHCPV4_SERVER_PORT) return null;
  return parseDhcpv4(udp.payload, 0, udp.payload.length);
}

/** @source RFC 2131 4.3.2 */
function answerRequest(request: Dhcpv4Repr, view: Dhcpv4View): ResponderAnswer {
  const isSelecting = findDhcpOption(request.options, DHCP_SERVER_IDENTIFIER) !== null;
  const server = dhcpAddr(request.options, DHCP_SERVER_IDENTIFIER);
  if (isSelecting && server === null) return drop('DHCP_MALFORMED');
  if (isSelecting && server !== view.routerAddr) return drop('DHCP_IGNORED');
  const requested = dhcpAddr(request.options, DHCP_REQUESTED_ADDRESS);
  // Renewing and rebinding clients name no server and no address, they use one.
  const wanted = requested ?? (request.clientAddr === UNSPECIFIED ? null : request.clientAddr);
  if (wanted === null) return drop('DHCP_MALFORMED');
  const answer = wanted === view.address ? acknowledge(request, view) : refuse(request, view);
  return reply(replyFrame(answer, view));
}

/** The fields every answer takes from its request. @source RFC 2131 table 3, RFC 6842 3 */
function answerTo(
  request: Dhcpv4Repr,
  messageType: number,
  view: Dhcpv4View,
  options: readonly DhcpOption[],
): Dhcpv4Repr {
  const clientId = findDhcpOption(request.options, DHCP_CLIENT_IDENTIFIER);
  const echoed = clientId === null ? [] : [{ code: DHCP_CLIENT_IDENTIFIER, value: clientId }];
  const server = dhcpU32Option(DHCP_SERVER_IDENTIFIER, view.routerAddr);
  return {
    operation: BOOTREPLY,
    messageType,
    hops: 0,
    transactionId: request.transactionId,
    seconds: 0,
    broadcast: request.broadcast,
    clientAddr: UNSPECIFIED,
    yourAddr: UNSPECIFIED,
    nextServerAddr: UNSPECIFIED,
    relayAddr: UNSPECIFIED,
    clientMac: request.clientMac,
    serverName: '',
    bootFile: '',
    options: [server, ...options, ...echoed],
  };
}

function offer(request: Dhcpv4Repr, view: Dhcpv4View): Dhcpv4Repr {
  const options = [...leaseOptions(view), ...hostOptions(view)];
  return { ...answerTo(request, DHCP_OFFER, view, options), yourAddr: view.address };
}

function acknowledge(request: Dhcpv4Repr, view: Dhcpv4View): Dhcpv4Repr {
  const { clientAddr } = request;
  const options = [...leaseOptions(view), ...hostOptions(view)];
  return { ...answerTo(request, DHCP_ACK, view, options), clientAddr, yourAddr: view.address };
}

/** @source RFC 2131 4.3.5 */
function informed(request: Dhcpv4Repr, view: Dhcpv4View): Dhcpv4Repr {
  const { clientAddr } = request;
  return { ...answerTo(request, DHCP_ACK, view, hostOptions(view)), clientAddr };
}

function refuse(request: Dhcpv4Repr, view: Dhcpv4View): Dhcpv4Repr {
  return answerTo(request, DHCP_NAK, view, []);
}

/** T1 is half the lease, T2 seven eighths (DHCP-2). */
function leaseOptions(view: Dhcpv4View): readonly DhcpOption[] {
  return [
    dhcpU32Option(DHCP_LEASE_SECONDS, view.leaseSeconds),
    dhcpU32Option(DHCP_RENEWAL_SECONDS, Math.floor(view.leaseSeconds / 2)),
    dhcpU32Option(DHCP_REBINDING_SECONDS, Math.floor((view.leaseSeconds * 7) / 8)),
  ];
}

/** Given whether the client asks for them or not (DHCP-3); the last three only when set (DHCP-4). */
function hostOptions(view: Dhcpv4View): readonly DhcpOption[] {
  const options = [
    dhcpU32Option(DHCP_SUBNET_MASK, ipv4Mask(view.prefixLength)),
    ...networkOptions(view),
    dhcpTextOption(DHCP_HOST_NAME, view.hostName),
    dhcpU16Option(DHCP_INTERFACE_MTU, view.mtu),
  ];
  if (view.domainName !== null) options.push(dhcpTextOption(DHCP_DOMAIN_NAME, view.domainName));
  const lists = [
    { code: DHCP_DNS_SERVERS, addrs: view.dnsServers },
    { code: DHCP_NTP_SERVERS, addrs: view.ntpServers },
    { code: DHCP_NETBIOS_NAME_SERVERS, addrs: view.netbiosNameServers },
  ];
  for (const { code, addrs } of lists) {
    if (addrs.length > 0) options.push(dhcpAddrsOption(code, addrs));
  }
  if (view.netbiosNodeType !== null) {
    options.push(dhcpU8Option(DHCP_NETBIOS_NODE_TYPE, view.netbiosNodeType));
  }
  return options;
}

function networkOptions({ address, prefixLength, gateway }: Dhcpv4View): readonly DhcpOption[] {
  if (gateway === null) return [];
  const broadcast = lastIpv4(ipv4Cidr(address, prefixLength));
  return [dhcpU32Option(DHCP_ROUTER, gateway), dhcpU32Option(DHCP_BROADCAST_ADDRESS, broadcast)];
}

/** Where an answer goes when no relay is between. @source RFC 2131 4.1 */
function replyAddr(answer: Dhcpv4Repr): Ipv4Addr {
  if (answer.messageType === DHCP_NAK) return BROADCAST;
  if (answer.clientAddr !== UNSPECIFIED) return answer.clientAddr;
  if (answer.broadcast || answer.yourAddr === UNSPECIFIED) return BROADCAST;
  return answer.yourAddr;
}

function replyFrame(answer: Dhcpv4Repr, view: Dhcpv4View): Uint8Array {
  const payload = new Uint8Array(dhcpv4Size(answer));
  emitDhcpv4(answer, payload, 0);
  const destination = replyAddr(answer);
  const frame = new Uint8Array(
    ETHERNET_HEADER_SIZE + IPV4_HEADER_SIZE + UDP_HEADER_SIZE + payload.length,
  );
  const ethernet = {
    destination: destination === BROADCAST ? MAC_BROADCAST : view.eniMac,
    source: view.routerMac,
    etherType: ETHERTYPE_IPV4,
  };
  const ip = {
    dscpEcn: 0,
    identification: 0,
    dontFragment: true,
    moreFragments: false,
    fragmentOffset: 0,
    ttl: SERVER_TTL,
    protocol: IPPROTO_UDP,
    source: view.routerAddr,
    destination,
    options: new Uint8Array(0),
    payloadSize: UDP_HEADER_SIZE + payload.length,
  };
  const udp = { sourcePort: DHCPV4_SERVER_PORT, destinationPort: DHCPV4_CLIENT_PORT, payload };
  let at = emitEthernet(ethernet, frame, 0);
  at += emitIpv4Header(ip, frame, at);
  emitUdp(udp, addressSum4(view.routerAddr, destination), frame, at);
  return frame;
}

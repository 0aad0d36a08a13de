/** Frames as hosts send them, for the bench. */
import assert from 'node:assert/strict';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import { type Ipv6Addr, parseIpv6 } from '../../src/addr/ipv6.ts';
import { MAC_BROADCAST, type MacAddr } from '../../src/addr/mac.ts';
import type { Eni } from '../../src/model/records.ts';
import type { Fabric } from '../../src/model/snapshot.ts';
import { type ARP_REPLY, ARP_REQUEST, ARP_SIZE, emitArp } from '../../src/packet/arp.ts';
import { EMPTY_BYTES } from '../../src/packet/bytes.ts';
import { addressSum4 } from '../../src/packet/checksum.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  emitEthernet,
} from '../../src/packet/ethernet.ts';
import { emitIcmp, type IcmpRepr, icmpSize } from '../../src/packet/icmp.ts';
import {
  emitIpv4Header,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_HEADER_SIZE,
} from '../../src/packet/ipv4.ts';
import { emitIpv6Header, IPV6_HEADER_SIZE } from '../../src/packet/ipv6.ts';
import { emitTcp, TCP_HEADER_SIZE, type TcpRepr } from '../../src/packet/tcp.ts';
import { emitUdp, UDP_HEADER_SIZE } from '../../src/packet/udp.ts';

/** Who sends what to whom: MAC and IP addresses of both ends. */
export interface Ends {
  readonly sourceMac: MacAddr;
  readonly destinationMac: MacAddr;
  readonly source: Ipv4Addr;
  readonly destination: Ipv4Addr;
}

const IPPROTO_NONE = 59;
const PAYLOAD = Buffer.from('vpclab');

export interface Ipv4Options {
  readonly ttl?: number;
  readonly identification?: number;
  readonly dontFragment?: boolean;
  readonly fragmentOffset?: number;
  readonly moreFragments?: boolean;
  /** Of the header; a multiple of 4 bytes. */
  readonly options?: Uint8Array;
}

/** An IPv4 frame with a transport part that is given as bytes. */
export function ipv4Frame(
  ends: Ends,
  protocol: number,
  payload: Uint8Array,
  options: Ipv4Options = {},
): Uint8Array {
  const more = options.options ?? EMPTY_BYTES;
  const headersSize = ETHERNET_HEADER_SIZE + IPV4_HEADER_SIZE + more.length;
  const frame = new Uint8Array(headersSize + payload.length);
  emitEthernet(
    { destination: ends.destinationMac, source: ends.sourceMac, etherType: ETHERTYPE_IPV4 },
    frame,
    0,
  );
  emitIpv4Header(
    {
      dscpEcn: 0,
      identification: options.identification ?? 1,
      dontFragment: options.dontFragment ?? false,
      moreFragments: options.moreFragments ?? false,
      fragmentOffset: options.fragmentOffset ?? 0,
      ttl: options.ttl ?? 64,
      protocol,
      source: ends.source,
      destination: ends.destination,
      options: more,
      payloadSize: payload.length,
    },
    frame,
    ETHERNET_HEADER_SIZE,
  );
  frame.set(payload, headersSize);
  return frame;
}

export function udpFrame(
  ends: Ends,
  ports: readonly [source: number, destination: number] = [5000, 6000],
  options: Ipv4Options = {},
  payload: Uint8Array = PAYLOAD,
): Uint8Array {
  const sum = addressSum4(ends.source, ends.destination);
  return ipv4Frame(ends, IPPROTO_UDP, udpDatagram(ports, payload, sum), options);
}

/** @param addressSum Of the pseudo-header. */
export function udpDatagram(
  [sourcePort, destinationPort]: readonly [source: number, destination: number],
  payload: Uint8Array,
  addressSum: number,
): Uint8Array {
  const datagram = new Uint8Array(UDP_HEADER_SIZE + payload.length);
  emitUdp({ sourcePort, destinationPort, payload }, addressSum, datagram, 0);
  return datagram;
}

/** @param flags `TCP_*`. */
export function tcpFrame(
  ends: Ends,
  ports: readonly [source: number, destination: number],
  flags: number,
  payload: Uint8Array = EMPTY_BYTES,
): Uint8Array {
  const segment = new Uint8Array(TCP_HEADER_SIZE + payload.length);
  const repr: TcpRepr = {
    sourcePort: ports[0],
    destinationPort: ports[1],
    sequence: 1,
    acknowledgement: 1,
    flags,
    window: 1000,
    urgentPointer: 0,
    options: EMPTY_BYTES,
    payload,
  };
  emitTcp(repr, addressSum4(ends.source, ends.destination), segment, 0);
  return ipv4Frame(ends, IPPROTO_TCP, segment);
}

export function icmpFrame(ends: Ends, repr: IcmpRepr): Uint8Array {
  const message = new Uint8Array(icmpSize(repr));
  emitIcmp(repr, message, 0);
  return ipv4Frame(ends, IPPROTO_ICMP, message);
}

export function echoFrame(
  ends: Ends,
  kind: 'echo-request' | 'echo-reply' = 'echo-request',
  identifier = 7,
): Uint8Array {
  return icmpFrame(ends, { kind, identifier, sequence: 1, payload: PAYLOAD });
}

export interface ArpOptions {
  readonly operation?: typeof ARP_REQUEST | typeof ARP_REPLY;
  readonly ethernetSource?: MacAddr;
  readonly targetMac?: MacAddr;
  readonly destination?: MacAddr;
}

export function arpFrame(
  senderMac: MacAddr,
  sender: Ipv4Addr,
  target: Ipv4Addr,
  options: ArpOptions = {},
): Uint8Array {
  const frame = new Uint8Array(ETHERNET_HEADER_SIZE + ARP_SIZE);
  emitEthernet(
    {
      destination: options.destination ?? MAC_BROADCAST,
      source: options.ethernetSource ?? senderMac,
      etherType: ETHERTYPE_ARP,
    },
    frame,
    0,
  );
  emitArp(
    {
      operation: options.operation ?? ARP_REQUEST,
      senderMac,
      senderAddr: sender,
      targetMac: options.targetMac ?? (0 as MacAddr),
      targetAddr: target,
    },
    frame,
    ETHERNET_HEADER_SIZE,
  );
  return frame;
}

/** A frame of another EtherType, such as LLDP. */
export function otherFrame(destination: MacAddr, source: MacAddr, etherType: number): Uint8Array {
  const frame = new Uint8Array(60);
  emitEthernet({ destination, source, etherType }, frame, 0);
  return frame;
}

export function routerMacOf(snapshot: Fabric, eni: Eni): MacAddr {
  const subnet = snapshot.subnets.get(eni.subnetId);
  assert(subnet !== undefined, `no subnet ${eni.subnetId}`);
  return subnet.routerMac;
}

export interface Ipv6Options {
  readonly hopLimit?: number;
  readonly nextHeader?: number;
  readonly payload?: Uint8Array;
}

/** An IPv6 frame, without an upper layer (next header 59) unless one is given. */
export function ipv6Frame(
  link: Pick<Ends, 'sourceMac' | 'destinationMac'>,
  source: string,
  destination: string,
  options: Ipv6Options = {},
): Uint8Array {
  const payload = options.payload ?? EMPTY_BYTES;
  const frame = new Uint8Array(ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE + payload.length);
  emitEthernet(
    { destination: link.destinationMac, source: link.sourceMac, etherType: ETHERTYPE_IPV6 },
    frame,
    0,
  );
  emitIpv6Header(
    {
      trafficClass: 0,
      flowLabel: 0,
      payloadSize: payload.length,
      nextHeader: options.nextHeader ?? IPPROTO_NONE,
      hopLimit: options.hopLimit ?? 64,
      source: ip6(source),
      destination: ip6(destination),
    },
    frame,
    ETHERNET_HEADER_SIZE,
  );
  frame.set(payload, ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE);
  return frame;
}

export function ip6(text: string): Ipv6Addr {
  const addr = parseIpv6(text);
  assert(addr !== null, `no address: ${text}`);
  return addr;
}

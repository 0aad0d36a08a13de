/**
 * What a packet says of its flow through a NAT gateway: the near end, which the gateway hides or
 * protects, and the far end. One reused record; nothing is allocated.
 *
 * ICMP queries have their identifier as near port and the type of the request as far port; ICMPv6
 * counts as ICMP, for NAT64 makes one of the other. Other protocols have no ports.
 */
import { ICMP_ECHO_REQUEST } from '../../packet/icmp.ts';
import { ICMPV6_ECHO_REQUEST } from '../../packet/icmpv6.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from '../../packet/ipv4.ts';
import { queryClass, type TrackedPacket } from '../parse.ts';

/** The third word of an IPv4-mapped address; the first two are 0. */
export const MAPPED_WORD = 0xffff;

/** A gateway that keeps state of its flows. */
export interface NatGateway {
  /** 32 bits, signed; of all programs of a lab the same for the same gateway. */
  id: number;
  /**
   * The IPv4 addresses that the gateway translates to (NAT-5), as signed words, are those from
   * `addressStart` on. None: an egress-only gateway, which translates nothing (EIGW-1).
   */
  addresses: Int32Array;
  addressStart: number;
  addressCount: number;
}

export class NatKey {
  gateway = 0;
  protocol = 0;
  /** Addresses in signed words, IPv4-mapped for family 4. */
  near0 = 0;
  near1 = 0;
  near2 = 0;
  near3 = 0;
  far0 = 0;
  far1 = 0;
  far2 = 0;
  far3 = 0;
  nearPort = 0;
  farPort = 0;

  /** Becomes like another key. */
  copy(key: NatKey): void {
    this.gateway = key.gateway;
    this.protocol = key.protocol;
    this.near0 = key.near0;
    this.near1 = key.near1;
    this.near2 = key.near2;
    this.near3 = key.near3;
    this.far0 = key.far0;
    this.far1 = key.far1;
    this.far2 = key.far2;
    this.far3 = key.far3;
    this.nearPort = key.nearPort;
    this.farPort = key.farPort;
  }

  /** Puts an IPv4 address and a port in the place of the near end. @param word Of the address. */
  translate(word: number, port: number): void {
    this.near0 = 0;
    this.near1 = 0;
    this.near2 = MAPPED_WORD;
    this.near3 = word;
    this.nearPort = port;
  }

  /** Reads a packet of the near end. @returns false when it can be of no flow that the gateway keeps. */
  readOutbound(gateway: NatGateway, packet: TrackedPacket): boolean {
    this.near0 = packet.s0;
    this.near1 = packet.s1;
    this.near2 = packet.s2;
    this.near3 = packet.s3;
    this.far0 = packet.d0;
    this.far1 = packet.d1;
    this.far2 = packet.d2;
    this.far3 = packet.d3;
    this.nearPort = packet.sport;
    this.farPort = packet.dport;
    return this.#finish(gateway, packet, true);
  }

  /** Reads a packet to the near end. @returns false when it can be of no flow that the gateway keeps. */
  readInbound(gateway: NatGateway, packet: TrackedPacket): boolean {
    this.near0 = packet.d0;
    this.near1 = packet.d1;
    this.near2 = packet.d2;
    this.near3 = packet.d3;
    this.far0 = packet.s0;
    this.far1 = packet.s1;
    this.far2 = packet.s2;
    this.far3 = packet.s3;
    this.nearPort = packet.dport;
    this.farPort = packet.sport;
    return this.#finish(gateway, packet, false);
  }

  #finish(gateway: NatGateway, packet: TrackedPacket, isOutbound: boolean): boolean {
    const { protocol } = packet;
    this.gateway = gateway.id;
    this.protocol = protocol;
    const isTranslated = gateway.addressCount > 0;
    if (isTranslated) {
      // Behind the prefix of NAT64 stands the address of an IPv4 host (NAT-8).
      this.far0 = 0;
      this.far1 = 0;
      this.far2 = MAPPED_WORD;
    }
    if (protocol === IPPROTO_TCP || protocol === IPPROTO_UDP) return true;
    if (protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6) {
      return this.#readQuery(packet, isOutbound);
    }
    this.nearPort = 0;
    this.farPort = 0;
    // NAT-1.
    return !isTranslated;
  }

  /** Only requests go out, and only replies come in (NAT-4). */
  #readQuery(packet: TrackedPacket, isOutbound: boolean): boolean {
    const query = queryClass(packet);
    const isRequest = packet.sport >>> 8 === query;
    this.protocol = IPPROTO_ICMP;
    this.nearPort = packet.dport;
    this.farPort = query === ICMPV6_ECHO_REQUEST ? ICMP_ECHO_REQUEST : query;
    return query !== -1 && isRequest === isOutbound;
  }
}

/** What becomes of a frame. One reused record on the frame path. */
import { VPC_MTU } from './program.ts';

/** Write the frame, after the rewrite, to the port in `argument`. */
export const FORWARD = 1;
/** Give the frame to the responder in `responder`. */
export const PUNT = 2;
/** Drop the frame for the reason in `argument`. */
export const DISCARD = 3;
/**
 * Put the packet into Geneve, after the rewrite, for the endpoint of a Gateway Load Balancer in
 * `argument`, then decide on what it has become. So for all kinds from here on: a gateway changes the form
 * of the packet, and sends it on.
 */
export const WRAP = 4;
/** Take the packet out of Geneve, at the node in `argument`. */
export const UNWRAP = 5;
/** Make IPv4 or IPv6 of the packet, whose flow through the NAT gateway in `argument` is `natSlot` (NAT-8). */
export const TO_IPV4 = 6;
export const TO_IPV6 = 7;

export const PUNT_ARP = 0;
export const PUNT_DHCPV4 = 1;
export const PUNT_ICMP_ECHO = 2;
/** Neighbour and router discovery. */
export const PUNT_ND = 3;
export const PUNT_DHCPV6 = 4;
export const PUNT_ICMPV6_ECHO = 5;
/** The router says that the packet is too big for its way. */
export const PUNT_TOO_BIG = 6;
/** A NAT gateway says that the packet has crossed too many routers (NAT-5). */
export const PUNT_TIME_EXCEEDED = 7;
/** A NAT gateway ends a connection that was idle for too long (NAT-2). */
export const PUNT_NAT_RESET = 8;

/** Who answers a punted frame; a type, so that none can be without an answer. */
export type Punt =
  | typeof PUNT_ARP
  | typeof PUNT_DHCPV4
  | typeof PUNT_ICMP_ECHO
  | typeof PUNT_ND
  | typeof PUNT_DHCPV6
  | typeof PUNT_ICMPV6_ECHO
  | typeof PUNT_TOO_BIG
  | typeof PUNT_TIME_EXCEEDED
  | typeof PUNT_NAT_RESET;

/** A rewrite is a set of these bits; `rewrite.ts` applies it. */
export const REWRITE_NONE = 0;
/** Set both MAC addresses: the packet crossed the router (L2-12). All other bits come with this one. */
export const REWRITE_MACS = 1;
/** Replace a word of the source or destination address: all of IPv4, the first of IPv6. */
export const REWRITE_SOURCE = 2;
export const REWRITE_DESTINATION = 4;
/**
 * Replace the source or destination port of TCP and UDP; either one is the identifier of an ICMP
 * query. In the quote of an ICMP error the port changes with the address.
 */
export const REWRITE_SOURCE_PORT = 8;
export const REWRITE_DESTINATION_PORT = 16;
/**
 * One from the TTL or hop limit, which is larger: the packet crossed a router that shows (NAT-5). The
 * bits from here up count these routers, so it can be there more than once.
 */
export const REWRITE_TTL = 32;

const NO_CONNECTION = -1;

export class Verdict {
  /** `FORWARD`, `PUNT`, `DISCARD`, or one of those that change the form of the packet. */
  kind = DISCARD;
  /** A port, the index of a drop reason, or what the kind says. */
  argument = 0;
  /** Of a `PUNT`. */
  responder: Punt = PUNT_ARP;
  /** `REWRITE_*` bits, and how many times `REWRITE_TTL`. */
  rewrite = REWRITE_NONE;
  destHigh = 0;
  destLow = 0;
  sourceHigh = 0;
  sourceLow = 0;
  /**
   * Signed words, for `REWRITE_SOURCE` and `REWRITE_DESTINATION`. Of a `PUNT` the source is the address
   * that an error comes from: of a NAT gateway, or 0 for the router of the sender's subnet.
   * Of a packet that a filter has rejected: what the filter saw.
   */
  sourceWord = 0;
  destinationWord = 0;
  /** Of a `FORWARD`: by what way the packet leaves its VPC (FL-6); `PATH_*`. */
  path = 0;
  /** The same of the NAT gateway that it passes; 0: none. */
  natPath = 0;
  /**
   * For `REWRITE_SOURCE_PORT` and `REWRITE_DESTINATION_PORT`: the source port in the high half, the
   * destination port in the low one.
   */
  ports = 0;
  /** The largest IP packet that the verdict holds for, in bytes; of a `PUNT` that of the next link. */
  mtu = 0;
  /** Of a `FORWARD`: the packet goes in pieces of this many bytes; 0: whole. */
  fragmentTo = 0;
  /** Of a `FORWARD`: the connections that the groups of both interfaces track, or -1; and their serials. */
  egressConnection = -1;
  egressSerial = 0;
  ingressConnection = -1;
  ingressSerial = 0;
  /** Of a `FORWARD`, a `TO_IPV4` or a `TO_IPV6`: the flow through a NAT gateway and its serial, and whether it is an answer; slot 0: none. */
  natSlot = 0;
  natSerial = 0;
  isNatReply = false;
  /** Of a `WRAP`: the flow through the load balancer and its serial. */
  balancerSlot = 0;
  balancerSerial = 0;
  /** Of a known flow: when its connections were last touched, and whether the next touch may wait. */
  touchedMs = 0;
  isSettled = false;

  forward(port: number, rewrite: number): void {
    this.kind = FORWARD;
    this.argument = port;
    this.rewrite = rewrite;
  }

  /** Of a `FORWARD`: nobody tracks a connection of the packet. */
  untrack(): void {
    this.egressConnection = NO_CONNECTION;
    this.egressSerial = 0;
    this.ingressConnection = NO_CONNECTION;
    this.ingressSerial = 0;
    this.isSettled = true;
    this.natSlot = 0;
  }

  /** @param kind One of those that change the form of the packet. @param argument As the kind says. */
  reshape(kind: number, argument: number, rewrite: number): void {
    this.kind = kind;
    this.argument = argument;
    this.rewrite = rewrite;
  }

  punt(to: Punt, sourceWord: number): void {
    this.kind = PUNT;
    this.responder = to;
    this.sourceWord = sourceWord;
    this.rewrite = REWRITE_NONE;
  }

  discard(reason: number): void {
    this.kind = DISCARD;
    this.argument = reason;
    this.rewrite = REWRITE_NONE;
    this.mtu = VPC_MTU;
  }
}

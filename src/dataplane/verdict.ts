/** What becomes of a frame. One reused record on the frame path. */
import { VPC_MTU } from './program.ts';

/** Write the frame, after the rewrite, to the port in `argument`. */
export const FORWARD = 1;
/** Give the frame to the responder in `argument`. */
export const PUNT = 2;
/** Drop the frame for the reason in `argument`. */
export const DISCARD = 3;

export const PUNT_ARP = 0;
export const PUNT_DHCPV4 = 1;
export const PUNT_ICMP_ECHO = 2;
/** Neighbour and router discovery. */
export const PUNT_ND = 3;
export const PUNT_DHCPV6 = 4;
export const PUNT_ICMPV6_ECHO = 5;
/** The router says that the packet is too big for its way. */
export const PUNT_TOO_BIG = 6;

export const REWRITE_NONE = 0;
/** Set both MAC addresses: the packet crossed the router (L2-12). */
export const REWRITE_MACS = 1;

export class Verdict {
  /** `FORWARD`, `PUNT` or `DISCARD`. */
  kind = DISCARD;
  /** A port, a `PUNT_*` or the index of a drop reason. */
  argument = 0;
  /** `REWRITE_*`. */
  rewrite = REWRITE_NONE;
  destHigh = 0;
  destLow = 0;
  sourceHigh = 0;
  sourceLow = 0;
  /** The largest IP packet that the verdict holds for, in bytes; of a `PUNT` that of the next link. */
  mtu = 0;
  /** Of a `FORWARD`: the packet goes in pieces of this many bytes; 0: whole. */
  fragmentTo = 0;
  /** Of a `FORWARD`: the connections that the groups of both interfaces track, or -1; and their serials. */
  egressConnection = -1;
  egressSerial = 0;
  ingressConnection = -1;
  ingressSerial = 0;
  /** Of a known flow: when its connections were last touched, and whether the next touch may wait. */
  touchedMs = 0;
  isSettled = false;

  forward(port: number, rewrite: number): void {
    this.kind = FORWARD;
    this.argument = port;
    this.rewrite = rewrite;
  }

  punt(to: number): void {
    this.kind = PUNT;
    this.argument = to;
    this.rewrite = REWRITE_NONE;
  }

  discard(reason: number): void {
    this.kind = DISCARD;
    this.argument = reason;
    this.rewrite = REWRITE_NONE;
    this.mtu = VPC_MTU;
  }
}

/** Applies the rewrite of a verdict to a frame in place. @param start Offset of the destination MAC. */
export function rewriteFrame(bytes: Uint8Array, start: number, verdict: Verdict): void {
  if (verdict.rewrite === REWRITE_NONE) return;
  writeMac(bytes, start, verdict.destHigh, verdict.destLow);
  writeMac(bytes, start + 6, verdict.sourceHigh, verdict.sourceLow);
}

function writeMac(bytes: Uint8Array, offset: number, high: number, low: number): void {
  bytes[offset] = high >>> 8;
  bytes[offset + 1] = high;
  bytes[offset + 2] = low >>> 24;
  bytes[offset + 3] = low >>> 16;
  bytes[offset + 4] = low >>> 8;
  bytes[offset + 5] = low;
}

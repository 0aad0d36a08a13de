/** What the layers hand on to each other for one packet. Reused; nothing is allocated. */
import { QuotedPacket } from '../../packet/quoted-packet.ts';
import { DROP } from '../drop-reason.ts';
import { type ConnectionTable, NO_CONNECTION, type TrackingEni } from '../flow/connection-table.ts';
import type { ForwardedSenders } from '../flow/forwarded-senders.ts';
import { ParsedFrame } from '../parse.ts';
import { emptyProgram, type Program } from '../program.ts';
import { Verdict } from '../verdict.ts';

/** No row of any table. */
export const NO_ROW = -1;

/** Neither `EGRESS` nor `INGRESS`. */
const NO_SIDE = -1;

/** The security groups of one interface, and what they track of the packet. */
export class TrackedSide implements TrackingEni {
  macHigh = 0;
  macLow = 0;
  tcpTimeoutMs = 0;
  udpTimeoutMs = 0;
  udpStreamTimeoutMs = 0;
  /** The connection that the packet belongs to, or `NO_CONNECTION`. */
  connection = NO_CONNECTION;
  /** A rule allows the packet, and its connection is to be tracked from now on. */
  begins = false;
  /** An ICMP error about a tracked connection (SG-10). */
  isRelated = false;

  /** Takes what tracking needs to know of an interface. */
  take(program: Program, eni: number): void {
    const { enis } = program;
    this.macHigh = enis.macHigh[eni] as number;
    this.macLow = enis.macLow[eni] as number;
    this.tcpTimeoutMs = enis.tcpTimeoutMs[eni] as number;
    this.udpTimeoutMs = enis.udpTimeoutMs[eni] as number;
    this.udpStreamTimeoutMs = enis.udpStreamTimeoutMs[eni] as number;
    this.clear();
  }

  clear(): void {
    this.connection = NO_CONNECTION;
    this.begins = false;
    this.isRelated = false;
  }
}

/** What the layers know of earlier packets. */
export interface LayerMemory {
  readonly connections: ConnectionTable;
  readonly forwardedSenders: ForwardedSenders;
}

export class LayerContext {
  program: Program = emptyProgram();
  readonly connections: ConnectionTable;
  readonly forwardedSenders: ForwardedSenders;
  readonly frame = new ParsedFrame();
  readonly verdict = new Verdict();
  /** Of the packet that an ICMP error quotes. */
  readonly quoted = new QuotedPacket();
  /** The buffer that the frame is in. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Signed 32-bit milliseconds of any origin. */
  nowMs = 0;
  /** Bytes of the largest IP packet that the frame stands for: a segment, if it is a super-frame. */
  packetSize = 0;
  /** The interface that sent the frame, its subnet and VPC; -1: the services namespace sent it. */
  eni = -1;
  subnet = -1;
  vpc = -1;
  /** True when the frame goes to the MAC address of the subnet's router. */
  toRouter = false;
  /** The interface that will get the frame, once a layer has found it. */
  target = -1;
  /** The route that the packet took, a row of `routeTargets`. */
  route = NO_ROW;
  /** The rule that a filter layer decided by. */
  rule = NO_ROW;
  /** The packet must go in pieces of this many bytes; 0: whole (MTU-3). */
  fragmentTo = 0;
  /** A filter or a size was looked at: the verdict depends on more than the program and the flow. */
  isFiltered = false;
  /** The side of which a filter rejected the packet: `EGRESS`, `INGRESS` or none. */
  rejectedBy = NO_SIDE;
  /** The groups of the sender and of the target. */
  readonly egress = new TrackedSide();
  readonly ingress = new TrackedSide();

  constructor({ connections, forwardedSenders }: LayerMemory) {
    this.connections = connections;
    this.forwardedSenders = forwardedSenders;
  }

  /** Starts the walk of a packet. */
  begin(): void {
    const { enis, subnets } = this.program;
    this.subnet = this.eni === -1 ? -1 : (enis.subnet[this.eni] as number);
    this.vpc = this.eni === -1 ? -1 : (subnets.vpc[this.subnet] as number);
    this.toRouter = false;
    this.target = -1;
    this.route = NO_ROW;
    this.rule = NO_ROW;
    this.fragmentTo = 0;
    this.isFiltered = false;
    this.rejectedBy = NO_SIDE;
    this.egress.clear();
    this.ingress.clear();
  }

  /** Ends the walk: drops the packet. @param reason Index of the drop reason. @returns false. */
  drop(reason: number): false {
    this.verdict.discard(reason);
    return false;
  }

  /** Ends the walk: a filter drops the packet. @param side `EGRESS` or `INGRESS`. @returns false. */
  reject(side: number, reason: number): false {
    this.rejectedBy = side;
    return this.drop(reason);
  }

  /** Drops a frame that is none for the layers. @param reason Index of the drop reason. */
  refuse(reason: number): void {
    this.isFiltered = false;
    this.verdict.discard(reason);
  }

  /** Ends the walk: the sender's or the target's subnet has no block of the packet's family (SUB-5). */
  dropFamily(): false {
    return this.drop(this.frame.family === 4 ? DROP.IPV4_NOT_IN_SUBNET : DROP.IPV6_NOT_IN_SUBNET);
  }

  /** Ends the walk: a responder answers. @param to `PUNT_*`. @returns false. */
  punt(to: number): false {
    this.verdict.punt(to);
    return false;
  }
}

/** Decides, and returns false; or leaves the packet to the next layer, and returns true. */
export interface Layer {
  readonly name: string;
  readonly run: (context: LayerContext) => boolean;
}

/** What the layers hand on to each other for one packet. Reused; nothing is allocated. */

import { GENEVE_PORT } from '../../packet/geneve.ts';
import { IPPROTO_UDP } from '../../packet/ipv4.ts';
import { QuotedPacket } from '../../packet/quoted-packet.ts';
import { DROP } from '../drop-reason.ts';
import type { BalancerTable } from '../flow/balancer-table.ts';
import {
  type ConnectionTable,
  EGRESS,
  NO_CONNECTION,
  type TrackingEni,
} from '../flow/connection-table.ts';
import { PATH_NONE, PATH_SAME_VPC } from '../flow/flow-log-table.ts';
import type { ForwardedSenders } from '../flow/forwarded-senders.ts';
import type { NatGateway } from '../flow/nat-key.ts';
import type { NatTable } from '../flow/nat-table.ts';
import { NatPassages } from '../nat-passages.ts';
import { ParsedFrame } from '../parse.ts';
import {
  emptyProgram,
  type Program,
  ROUTE_EGRESS_ONLY_GATEWAY,
  ROUTE_LOAD_BALANCER_ENDPOINT,
  ROUTE_NAT_GATEWAY,
  TO_LOAD_BALANCER,
  TO_NAT_ADDRESS,
  VPC_MTU,
} from '../program.ts';
import { Translation } from '../translation.ts';
import { type Punt, REWRITE_MACS, REWRITE_NONE, Verdict } from '../verdict.ts';

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
  /** A rule allows the packet, so its connection is to be tracked from now on. */
  begins = false;
  /** But it need not be: both directions are open to everybody (SG-5). */
  isOpen = false;

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
    this.isOpen = false;
  }
}

/** What the layers know of earlier packets. */
export interface LayerMemory {
  readonly connections: ConnectionTable;
  readonly forwardedSenders: ForwardedSenders;
  readonly natFlows: NatTable;
  readonly balancedFlows: BalancerTable;
}

export class LayerContext {
  program: Program = emptyProgram();
  readonly connections: ConnectionTable;
  readonly forwardedSenders: ForwardedSenders;
  readonly natFlows: NatTable;
  readonly balancedFlows: BalancerTable;
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
  /** The port that the frame came by. */
  port = -1;
  /**
   * The interface that sent it, its subnet and VPC; -1: the services namespace or the uplink sent it. Of a
   * packet that goes on in another form the interface of the gateway that made it so.
   */
  eni = -1;
  subnet = -1;
  vpc = -1;
  /** True when the frame goes to the MAC address of the subnet's router, or comes from a gateway. */
  toRouter = false;
  /** The interface that will get the frame, once a layer has found it. */
  target = -1;
  /** The route that the packet took, a row of `routeTargets`. */
  route = NO_ROW;
  /** The subnet that the packet goes to next; -1 beyond a VPC. */
  towards = -1;
  /** What the packet comes to next while it has no target: `ROUTE_*` of a gateway, or `FROM_INTERNET`. */
  gateway = 0;
  /** The endpoint of a Gateway Load Balancer that the packet comes to, and the node. */
  endpoint = -1;
  node = -1;
  /** Its flow through the load balancer. */
  balancerSlot = 0;
  /** The NAT gateway that it comes to, a row of `edges.nat`. */
  nat = -1;
  /** The same, as the table of flows asks for it. */
  readonly natGateway: NatGateway = {
    id: 0,
    addresses: new Int32Array(0),
    addressStart: 0,
    addressCount: 0,
  };
  /** Its flow there: a slot and its serial, and whether the packet came from outside; slot 0: none. */
  natSlot = 0;
  natSerial = 0;
  isNatReply = false;
  /** All NAT gateways that it came to so far. */
  readonly passages = new NatPassages();
  /** The address of the last NAT gateway that the packet came to, a word; 0: it came to none. */
  hopWord = 0;
  /** No flow remembers the verdict: more than one gateway translates the packet, or the next may go another way. */
  isPassing = false;
  /** The largest IP packet that all of the way takes so far, in bytes. */
  mtu = VPC_MTU;
  /** By what way it left its VPC (FL-6): `PATH_*`. */
  path = PATH_SAME_VPC;
  /** What gateways on the way have made of its addresses. */
  readonly translation = new Translation();
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

  constructor({ connections, forwardedSenders, natFlows, balancedFlows }: LayerMemory) {
    this.connections = connections;
    this.forwardedSenders = forwardedSenders;
    this.natFlows = natFlows;
    this.balancedFlows = balancedFlows;
  }

  /** Starts the walk of a packet. */
  begin(): void {
    const { enis, subnets } = this.program;
    this.subnet = this.eni === -1 ? -1 : (enis.subnet[this.eni] as number);
    this.vpc = this.eni === -1 ? -1 : (subnets.vpc[this.subnet] as number);
    this.toRouter = false;
    this.target = -1;
    this.route = NO_ROW;
    this.towards = this.subnet;
    this.gateway = 0;
    this.natSlot = 0;
    this.passages.clear();
    this.hopWord = 0;
    this.isPassing = false;
    this.mtu = VPC_MTU;
    this.path = PATH_SAME_VPC;
    this.translation.clear();
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

  /**
   * Ends the walk: a filter drops the packet, of the sender or the target, or of the subnet of a NAT
   * gateway. @param side `EGRESS` or `INGRESS`. @returns false.
   */
  reject(side: number, reason: number): false {
    const { frame, verdict, translation } = this;
    const isOfGateway = side === EGRESS ? this.hopWord !== 0 : this.target === NO_ROW;
    this.rejectedBy = isOfGateway ? NO_SIDE : side;
    const isOfNat = side === EGRESS ? this.hopWord !== 0 : this.#isAtNat;
    if (isOfGateway && isOfNat) this.#rejectAtNat(side);
    verdict.sourceWord = frame.s3;
    verdict.destinationWord = frame.d3;
    verdict.ports = translation.ports;
    return this.drop(reason);
  }

  get #isAtNat(): boolean {
    return this.gateway === ROUTE_NAT_GATEWAY || this.gateway === TO_NAT_ADDRESS;
  }

  #rejectAtNat(side: number): void {
    if (side !== EGRESS) this.passages.arrive(this.nat, this.frame);
    this.passages.reject();
  }

  /** By what way the packet leaves its VPC; a NAT gateway is one more interface of it (FL-6). */
  leaveBy(path: number): void {
    if (this.hopWord === 0) this.path = path;
    else this.passages.leaveBy(path);
  }

  /** Drops a frame that is none for the layers. @param reason Index of the drop reason. */
  refuse(reason: number): void {
    this.isFiltered = false;
    this.passages.clear();
    this.verdict.discard(reason);
  }

  /** The packet leaves its VPC. @param vpc That it comes to, or -1. */
  leave(vpc: number): void {
    this.vpc = vpc;
    this.subnet = -1;
    this.towards = -1;
  }

  /**
   * Brings the packet to an interface, or to the gateway that it is of.
   * @param eni -1: nobody has the destination. @returns false when the packet is dropped.
   */
  arriveAt(eni: number): boolean {
    if (eni === -1) return this.drop(DROP.NO_POSSIBLE_DESTINATION);
    const { enis, edges, loadBalancers } = this.program;
    this.towards = enis.subnet[eni] as number;
    const node = loadBalancers.nodeOfEni[eni] as number;
    if (node !== -1 && this.frame.protocol === IPPROTO_UDP && this.frame.dport === GENEVE_PORT) {
      this.node = node;
      return this.goOn(TO_LOAD_BALANCER);
    }
    const nat = edges.natOfEni[eni] as number;
    if (nat === -1) {
      this.target = eni;
      return true;
    }
    this.nat = nat;
    return this.goOn(TO_NAT_ADDRESS);
  }

  /** @returns what the table of flows asks of the gateway `nat`; reused. */
  enterNat(): NatGateway {
    const { id, addresses, addressFrom } = this.program.edges.nat;
    const { natGateway } = this;
    natGateway.id = id[this.nat] as number;
    natGateway.addresses = addresses;
    natGateway.addressStart = addressFrom[this.nat] as number;
    natGateway.addressCount = (addressFrom[this.nat + 1] as number) - natGateway.addressStart;
    return natGateway;
  }

  /** The packet is of a flow of the gateway. */
  takeNat(slot: number, isReply: boolean): void {
    if (this.natSlot !== 0) this.isPassing = true;
    this.natSlot = slot;
    this.natSerial = this.natFlows.serialOf(slot);
    this.isNatReply = isReply;
  }

  /** Makes of the packet what its flow through the gateway is on the other side. */
  followNat(slot: number, isReply: boolean): void {
    const { frame, natFlows, translation } = this;
    this.takeNat(slot, isReply);
    const subnet = this.program.edges.nat.subnet[this.nat] as number;
    if (subnet === -1) return;
    this.subnet = subnet;
    this.toRouter = true;
    translation.takeHop();
    if (isReply) {
      translation.setDestination(frame, natFlows.insideWord(slot, 3));
      translation.setDestinationPort(frame, natFlows.insidePort(slot));
    } else {
      translation.setSource(frame, natFlows.outsideWord(slot));
      translation.setSourcePort(frame, natFlows.outsidePort(slot));
    }
    this.passages.leave(frame);
  }

  /**
   * The packet goes through a NAT gateway, an egress-only one or a load balancer, or has: all interfaces track it then.
   * Gateway endpoints are not in AWS's list (SG-9).
   */
  get isAlwaysTracked(): boolean {
    return (
      (this.natSlot !== 0 && !this.program.edges.endpoints.includes(this.nat)) ||
      this.#isAtNat ||
      this.gateway === ROUTE_EGRESS_ONLY_GATEWAY ||
      this.gateway === ROUTE_LOAD_BALANCER_ENDPOINT
    );
  }

  /** Sends the packet on, through a gateway. @param gateway As `gateway`. @returns true. */
  goOn(gateway: number): true {
    this.gateway = gateway;
    return true;
  }

  /** Ends the walk: the sender's or the target's subnet has no block of the packet's family (SUB-5). */
  dropFamily(): false {
    return this.drop(this.frame.family === 4 ? DROP.IPV4_NOT_IN_SUBNET : DROP.IPV6_NOT_IN_SUBNET);
  }

  /** Leaves in the verdict what the packet has become on its way. */
  conclude(): void {
    const { frame, verdict, translation, passages } = this;
    verdict.sourceWord = frame.s3;
    verdict.destinationWord = frame.d3;
    verdict.ports = translation.ports;
    verdict.path = this.path;
    verdict.natPath = passages.count === 0 ? PATH_NONE : passages.path(passages.count - 1);
    verdict.natSlot = this.natSlot;
    verdict.natSerial = this.natSerial;
    verdict.isNatReply = this.isNatReply;
    verdict.mtu = this.mtu;
    verdict.fragmentTo = this.fragmentTo;
  }

  /**
   * Ends the walk: the packet changes its form and goes on. @param kind As `Verdict.reshape`.
   * @param argument As the kind says. @returns false.
   */
  reshape(kind: number, argument: number): false {
    const { rewrite } = this.translation;
    this.verdict.reshape(
      kind,
      argument,
      rewrite === REWRITE_NONE ? rewrite : REWRITE_MACS | rewrite,
    );
    this.conclude();
    return false;
  }

  /** Ends the walk: a responder answers. @returns false. */
  punt(to: Punt): false {
    this.verdict.punt(to, this.hopWord);
    return false;
  }
}

/** Decides, and returns false; or leaves the packet to the next layer, and returns true. */
export interface Layer {
  readonly name: string;
  readonly run: (context: LayerContext) => boolean;
}

/**
 * Changes the form of a packet on its way, in place: into Geneve for an appliance, and out of it; from one IP
 * version into the other. What it has become is a frame that the interface of the gateway sends to its
 * router, and is decided on like any other. Rules: GWLB-1, GWLB-2, GWLB-5, NAT-8.
 */
import { finishHash } from '../addr/exact-map.ts';
import { readU16, writeU8, writeU16, writeU32 } from '../packet/bytes.ts';
import { checksum } from '../packet/checksum.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERNET_SOURCE,
  ETHERNET_TYPE,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
} from '../packet/ethernet.ts';
import {
  GENEVE_HEADER_SIZE,
  GENEVE_PORT,
  GeneveOptions,
  readGeneve,
  writeGeneve,
} from '../packet/geneve.ts';
import {
  IPPROTO_UDP,
  IPV4_CHECKSUM,
  IPV4_DESTINATION,
  IPV4_DSCP_ECN,
  IPV4_FLAGS_FRAGMENT,
  IPV4_HEADER_SIZE,
  IPV4_IDENTIFICATION,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOTAL_LENGTH,
  IPV4_TTL,
  ipv4TotalLength,
} from '../packet/ipv4.ts';
import { IPV6_HEADER_SIZE, ipv6PayloadLength } from '../packet/ipv6.ts';
import { NO_OTHER_FORM, toIpv4, toIpv6 } from '../packet/siit.ts';
import { NearEnd } from '../packet/siit-header.ts';
import {
  UDP_CHECKSUM,
  UDP_DESTINATION_PORT,
  UDP_HEADER_SIZE,
  UDP_LENGTH,
  UDP_SOURCE_PORT,
} from '../packet/udp.ts';
import { DROP } from './drop-reason.ts';
import type { BalancerTable } from './flow/balancer-table.ts';
import type { NatTable } from './flow/nat-table.ts';
import type { LayerContext, LayerMemory } from './layers/context.ts';
import { endpointOfNode } from './load-balancers.ts';
import { PARSED } from './parse.ts';
import type { Program } from './program.ts';
import { TO_IPV4, UNWRAP, WRAP } from './verdict.ts';

/** What Geneve puts before a packet: IPv4, UDP and its own header. */
const WRAP_SIZE = IPV4_HEADER_SIZE + UDP_HEADER_SIZE + GENEVE_HEADER_SIZE;

/** Bytes before a frame that a change of form may need. */
export const RESHAPE_ROOM = WRAP_SIZE;

const VERSION_AND_LENGTH = 0x45;
const DONT_FRAGMENT = 0x4000;
const TTL = 255;
/** The source port tells flows apart, for hosts that spread what they receive; these are the dynamic ones. */
const FIRST_PORT = 0xc000;

/** Remembers what a packet is to become, for all pieces that it is sent in. Reused; nothing is allocated. */
export class Reshaper {
  readonly #options = new GeneveOptions();
  readonly #near = new NearEnd();
  /** Of the last packet of IPv4 that was made of one of IPv6. */
  #identification = 0;
  #kind = UNWRAP;
  #argument = -1;
  /** Of its flow through the load balancer or the NAT gateway. */
  #slot = 0;
  /** From the frame to its transport header, in bytes. */
  #transport = 0;
  /** Of an `UNWRAP`: the appliance that has sent the packet, a word. */
  appliance = 0;
  /** The frame that `apply` has made, in the buffer of the one before. */
  start = 0;
  size = 0;
  /** The interface that sends it. */
  eni = -1;
  /** Of an `UNWRAP`: the endpoint where the packet goes on. */
  endpoint = -1;

  /** Takes the last verdict, which changes the form of the packet. @param start Of the frame that it is about. */
  take({ verdict, frame }: LayerContext, start: number): void {
    this.#kind = verdict.kind;
    this.#argument = verdict.argument;
    this.#slot = verdict.kind === WRAP ? verdict.balancerSlot : verdict.natSlot;
    this.#transport = frame.transportStart - start;
    this.appliance = frame.s3;
  }

  get isUnwrapping(): boolean {
    return this.#kind === UNWRAP;
  }

  /** Of an `UNWRAP`: the cookie that came with the packet. */
  get cookie(): number {
    return this.#options.cookie;
  }

  /**
   * Changes one piece. @param start With `RESHAPE_ROOM` bytes before it, and no offloads pending.
   * @returns `PARSED`, or the index of a drop reason.
   */
  apply(
    program: Program,
    { balancedFlows, natFlows }: LayerMemory,
    bytes: Uint8Array,
    start: number,
    size: number,
  ): number {
    if (this.isUnwrapping) return this.#unwrap(program, bytes, start, size);
    if (this.#kind === WRAP) return this.#wrap(program, balancedFlows, bytes, start, size);
    return this.#translate(program, natFlows, bytes, start);
  }

  #wrap(
    program: Program,
    flows: BalancerTable,
    bytes: Uint8Array,
    start: number,
    size: number,
  ): number {
    const { loadBalancers } = program;
    const node = loadBalancers.endpointNode[this.#argument] as number;
    const etherType = readU16(bytes, start + ETHERNET_TYPE);
    const options = this.#options;
    options.endpointHigh = loadBalancers.endpointIdHigh[this.#argument] as number;
    options.endpointLow = loadBalancers.endpointIdLow[this.#argument] as number;
    options.attachmentHigh = loadBalancers.attachmentIdHigh[this.#argument] as number;
    options.attachmentLow = loadBalancers.attachmentIdLow[this.#argument] as number;
    options.cookie = flows.cookieOf(this.#slot);
    this.eni = loadBalancers.nodeEni[node] as number;
    this.start = start - WRAP_SIZE;
    this.size = size + WRAP_SIZE;
    const ip = this.start + ETHERNET_HEADER_SIZE;
    const udp = ip + IPV4_HEADER_SIZE;
    writeGeneve(bytes, udp + UDP_HEADER_SIZE, etherType, options);
    const udpSize = this.size - ETHERNET_HEADER_SIZE - IPV4_HEADER_SIZE;
    writeUdp(bytes, udp, FIRST_PORT | (finishHash(options.cookie) & 0x3fff), udpSize);
    const source = loadBalancers.nodeAddr[node] as number;
    writeIpv4(bytes, ip, source, flows.targetOf(this.#slot), udpSize);
    writeEthernet(program, this.eni, bytes, this.start, ETHERTYPE_IPV4);
    return PARSED;
  }

  #unwrap(program: Program, bytes: Uint8Array, start: number, size: number): number {
    const { loadBalancers } = program;
    const geneve = start + this.#transport + UDP_HEADER_SIZE;
    const etherType = readGeneve(bytes, geneve, start + size - geneve, this.#options);
    if (etherType === -1) return DROP.GENEVE_MALFORMED;
    const { endpointHigh, endpointLow, attachmentHigh, attachmentLow } = this.#options;
    this.endpoint = endpointOfNode(loadBalancers, endpointHigh, endpointLow, this.#argument);
    const isKnown =
      this.endpoint !== -1 &&
      loadBalancers.attachmentIdHigh[this.endpoint] === attachmentHigh &&
      loadBalancers.attachmentIdLow[this.endpoint] === attachmentLow;
    if (!isKnown) return DROP.GENEVE_ENDPOINT_UNKNOWN;
    this.eni = loadBalancers.endpointEni[this.endpoint] as number;
    this.start = geneve + GENEVE_HEADER_SIZE - ETHERNET_HEADER_SIZE;
    this.size = start + size - this.start;
    writeEthernet(program, this.eni, bytes, this.start, etherType);
    return PARSED;
  }

  #translate(program: Program, flows: NatTable, bytes: Uint8Array, start: number): number {
    const isToIpv4 = this.#kind === TO_IPV4;
    const from = start + ETHERNET_HEADER_SIZE;
    const ip = isToIpv4 ? this.#toIpv4(flows, bytes, from) : this.#toIpv6(flows, bytes, from);
    if (ip === NO_OTHER_FORM) return DROP.NAT64_NO_OTHER_FORM;
    this.eni = program.edges.nat.eni[this.#argument] as number;
    this.start = ip - ETHERNET_HEADER_SIZE;
    this.size = ETHERNET_HEADER_SIZE + sizeOf(bytes, ip, isToIpv4);
    const etherType = isToIpv4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
    writeEthernet(program, this.eni, bytes, this.start, etherType);
    return PARSED;
  }

  #toIpv4(flows: NatTable, bytes: Uint8Array, ip: number): number {
    const near = this.#near;
    near.w0 = 0;
    near.w1 = 0;
    near.w2 = 0;
    near.w3 = flows.outsideWord(this.#slot);
    near.port = flows.outsidePort(this.#slot);
    this.#identification = (this.#identification + 1) & 0xffff;
    return toIpv4(bytes, ip, near, this.#identification);
  }

  #toIpv6(flows: NatTable, bytes: Uint8Array, ip: number): number {
    const near = this.#near;
    near.w0 = flows.insideWord(this.#slot, 0);
    near.w1 = flows.insideWord(this.#slot, 1);
    near.w2 = flows.insideWord(this.#slot, 2);
    near.w3 = flows.insideWord(this.#slot, 3);
    near.port = flows.insidePort(this.#slot);
    return toIpv6(bytes, ip, near);
  }
}

/** @param isIpv4 Of the packet that starts at `ip`. @returns its size in bytes. */
function sizeOf(bytes: Uint8Array, ip: number, isIpv4: boolean): number {
  return isIpv4 ? ipv4TotalLength(bytes, ip) : IPV6_HEADER_SIZE + ipv6PayloadLength(bytes, ip);
}

/** From the interface of a gateway to its router. */
function writeEthernet(
  { enis, subnets }: Program,
  eni: number,
  bytes: Uint8Array,
  at: number,
  etherType: number,
): void {
  const subnet = enis.subnet[eni] as number;
  writeU16(bytes, at, subnets.routerMacHigh[subnet] as number);
  writeU32(bytes, at + 2, subnets.routerMacLow[subnet] as number);
  writeU16(bytes, at + ETHERNET_SOURCE, enis.macHigh[eni] as number);
  writeU32(bytes, at + ETHERNET_SOURCE + 2, enis.macLow[eni] as number);
  writeU16(bytes, at + ETHERNET_TYPE, etherType);
}

/** @param payloadSize Bytes behind the header. */
function writeIpv4(
  bytes: Uint8Array,
  at: number,
  source: number,
  destination: number,
  payloadSize: number,
): void {
  writeU8(bytes, at, VERSION_AND_LENGTH);
  writeU8(bytes, at + IPV4_DSCP_ECN, 0);
  writeU16(bytes, at + IPV4_TOTAL_LENGTH, IPV4_HEADER_SIZE + payloadSize);
  writeU16(bytes, at + IPV4_IDENTIFICATION, 0);
  writeU16(bytes, at + IPV4_FLAGS_FRAGMENT, DONT_FRAGMENT);
  writeU8(bytes, at + IPV4_TTL, TTL);
  writeU8(bytes, at + IPV4_PROTOCOL, IPPROTO_UDP);
  writeU16(bytes, at + IPV4_CHECKSUM, 0);
  writeU32(bytes, at + IPV4_SOURCE, source);
  writeU32(bytes, at + IPV4_DESTINATION, destination);
  writeU16(bytes, at + IPV4_CHECKSUM, checksum(bytes, at, IPV4_HEADER_SIZE));
}

/** Without a checksum, which tunnels over IPv4 may leave out. @source RFC 8926 3.3 */
function writeUdp(bytes: Uint8Array, at: number, sourcePort: number, size: number): void {
  writeU16(bytes, at + UDP_SOURCE_PORT, sourcePort);
  writeU16(bytes, at + UDP_DESTINATION_PORT, GENEVE_PORT);
  writeU16(bytes, at + UDP_LENGTH, size);
  writeU16(bytes, at + UDP_CHECKSUM, 0);
}

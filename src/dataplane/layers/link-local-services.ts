/**
 * The way between a guest and the services of the fabric. It needs no route, and neither groups nor
 * ACLs have a say (UNF-1, LL-1). The source address gives way to one that is the guest's alone in the
 * services namespace, and an answer's destination to the guest's own again (`addr/service-addresses`).
 * A guest without the source/destination check may forward for others: they count as the guest.
 * Rules: LL-1, UNF-1, IMDS-8, DNS-1, DNS-5.
 */
import { ipv6ToWords } from '../../addr/ipv6.ts';
import { macHigh16, macLow32 } from '../../addr/mac.ts';
import {
  forwardedIndexOf,
  forwardedPeerIpv4,
  isServiceIpv4,
  isServiceIpv6,
  peerIpv4,
  peerIpv6,
  portOfPeerIpv4,
  portOfPeerIpv6,
  RESOLVER,
  SERVICES_MAC,
  VPC_RESOLVER_ALIAS,
} from '../../addr/service-addresses.ts';
import { IPPROTO_TCP, IPPROTO_UDP } from '../../packet/ipv4.ts';
import { DROP } from '../drop-reason.ts';
import { isIcmpErrorFrame, type ParsedFrame } from '../parse.ts';
import { eniByAddress, eniOfPort, VPC_MTU } from '../program.ts';
import { REWRITE_DESTINATION, REWRITE_MACS, REWRITE_SOURCE } from '../verdict.ts';
import type { LayerContext } from './context.ts';
import { isChecked } from './source-destination-check.ts';

const SERVICES_MAC_HIGH = macHigh16(SERVICES_MAC);
const SERVICES_MAC_LOW = macLow32(SERVICES_MAC);
const RESOLVER_WORD4 = RESOLVER.ipv4 | 0;
const RESOLVER_WORD6 = ipv6ToWords(RESOLVER.ipv6)[3];
const ALIAS_WORD = VPC_RESOLVER_ALIAS | 0;

/** Decides on a packet to the ranges of services. */
export function runToServices(context: LayerContext): false {
  const { frame, program, eni, vpc, verdict } = context;
  const { family, s0, s1, s2, s3, d3 } = frame;
  const isVpcResolver = family === 4 && d3 === program.vpcResolver[vpc];
  const isThere = isVpcResolver || isServiceOf(family, frame.d0, frame.d1, frame.d2, d3);
  if (!isThere || !isCarried(frame) || program.servicesPort === -1) {
    return context.drop(DROP.LINK_LOCAL_SERVICE_ABSENT);
  }
  const isResolver = isVpcResolver || d3 === (family === 4 ? RESOLVER_WORD4 : RESOLVER_WORD6);
  if (isResolver && program.vpcHasDns[vpc] === 0) return context.drop(DROP.DNS_SUPPORT_DISABLED);
  const isOwn = eniByAddress(program, vpc, family, s0, s1, s2, s3) === eni;
  if (!isOwn && (family === 6 || isChecked(program, eni))) {
    return context.drop(DROP.ENI_SOURCE_DEST_CHECK_RESTRICTION);
  }
  const port = program.enis.port[eni] as number;
  const rewrite = isVpcResolver ? REWRITE_SOURCE | REWRITE_DESTINATION : REWRITE_SOURCE;
  forward(context, program.servicesPort, rewrite);
  verdict.destinationWord = ALIAS_WORD;
  if (family === 6) verdict.sourceWord = peerIpv6(port);
  else verdict.sourceWord = isOwn ? peerIpv4(port, s3) : forwardedPeer(context, port, s3);
  verdict.destHigh = SERVICES_MAC_HIGH;
  verdict.destLow = SERVICES_MAC_LOW;
  verdict.sourceHigh = program.subnets.routerMacHigh[context.subnet] as number;
  verdict.sourceLow = program.subnets.routerMacLow[context.subnet] as number;
  return false;
}

/** Decides on a packet that the services namespace sent: it goes to the guest that asked. */
export function runFromServices(context: LayerContext): void {
  const { frame, program, verdict } = context;
  context.begin();
  const { family, s3 } = frame;
  const isAlias = family === 4 && s3 === ALIAS_WORD;
  const isService =
    isAlias || (family !== 0 && isServiceOf(family, frame.s0, frame.s1, frame.s2, s3));
  const port = isService ? portOfPeer(frame) : -1;
  const eni = port === -1 ? -1 : eniOfPort(program, port);
  if (eni === -1 || !isCarried(frame)) {
    context.drop(isService ? DROP.TARGET_NOT_RUNNING : DROP.SERVICES_STRAY);
    return;
  }
  const subnet = program.enis.subnet[eni] as number;
  const vpc = program.subnets.vpc[subnet] as number;
  const word =
    family === 4
      ? destination4(context, port, program.subnets.network[subnet] as number)
      : (program.subnets.network6[subnet] as number);
  if (!takes(context, eni, vpc, word)) {
    context.drop(DROP.NO_POSSIBLE_DESTINATION);
    return;
  }
  const rewrite = isAlias ? REWRITE_SOURCE | REWRITE_DESTINATION : REWRITE_DESTINATION;
  forward(context, port, rewrite);
  verdict.sourceWord = program.vpcResolver[vpc] as number;
  verdict.destinationWord = word;
  verdict.destHigh = program.enis.macHigh[eni] as number;
  verdict.destLow = program.enis.macLow[eni] as number;
  verdict.sourceHigh = program.subnets.routerMacHigh[subnet] as number;
  verdict.sourceLow = program.subnets.routerMacLow[subnet] as number;
}

function forwardedPeer({ forwardedSenders, nowMs }: LayerContext, port: number, word: number) {
  return forwardedPeerIpv4(port, forwardedSenders.indexOf(port, word, nowMs));
}

/** @returns the guest's own address, or the one that it forwards for; 0 for one that was forgotten. */
function destination4({ frame, forwardedSenders }: LayerContext, port: number, network: number) {
  const index = forwardedIndexOf(frame.d3);
  if (index !== -1) return forwardedSenders.wordOf(port, index);
  return (network & ~0xffff) | (frame.d3 & 0xffff);
}

/** @returns true for an address of the interface itself, and for one that it forwards for unchecked. */
function takes({ frame, program }: LayerContext, eni: number, vpc: number, word: number): boolean {
  const { family, d0, d1, d2, d3 } = frame;
  if (family === 6) return eniByAddress(program, vpc, 6, word, d1, d2, d3) === eni;
  if (forwardedIndexOf(d3) !== -1) return word !== 0 && !isChecked(program, eni);
  return eniByAddress(program, vpc, 4, d0, d1, d2, word) === eni;
}

function forward({ verdict }: LayerContext, port: number, rewrite: number): void {
  verdict.forward(port, REWRITE_MACS | rewrite);
  verdict.mtu = VPC_MTU;
  verdict.fragmentTo = 0;
  verdict.untrack();
}

function isServiceOf(family: number, w0: number, w1: number, w2: number, w3: number): boolean {
  return family === 4 ? isServiceIpv4(w3) : isServiceIpv6(w0, w1, w2, w3);
}

/** No service speaks another protocol, and none answers echo. */
function isCarried(frame: ParsedFrame): boolean {
  const { protocol } = frame;
  return protocol === IPPROTO_TCP || protocol === IPPROTO_UDP || isIcmpErrorFrame(frame);
}

function portOfPeer({ family, d0, d3 }: ParsedFrame): number {
  return family === 4 ? portOfPeerIpv4(d3) : portOfPeerIpv6(d0);
}

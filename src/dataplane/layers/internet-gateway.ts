/**
 * The internet gateway of a VPC, both ways, and the internet between two of them: one public address
 * for one private one, ports untouched; IPv6 as it is. Rules: IGW-1 to IGW-5, MTU-3, MTU-4.
 */
import { DROP } from '../drop-reason.ts';
import {
  isInVpc,
  isRfc1918,
  isRfc6598,
  mappingOfPrivate,
  mappingOfPublic,
  vpcOnInternet,
} from '../edges.ts';
import { PATH_INTERNET } from '../flow/flow-log-table.ts';
import { isIcmpErrorFrame } from '../parse.ts';
import {
  eniByAddress,
  FROM_INTERNET,
  FROM_INTERNET_GATEWAY,
  FROM_STATEFUL_GATEWAY,
  TO_UPLINK,
} from '../program.ts';
import type { Layer, LayerContext } from './context.ts';
import { isEgressOnlyAnswer } from './egress-only-gateway.ts';
import { takesEndpointAnswer } from './gateway-endpoint.ts';
import { readQuote } from './quote.ts';

/** Out of the VPC: the source becomes public. */
export const toInternetLayer: Layer = {
  name: 'internet-gateway-egress',
  run(context: LayerContext): boolean {
    const { frame, program, vpc, translation } = context;
    const { edges } = program;
    context.leaveBy(PATH_INTERNET);
    // Behind the gateway nobody is of the sender's subnet, also who comes back to it.
    context.leave(vpc);
    if (frame.family === 6) return isOwnIpv6(context) && context.goOn(FROM_INTERNET);
    if (edges.isInternet[vpc] === 1 && takesEndpointAnswer(context)) {
      return context.goOn(FROM_STATEFUL_GATEWAY);
    }
    if (isRfc1918(frame.d3))
      return context.drop(DROP.IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS);
    if (isRfc6598(frame.d3))
      return context.drop(DROP.IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS);
    if (edges.isInternet[vpc] === 1) return context.goOn(FROM_INTERNET);
    if (isInVpc(edges, vpc, 4, 0, 0, 0, frame.d3)) {
      return context.drop(DROP.IGW_DESTINATION_ADDRESS_IN_VPC_CIDRS);
    }
    const mapping = mappingOfPrivate(edges, vpc, frame.s3);
    if (mapping === -1) return context.drop(DROP.IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS);
    translation.setSource(frame, edges.publicWord[mapping] as number);
    publishQuote(context);
    return context.goOn(FROM_INTERNET);
  },
};

/** Into the VPC that has the public address: the destination becomes private. */
export const fromInternetLayer: Layer = {
  name: 'internet-gateway-ingress',
  run(context: LayerContext): boolean {
    const { frame, program, translation } = context;
    const { edges } = program;
    const { family, d0, d1, d2, d3 } = frame;
    const mapping = family === 4 ? mappingOfPublic(edges, d3) : -1;
    if (mapping !== -1) {
      const eni = edges.publicEni[mapping] as number;
      const subnet = program.enis.subnet[eni] as number;
      context.vpc = program.subnets.vpc[subnet] as number;
      if (edges.hasInternetGateway[context.vpc] === 0) {
        return context.drop(DROP.IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS);
      }
      translation.setDestination(frame, edges.privateWord[mapping] as number);
      hideQuote(context);
      return context.goOn(FROM_INTERNET_GATEWAY);
    }
    context.vpc = vpcOnInternet(edges, family, d0, d1, d2, d3);
    if (context.vpc === -1) {
      if (program.uplinkPort !== -1) return context.goOn(TO_UPLINK);
      return context.drop(DROP.IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS);
    }
    const isAnswer =
      family === 6 && isEgressOnlyAnswer(context, edges.egressOnly[context.vpc] as number);
    if (isAnswer) return context.goOn(FROM_STATEFUL_GATEWAY);
    if (edges.hasInternetGateway[context.vpc] === 0) {
      return context.drop(DROP.EGRESS_ONLY_GATEWAY_NO_FLOW);
    }
    // Of two gateways an answer takes the other one, and the question may leave at any time.
    if (family === 6 && edges.egressOnly[context.vpc] !== -1) context.isPassing = true;
    return context.goOn(FROM_INTERNET_GATEWAY);
  },
};

/**
 * An error that leaves is about a packet that came in to a public address, whoever of the VPC complains:
 * so its sender knows it. @source RFC 5508 4.2
 */
function publishQuote(context: LayerContext): void {
  const { frame, program, vpc, quoted, translation } = context;
  if (!isIcmpErrorFrame(frame) || !readQuote(context)) return;
  const mapping = mappingOfPrivate(program.edges, vpc, quoted.d3);
  if (mapping !== -1) translation.setQuotedDestination(program.edges.publicWord[mapping] as number);
}

/** One that comes in is about a packet that has left under a public address of the VPC. @source RFC 5508 4.2 */
function hideQuote(context: LayerContext): void {
  const { frame, program, vpc, quoted, translation } = context;
  if (!isIcmpErrorFrame(frame) || !readQuote(context)) return;
  const mapping = mappingOfPublic(program.edges, quoted.s3);
  if (mapping === -1) return;
  const word = program.edges.privateWord[mapping] as number;
  if (mappingOfPrivate(program.edges, vpc, word) === mapping) translation.setQuotedSource(word);
}

/** What no address of the VPC sends has been made up. */
function isOwnIpv6(context: LayerContext): boolean {
  const { frame, program, vpc } = context;
  const { s0, s1, s2, s3 } = frame;
  return (
    eniByAddress(program, vpc, 6, s0, s1, s2, s3) !== -1 ||
    context.drop(DROP.GATEWAY_REJECTS_SPOOFED_TRAFFIC)
  );
}

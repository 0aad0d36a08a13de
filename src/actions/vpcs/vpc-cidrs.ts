/** The rules of a VPC's CIDR blocks: sizes, ranges that cannot be had, and what may be added. */
import {
  type Cidr,
  cidrContains,
  cidrsOverlap,
  formatCidr,
  type Ipv4Cidr,
  type Ipv6Cidr,
  ipv4Cidr,
  ipv6Cidr,
  parseIpv4Cidr,
  parseIpv6Cidr,
} from '../../addr/cidr.ts';
import { openPeeringsOf } from '../../model/lookups/peerings.ts';
import { isExpired } from '../../model/peerings.ts';
import type { Route, Vpc } from '../../model/records.ts';
import { isLocalRoute } from '../../model/routes.ts';
import type { Quotas } from '../../model/settings.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext } from '../action.ts';
import { peeringPending } from '../edges/gateway-errors.ts';
import { vpcOfSide } from '../edges/peering-sides.ts';
import {
  cidrLimitExceeded,
  invalidCidr,
  vpcCidrConflict,
  vpcRange,
  vpcRestrictedRange,
} from '../errors.ts';

const LARGEST_PREFIX_LENGTH = 16;
const SMALLEST_PREFIX_LENGTH = 28;
/** Amazon's block for a VPC (SUB-9), out of 2600:1f00::/24. */
const AMAZON_IPV6_POOL = 0x26001fn << 104n;
const VPC_IPV6_PREFIX_LENGTH = 56;

function block(a: number, b: number, prefixLength: number): Ipv4Cidr {
  return ipv4Cidr(a * 0x100_0000 + b * 0x1_0000, prefixLength);
}

/** This host, loopback, link-local and multicast (with what lies above it). */
const NEVER = [block(0, 0, 8), block(127, 0, 8), block(169, 254, 16), block(224, 0, 3)];

/** Ranges that do not mix; every other address is public or 100.64.0.0/10. */
const FAMILIES = [block(10, 0, 8), block(172, 16, 12), block(192, 168, 16), block(198, 19, 16)];

/** @returns true for a size that a VPC or a subnet can have. @source SUB-1 */
export function isAllowedSize(cidr: Ipv4Cidr): boolean {
  return cidr.prefixLength >= LARGEST_PREFIX_LENGTH && cidr.prefixLength <= SMALLEST_PREFIX_LENGTH;
}

/**
 * Reads a block that a VPC can have.
 * @throws InvalidParameterValue when the text is no block.
 * @throws InvalidVpc.Range when the size or the range is not allowed.
 * @source SUB-1, SUB-4, SUB-8
 */
export function parseVpcCidr(text: string): Ipv4Cidr {
  const cidr = parseIpv4Cidr(text);
  if (cidr === null) throw invalidCidr('cidrBlock', text);
  if (!isAllowedSize(cidr) || NEVER.some((range) => cidrsOverlap(range, cidr))) {
    throw vpcRange(text);
  }
  return cidr;
}

/**
 * Checks a block that is to be added to a VPC.
 * @throws CidrLimitExceeded, InvalidVpc.Range or InvalidVpc.Conflict.
 * @source SUB-6, SUB-7, SUB-8
 */
export function checkAddedCidr(snapshot: Snapshot, vpc: Vpc, cidr: Ipv4Cidr): void {
  const text = formatCidr(cidr);
  const blocks = vpc.cidrs.map((association) => association.cidr);
  const [primary] = vpc.cidrs;
  const other = blocks.find((each) => cidrsOverlap(each, cidr));
  if (other !== undefined) {
    throw vpcCidrConflict(text, `another CIDR block of the VPC, ${formatCidr(other)}`);
  }
  if (isBarred(primary.cidr, blocks, cidr)) throw vpcRestrictedRange(text);
  checkRoutes(snapshot, vpc, cidr);
  checkCount(snapshot.quotas, vpc, 4);
}

/** @throws CidrLimitExceeded when the VPC has all blocks of the family that it can have. */
export function checkCount(quotas: Quotas, vpc: Vpc, family: 4 | 6): void {
  const limit = family === 4 ? quotas.ipv4CidrsPerVpc : quotas.ipv6CidrsPerVpc;
  const count = family === 4 ? vpc.cidrs.length : vpc.ipv6Cidrs.length;
  if (count >= limit) throw cidrLimitExceeded(vpc.vpcId, limit);
}

/** AWS's matrix of ranges that may be added to a VPC, by the range of its primary block. */
function isBarred(primary: Ipv4Cidr, blocks: readonly Ipv4Cidr[], added: Ipv4Cidr): boolean {
  const range = FAMILIES.find((each) => cidrContains(each, added));
  if (range === undefined) return false;
  if (!cidrContains(range, primary)) return true;
  const usesTenZeroOrOne = blocks.some((each) => cidrContains(block(10, 0, 15), each));
  if (usesTenZeroOrOne && cidrContains(block(10, 0, 16), added)) return true;
  return cidrContains(block(172, 31, 16), added);
}

/**
 * Checks a new block against the peers of the VPC.
 * @throws InvalidVpc.Conflict when an active peer has an overlapping block; OperationNotPermitted
 *   while a peering request of the VPC is pending.
 * @source SUB-7
 */
export function checkPeers(context: ActionContext, { vpcId }: Vpc, cidr: Cidr): void {
  const { snapshot } = context.draft;
  for (const peering of openPeeringsOf(snapshot, vpcId)) {
    const { peeringId, requester, accepter, status } = peering;
    if (isExpired(peering, context.nowMs)) continue;
    if (status.code !== 'active') {
      if (requester.vpcId === vpcId) throw peeringPending(vpcId, peeringId);
      continue;
    }
    const peer = vpcOfSide(context, requester.vpcId === vpcId ? accepter : requester);
    const blocks = [...(peer?.cidrs ?? []), ...(peer?.ipv6Cidrs ?? [])];
    if (!blocks.some((each) => cidrsOverlap(each.cidr, cidr))) continue;
    throw vpcCidrConflict(formatCidr(cidr), `a CIDR block of the peer of ${peeringId}`);
  }
}

/** A block may lie inside a route's destination, but must not equal or hold it. */
function checkRoutes(snapshot: Snapshot, vpc: Vpc, cidr: Cidr): void {
  const inTheWay = (route: Route): boolean =>
    !isLocalRoute(route) && cidrContains(cidr, route.destination);
  for (const table of snapshot.routeTables.values()) {
    const route = table.vpcId === vpc.vpcId ? table.routes.find(inTheWay) : undefined;
    if (route === undefined) continue;
    throw vpcCidrConflict(
      formatCidr(cidr),
      `the route ${formatCidr(route.destination)} in route table ${table.routeTableId}`,
    );
  }
}

/**
 * Reads a /56 out of a pool of one's own.
 * @throws InvalidParameterValue when the text is no block; InvalidVpc.Range for another size;
 *   InvalidVpc.Conflict when a VPC has it.
 * @source SUB-9
 */
export function parseVpcIpv6Cidr(snapshot: Snapshot, text: string): Ipv6Cidr {
  const cidr = parseIpv6Cidr(text);
  if (cidr === null) throw invalidCidr('ipv6CidrBlock', text);
  if (cidr.prefixLength !== VPC_IPV6_PREFIX_LENGTH) throw vpcRange(text);
  if (isTakenIpv6(snapshot, cidr)) throw vpcCidrConflict(text, 'the CIDR block of a VPC');
  return cidr;
}

function isTakenIpv6(snapshot: Snapshot, cidr: Ipv6Cidr): boolean {
  return [...snapshot.vpcs.values()].some((vpc) =>
    vpc.ipv6Cidrs.some((association) => cidrsOverlap(association.cidr, cidr)),
  );
}

/** Draws a /56 that no VPC has. @source SUB-9 */
export function drawIpv6Cidr({ draft, random }: ActionContext): Ipv6Cidr {
  for (;;) {
    const cidr = ipv6Cidr(
      AMAZON_IPV6_POOL | (BigInt(random(0x1_0000_0000)) << BigInt(128 - VPC_IPV6_PREFIX_LENGTH)),
      VPC_IPV6_PREFIX_LENGTH,
    );
    if (!isTakenIpv6(draft.snapshot, cidr)) return cidr;
  }
}

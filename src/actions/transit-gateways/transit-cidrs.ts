/** The CIDR blocks of a transit gateway, from which the addresses of its GRE tunnels are (TGWC-3). */
import {
  type Cidr,
  cidrContains,
  cidrEquals,
  cidrsOverlap,
  formatCidr,
  ipv4Cidr,
  ipv6Cidr,
  parseCidr,
} from '../../addr/cidr.ts';
import { parseIpv4 } from '../../addr/ipv4.ts';
import { parseIpv6 } from '../../addr/ipv6.ts';
import type { TransitGatewayId } from '../../model/ids.ts';
import { connectPeersOf, liveAttachmentsOf } from '../../model/lookups/transit-gateways.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { TransitGatewayConnectPeer } from '../../model/transit-gateways.ts';
import type { ActionInput } from '../action.ts';
import { stringsOf } from '../input.ts';
import {
  badTransitCidr,
  hasNonDeleted,
  noSuchTransitCidr,
  transitCidrCount,
  transitCidrOverlap,
  transitCidrSize,
} from './transit-gateway-errors.ts';

/** The smallest blocks. @source TGWC-3 */
const LONGEST_PREFIX = { 4: 24, 6: 64 } as const;
/** 169.254.0.0/16. */
const LINK_LOCAL = ipv4Cidr(0xa9fe_0000, 16);

/** @throws InvalidParameterValue for what is no block, has host bits, or is too small. */
function parseTransitCidr(text: string): Cidr {
  const [start = ''] = text.split('/');
  const cidr = parseCidr(text);
  if (cidr === null || (parseIpv4(start) ?? parseIpv6(start)) !== cidr.addr) {
    throw badTransitCidr(text);
  }
  if (cidr.prefixLength > LONGEST_PREFIX[cidr.family]) throw transitCidrSize(text);
  if (cidrsOverlap(cidr, LINK_LOCAL)) throw transitCidrOverlap(text, formatCidr(LINK_LOCAL));
  return cidr;
}

/**
 * Adds the blocks of a parameter.
 * @param vpcBlocks Those of the VPCs that are attached.
 * @throws InvalidParameterValue for a block that may not be; CidrLimitExceeded.
 */
export function addTransitCidrs(
  { quotas }: Snapshot,
  blocks: readonly Cidr[],
  vpcBlocks: readonly Cidr[],
  input: ActionInput,
  name: string,
): readonly Cidr[] {
  const result = [...blocks];
  for (const text of stringsOf(input, name)) {
    const cidr = parseTransitCidr(text);
    const other = [...result, ...vpcBlocks].find((each) => cidrsOverlap(each, cidr));
    if (other !== undefined) throw transitCidrOverlap(text, formatCidr(other));
    result.push(cidr);
  }
  if (result.length > quotas.cidrBlocksPerTransitGateway) {
    throw transitCidrCount(quotas.cidrBlocksPerTransitGateway);
  }
  return result;
}

/**
 * Removes the blocks of a parameter.
 * @throws InvalidParameterValue for one that is not there; IncorrectState while a Connect peer has
 *   an address out of it.
 */
export function removeTransitCidrs(
  snapshot: Snapshot,
  transitGatewayId: TransitGatewayId,
  blocks: readonly Cidr[],
  input: ActionInput,
  name: string,
): readonly Cidr[] {
  const peers = connectPeersOfGateway(snapshot, transitGatewayId);
  return stringsOf(input, name).reduce((rest: readonly Cidr[], text) => {
    const cidr = parseTransitCidr(text);
    if (!rest.some((each) => cidrEquals(each, cidr))) throw noSuchTransitCidr(text);
    const users = peers.filter((peer) => cidrContains(cidr, outerBlock(peer)));
    if (users.length > 0) {
      throw hasNonDeleted(
        text,
        'Connect Peers',
        users.map((peer) => peer.connectPeerId),
      );
    }
    return rest.filter((each) => !cidrEquals(each, cidr));
  }, blocks);
}

/** @returns the outer address of the transit gateway, as a block of one. */
function outerBlock({ transitGatewayAddr }: TransitGatewayConnectPeer): Cidr {
  return typeof transitGatewayAddr === 'number'
    ? ipv4Cidr(transitGatewayAddr, 32)
    : ipv6Cidr(transitGatewayAddr, 128);
}

/** @returns the Connect peers of all attachments of the transit gateway. */
export function connectPeersOfGateway(
  snapshot: Snapshot,
  transitGatewayId: TransitGatewayId,
): TransitGatewayConnectPeer[] {
  return liveAttachmentsOf(snapshot, transitGatewayId).flatMap(({ attachmentId }) =>
    connectPeersOf(snapshot, attachmentId),
  );
}

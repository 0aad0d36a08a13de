/** The actions on Connect peers: one GRE tunnel each, with two BGP sessions inside. */
import {
  type Cidr,
  cidrContains,
  cidrsOverlap,
  formatCidr,
  type Ipv4Cidr,
  type Ipv6Cidr,
  ipv4Cidr,
  ipv4Contains,
  ipv6Cidr,
  ipv6Contains,
  parseCidr,
} from '../../addr/cidr.ts';
import { formatIpv4, type Ipv4Addr, ipv4FromWord, parseIpv4 } from '../../addr/ipv4.ts';
import { formatIpv6, type Ipv6Addr, parseIpv6 } from '../../addr/ipv6.ts';
import { connectPeersOf } from '../../model/lookups/transit-gateways.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { TransitGateway, TransitGatewayConnectPeer } from '../../model/transit-gateways.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { invalidAddress, invalidValue } from '../errors.ts';
import {
  optionalInteger,
  optionalString,
  optionalStructure,
  stringOf,
  stringsOf,
} from '../input.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { GRE } from './connects.ts';
import {
  findConnectAttachment,
  findConnectPeer,
  findTransitGateway,
} from './lookup-transit-gateways.ts';
import { connectPeersOfGateway } from './transit-cidrs.ts';
import {
  badInsideCidr,
  connectPeerLimitExceeded,
  inInvalidState,
  noTransitCidr,
} from './transit-gateway-errors.ts';

type Addr = Ipv4Addr | Ipv6Addr;
/** Stored ones are available; the others are only ever seen in answers. */
type ConnectPeerState = 'pending' | 'available' | 'deleting';

const MAX_ASN = 4_294_967_295;
/** 169.254.0.0/16. */
const INSIDE_IPV4 = ipv4Cidr(0xa9fe_0000, 16);
const INSIDE_IPV4_PREFIX_LENGTH = 29;
/** fd00::/8. */
const INSIDE_IPV6 = ipv6Cidr(0xfdn << 120n, 8);
const INSIDE_IPV6_PREFIX_LENGTH = 125;
/** 169.254.0.0/29 to 169.254.5.0/29 and 169.254.169.248/29. */
const RESERVED_INSIDE: readonly Ipv4Cidr[] = [
  ...[0, 1, 2, 3, 4, 5].map((third) => ipv4Cidr(0xa9fe_0000 + third * 256, 29)),
  ipv4Cidr(0xa9fe_a9f8, 29),
];

function formatAddr(addr: Addr): string {
  return typeof addr === 'number' ? formatIpv4(addr) : formatIpv6(addr);
}

function familyOf(addr: Addr): 4 | 6 {
  return typeof addr === 'number' ? 4 : 6;
}

/** @throws InvalidParameterValue */
function parseAddr(text: string): Addr {
  const addr = parseIpv4(text) ?? parseIpv6(text);
  if (addr === null) throw invalidAddress(text);
  return addr;
}

/** The peer has the first inside host, the transit gateway the next two. @source TGWC-1 */
function bgpShapes(peer: TransitGatewayConnectPeer, gateway: TransitGateway): ActionOutput[] {
  const host = (index: number): string => formatIpv4(ipv4FromWord(peer.insideIpv4.addr + index));
  return [2, 3].map((index) => ({
    TransitGatewayAsn: gateway.amazonSideAsn,
    PeerAsn: peer.peerAsn,
    TransitGatewayAddress: host(index),
    PeerAddress: host(1),
    BgpStatus: 'down',
  }));
}

function peerShape(
  peer: TransitGatewayConnectPeer,
  snapshot: Snapshot,
  state: ConnectPeerState,
): ActionOutput {
  const { transitGatewayId } = findConnectAttachment(snapshot, peer.attachmentId);
  const gateway = findTransitGateway(snapshot, transitGatewayId);
  const inside = peer.insideIpv6 === null ? [peer.insideIpv4] : [peer.insideIpv4, peer.insideIpv6];
  return {
    TransitGatewayAttachmentId: peer.attachmentId,
    TransitGatewayConnectPeerId: peer.connectPeerId,
    State: state,
    CreationTime: new Date(peer.creationTimeMs).toISOString(),
    ConnectPeerConfiguration: {
      TransitGatewayAddress: formatAddr(peer.transitGatewayAddr),
      PeerAddress: formatAddr(peer.peerAddr),
      InsideCidrBlocks: inside.map(formatCidr),
      Protocol: GRE,
      BgpConfigurations: bgpShapes(peer, gateway),
    },
    Tags: tagSet(peer.tags),
  };
}

/** @throws InvalidParameterValue for a block that may not be inside. @source TGWC-1 */
function checkInside(cidr: Cidr, used: readonly Cidr[]): void {
  const text = formatCidr(cidr);
  const [range, prefixLength] =
    cidr.family === 4
      ? [INSIDE_IPV4, INSIDE_IPV4_PREFIX_LENGTH]
      : [INSIDE_IPV6, INSIDE_IPV6_PREFIX_LENGTH];
  if (cidr.prefixLength !== prefixLength || !cidrContains(range, cidr)) {
    throw badInsideCidr(text, `It must be a /${prefixLength} of ${formatCidr(range)}.`);
  }
  if (RESERVED_INSIDE.some((each) => cidrsOverlap(each, cidr))) {
    throw badInsideCidr(text, 'It is reserved.');
  }
  if (used.some((each) => cidrsOverlap(each, cidr))) {
    throw badInsideCidr(text, 'It is in use on the transit gateway.');
  }
}

/**
 * Reads `InsideCidrBlocks`: one of IPv4, and one of IPv6 if wanted.
 * @throws InvalidParameterValue
 * @source TGWC-1, TGWC-2
 */
function readInside(
  input: ActionInput,
  others: readonly TransitGatewayConnectPeer[],
): Pick<TransitGatewayConnectPeer, 'insideIpv4' | 'insideIpv6'> {
  const texts = stringsOf(input, 'InsideCidrBlocks');
  const used = others.flatMap(({ insideIpv4, insideIpv6 }) =>
    insideIpv6 === null ? [insideIpv4] : [insideIpv4, insideIpv6],
  );
  const ofIpv4: Ipv4Cidr[] = [];
  const ofIpv6: Ipv6Cidr[] = [];
  for (const text of texts) {
    const cidr = parseCidr(text);
    if (cidr === null) throw badInsideCidr(text, 'This is not a valid CIDR block.');
    checkInside(cidr, used);
    if (cidr.family === 4) ofIpv4.push(cidr);
    else ofIpv6.push(cidr);
  }
  const [insideIpv4] = ofIpv4;
  if (insideIpv4 === undefined || ofIpv4.length > 1 || ofIpv6.length > 1) {
    throw badInsideCidr(texts.join(', '), 'It must be one IPv4 block, and at most one IPv6 block.');
  }
  return { insideIpv4, insideIpv6: ofIpv6[0] ?? null };
}

function contains(cidr: Cidr, addr: Addr): boolean {
  if (cidr.family === 4) return typeof addr === 'number' && ipv4Contains(cidr, addr);
  return typeof addr === 'bigint' && ipv6Contains(cidr, addr);
}

/**
 * Reads the outer address of the transit gateway, or takes the first free one of its blocks.
 * @throws InvalidParameterValue for one that is in no block, of the other family, or in use with
 *   the same peer; IncorrectState when there is none to take.
 * @source TGWC-3
 */
function readTransitAddr(
  input: ActionInput,
  gateway: TransitGateway,
  peerAddr: Addr,
  others: readonly TransitGatewayConnectPeer[],
): Addr {
  const family = familyOf(peerAddr);
  const text = optionalString(input, 'TransitGatewayAddress');
  if (text === undefined) return drawTransitAddr(gateway, family, others);
  const addr = parseAddr(text);
  const isOwn = gateway.cidrBlocks.some((cidr) => contains(cidr, addr));
  if (!isOwn || familyOf(addr) !== family) {
    const reason = `It must be of an IPv${family} CIDR block of the transit gateway.`;
    throw invalidValue('transitGatewayAddress', text, reason);
  }
  if (others.some((each) => each.transitGatewayAddr === addr && each.peerAddr === peerAddr)) {
    throw invalidValue('transitGatewayAddress', text, 'It is in use with the same peer address.');
  }
  return addr;
}

function drawTransitAddr(
  gateway: TransitGateway,
  family: 4 | 6,
  others: readonly TransitGatewayConnectPeer[],
): Addr {
  const used = new Set(others.map(({ transitGatewayAddr }) => transitGatewayAddr));
  for (const cidr of gateway.cidrBlocks) {
    if (cidr.family !== family) continue;
    // As many as are used, and one more: one of them is free, and no block is that small.
    for (let host = 1; host <= used.size + 1; host++) {
      const addr: Addr =
        cidr.family === 4
          ? ipv4FromWord(cidr.addr + host)
          : ipv6Cidr(cidr.addr + BigInt(host), 128).addr;
      if (!used.has(addr) && contains(cidr, addr)) return addr;
    }
  }
  throw noTransitCidr(gateway.transitGatewayId, family);
}

/** Without an ASN, that of the transit gateway. @source TGWC-2 */
function readPeerAsn(input: ActionInput, { amazonSideAsn }: TransitGateway): number {
  const asn = optionalInteger(optionalStructure(input, 'BgpOptions') ?? {}, 'PeerAsn');
  if (asn !== undefined && (asn < 1 || asn > MAX_ASN)) throw invalidValue('peerAsn', String(asn));
  return asn ?? amazonSideAsn;
}

function createConnectPeer(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId, nowMs } = context;
  const { snapshot } = draft;
  const tags = tagsFor(input, 'transit-gateway-connect-peer');
  const id = stringOf(input, 'TransitGatewayAttachmentId');
  const attachment = findConnectAttachment(snapshot, id);
  const { attachmentId, transitGatewayId } = attachment;
  if (attachment.state !== 'available') throw inInvalidState(id);
  if (connectPeersOf(snapshot, attachmentId).length >= snapshot.quotas.peersPerConnectAttachment) {
    throw connectPeerLimitExceeded();
  }
  const gateway = findTransitGateway(snapshot, transitGatewayId);
  const others = connectPeersOfGateway(snapshot, transitGatewayId);
  const peerAddr = parseAddr(stringOf(input, 'PeerAddress'));
  const peer: TransitGatewayConnectPeer = {
    connectPeerId: newId('tgw-connect-peer'),
    attachmentId,
    transitGatewayAddr: readTransitAddr(input, gateway, peerAddr, others),
    peerAddr,
    ...readInside(input, others),
    peerAsn: readPeerAsn(input, gateway),
    creationTimeMs: nowMs,
    tags,
  };
  draft.put('transitGatewayConnectPeers', peer.connectPeerId, peer);
  return { TransitGatewayConnectPeer: peerShape(peer, snapshot, 'pending') };
}

function deleteConnectPeer(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const peer = findConnectPeer(snapshot, stringOf(input, 'TransitGatewayConnectPeerId'));
  draft.delete('transitGatewayConnectPeers', peer.connectPeerId);
  return { TransitGatewayConnectPeer: peerShape(peer, snapshot, 'deleting') };
}

const DESCRIBE_CONNECT_PEERS: DescribeSpec<'tgw-connect-peer', TransitGatewayConnectPeer> = {
  member: 'TransitGatewayConnectPeers',
  idsParameter: 'TransitGatewayConnectPeerIds',
  prefix: 'tgw-connect-peer',
  rows: (snapshot) => snapshot.transitGatewayConnectPeers,
  shape: (peer, snapshot) => peerShape(peer, snapshot, 'available'),
  filters: {
    state: () => ['available'],
    'transit-gateway-attachment-id': (peer) => [peer.attachmentId],
    'transit-gateway-connect-peer-id': (peer) => [peer.connectPeerId],
  },
};

export const CONNECT_PEER_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateTransitGatewayConnectPeer',
    parameters: {
      TransitGatewayAttachmentId: 'string',
      TransitGatewayAddress: 'string',
      PeerAddress: 'string',
      BgpOptions: { PeerAsn: 'integer' },
      InsideCidrBlocks: ['string'],
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['TransitGatewayAttachmentId', 'PeerAddress', 'InsideCidrBlocks'],
    perform: createConnectPeer,
  },
  {
    name: 'DeleteTransitGatewayConnectPeer',
    parameters: { TransitGatewayConnectPeerId: 'string' },
    required: ['TransitGatewayConnectPeerId'],
    perform: deleteConnectPeer,
  },
  {
    name: 'DescribeTransitGatewayConnectPeers',
    parameters: { ...PAGE_PARAMETERS, TransitGatewayConnectPeerIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_CONNECT_PEERS, input, draft.snapshot),
  },
];

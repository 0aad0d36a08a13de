/** VPC peering connections: a way between two VPCs, for their own addresses only (PCX-1). */
import { cidrsOverlap } from '../addr/cidr.ts';
import type { PeeringId, VpcId } from './ids.ts';
import type { Vpc } from './records.ts';
import type { Tagged } from './tags.ts';

/** A request that nobody answers is kept as pending; that it has expired is told by the clock. */
export type PeeringCode = 'pending-acceptance' | 'active' | 'rejected' | 'failed' | 'deleted';

/** One end of a peering. */
export interface PeeringSide {
  readonly vpcId: VpcId;
  readonly ownerId: string;
  readonly region: string;
  readonly allowDnsResolution: boolean;
}

export interface Peering extends Tagged {
  readonly peeringId: PeeringId;
  readonly requester: PeeringSide;
  readonly accepter: PeeringSide;
  readonly status: { readonly code: PeeringCode; readonly message: string };
  /** Milliseconds since the epoch (PCX-3). */
  readonly expirationTimeMs: number;
}

/** @returns true for one that is pending or active; an expired request too. */
export function isOpen({ status }: Peering): boolean {
  return status.code === 'active' || status.code === 'pending-acceptance';
}

/** @returns true for a request that nobody has answered in time. @source PCX-3 */
export function isExpired({ status, expirationTimeMs }: Peering, nowMs: number): boolean {
  return status.code === 'pending-acceptance' && nowMs >= expirationTimeMs;
}

/** @returns true when any block of one VPC overlaps one of the other, used or not. @source PCX-2 */
export function haveOverlap(one: Vpc, other: Vpc): boolean {
  const blocks = ({ cidrs, ipv6Cidrs }: Vpc) => [...cidrs, ...ipv6Cidrs];
  return blocks(one).some(({ cidr }) =>
    blocks(other).some((each) => cidrsOverlap(cidr, each.cidr)),
  );
}

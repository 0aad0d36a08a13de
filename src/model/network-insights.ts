/**
 * Paths through a network that somebody wants to know about, and what an analysis found of one: a
 * fact of the time it was made, which later changes of the network do not touch (RCH-1).
 */
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { Ipv6Addr } from '../addr/ipv6.ts';
import type { Traffic } from './filters.ts';
import type { EniId, NetworkInsightsAnalysisId, NetworkInsightsPathId } from './ids.ts';
import type { Tagged } from './tags.ts';

export type PathAddresses =
  | { readonly family: 4; readonly source: Ipv4Addr; readonly destination: Ipv4Addr }
  | { readonly family: 6; readonly source: Ipv6Addr; readonly destination: Ipv6Addr };

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** What the packets at the source are to look like; null: whatever they may. */
export interface PathFilter {
  readonly sourceAddress: string | null;
  readonly destinationAddress: string | null;
  readonly destinationPorts: PortRange | null;
}

export interface NetworkInsightsPath extends Tagged {
  readonly pathId: NetworkInsightsPathId;
  /** Ids of resources. */
  readonly source: string;
  /** null when the destination is an address only. */
  readonly destination: string | null;
  /** Addresses in text. */
  readonly sourceIp: string | null;
  readonly destinationIp: string | null;
  readonly protocol: 'tcp' | 'udp';
  readonly destinationPort: number | null;
  readonly filterAtSource: PathFilter | null;
  /** Milliseconds since the epoch. */
  readonly createTimeMs: number;
}

/** One packet that leaves an interface. */
export interface PathQuestion {
  readonly eniId: EniId;
  readonly addresses: PathAddresses;
  /** IANA's number of TCP or UDP. */
  readonly protocol: number;
  /** The destination port. */
  readonly port: number;
}

/** An object of the network as it was called then. */
export interface PathElement {
  readonly id: string;
  readonly name: string | null;
}

export interface PathHeader {
  /** Addresses in text. */
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
}

export interface PathRoute {
  readonly destination: string;
  readonly target: 'local' | PathElement;
  readonly state: 'active' | 'blackhole';
}

export interface PathAclEntry {
  readonly ruleNumber: number;
  readonly isEgress: boolean;
  readonly action: 'allow' | 'deny';
  readonly traffic: Traffic;
  readonly cidr: string;
}

export interface PathGroupRule {
  readonly groupId: string;
  readonly isEgress: boolean;
  readonly traffic: Traffic;
  readonly peer:
    | { readonly kind: 'cidr'; readonly cidr: string }
    | { readonly kind: 'group'; readonly groupId: string }
    | { readonly kind: 'prefix-list'; readonly prefixListId: string };
}

/** What a packet passed, in its order. What does not apply is absent. */
export interface PathComponent {
  readonly component: PathElement;
  readonly subnet?: PathElement;
  readonly vpcId?: string;
  /** The packet as an interface gives it to the network, or takes it. */
  readonly outbound?: PathHeader;
  readonly inbound?: PathHeader;
  readonly route?: PathRoute;
  readonly aclEntry?: PathAclEntry;
  readonly groupRule?: PathGroupRule;
}

/** Why there is no path. What does not apply is absent. */
export interface PathExplanation {
  /** Of Reachability Analyzer where it has one (RCH-1), else of the dataplane. */
  readonly code: string;
  readonly component?: PathElement;
  readonly direction?: 'ingress' | 'egress';
  readonly networkInterface?: PathElement;
  readonly subnet?: PathElement;
  readonly vpcId?: string;
  readonly groups?: readonly PathElement[];
  readonly acl?: PathElement;
  readonly aclEntry?: PathAclEntry;
  readonly routeTable?: PathElement;
  readonly route?: PathRoute;
  /** Of an instance that does not take packets. */
  readonly state?: string;
  readonly address?: string;
}

export interface PathFinding {
  /** The packet arrives, and an answer comes back. */
  readonly isReachable: boolean;
  /** The interface that got the packet; null: none did, or the router of the subnet answers. */
  readonly reached: EniId | null;
  readonly forward: readonly PathComponent[];
  readonly back: readonly PathComponent[];
  readonly explanations: readonly PathExplanation[];
}

export interface NetworkInsightsAnalysis extends Tagged {
  readonly analysisId: NetworkInsightsAnalysisId;
  readonly pathId: NetworkInsightsPathId;
  /** null: there was nobody to look. */
  readonly finding: PathFinding | null;
  /** Milliseconds since the epoch. */
  readonly startTimeMs: number;
}

/** What filters traffic: security groups, network ACLs, and the prefix lists that they name. */
import type { Cidr } from '../addr/cidr.ts';
import type {
  NetworkAclAssociationId,
  NetworkAclId,
  PeeringId,
  PrefixListId,
  SecurityGroupId,
  SecurityGroupRuleId,
  SubnetId,
  VpcId,
} from './ids.ts';
import type { Tagged } from './tags.ts';

/** Which packets a rule speaks of, apart from their addresses. */
export interface Traffic {
  /** IANA's number, or -1 for every protocol. */
  readonly protocol: number;
  /** TCP and UDP: the first port. ICMP and ICMPv6: the type, -1 for any. Else -1. */
  readonly fromPort: number;
  /** TCP and UDP: the last port. ICMP and ICMPv6: the code, -1 for any. Else -1. */
  readonly toPort: number;
}

/** Whom a security group rule allows to send or to receive (SG-3). */
export type RulePeer =
  | { readonly kind: 'cidr'; readonly cidr: Cidr }
  /** Of the same VPC, and there for as long as the rule is. */
  | { readonly kind: 'group'; readonly groupId: SecurityGroupId }
  | PeeredGroup
  | { readonly kind: 'prefix-list'; readonly prefixListId: PrefixListId };

/** A group of a VPC that was peered when the rule was made; either may be gone since (PCX-4). */
export interface PeeredGroup {
  readonly kind: 'peered-group';
  readonly groupId: SecurityGroupId;
  readonly vpcId: VpcId;
  readonly ownerId: string;
  /** That of then; another one may join the VPCs now. */
  readonly peeringId: PeeringId;
}

export type GroupPeer = Extract<RulePeer, { readonly groupId: SecurityGroupId }>;

export function isGroupPeer(peer: RulePeer): peer is GroupPeer {
  return 'groupId' in peer;
}

/** One allowance; there is no denial (SG-1). */
export interface SecurityGroupRule extends Tagged {
  readonly ruleId: SecurityGroupRuleId;
  readonly isEgress: boolean;
  readonly traffic: Traffic;
  readonly peer: RulePeer;
  readonly description: string | null;
}

export interface SecurityGroup extends Tagged {
  readonly groupId: SecurityGroupId;
  readonly vpcId: VpcId;
  /** `default` is the group that a VPC is made with (SG-2). */
  readonly name: string;
  readonly description: string;
  readonly rules: readonly SecurityGroupRule[];
}

export interface NetworkAclEntry {
  /** 1 to 32766; the final denials are stored too: 32767 for IPv4, 32768 for IPv6 (ACL-1). */
  readonly ruleNumber: number;
  readonly isEgress: boolean;
  readonly action: 'allow' | 'deny';
  readonly traffic: Traffic;
  readonly cidr: Cidr;
}

export interface NetworkAclAssociation {
  readonly associationId: NetworkAclAssociationId;
  readonly subnetId: SubnetId;
}

export interface NetworkAcl extends Tagged {
  readonly networkAclId: NetworkAclId;
  readonly vpcId: VpcId;
  readonly isDefault: boolean;
  /** In ascending order of their numbers, ingress and egress mixed. */
  readonly entries: readonly NetworkAclEntry[];
  /** Every subnet of the VPC is in one list of one ACL (ACL-3). */
  readonly associations: readonly NetworkAclAssociation[];
}

export interface PrefixListEntry {
  readonly cidr: Cidr;
  readonly description: string | null;
}

export interface PrefixList extends Tagged {
  readonly prefixListId: PrefixListId;
  /** An account, or `AWS`, whose lists nobody else changes. */
  readonly ownerId: string;
  readonly name: string;
  readonly family: 4 | 6;
  /** What a reference counts for against a quota of rules or routes. */
  readonly maxEntries: number;
  /** The entries of each version; the last one is in force. The first version is 1. */
  readonly versions: readonly [readonly PrefixListEntry[], ...(readonly PrefixListEntry[])[]];
  /** What its state tells: clients wait for the completion of their own change. */
  readonly lastChange: 'create' | 'modify' | 'restore';
}

/** @returns the entries of the current version. */
export function entriesInForce(list: PrefixList): readonly PrefixListEntry[] {
  return list.versions.at(-1) ?? list.versions[0];
}

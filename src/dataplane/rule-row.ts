/** How a rule of a security group or network ACL is laid out in the one typed array of all rules. */

/** Words of a row: head, selectors, peer, and four of an address (IPv4-mapped for IPv4). */
export const RULE_WORDS = 7;
export const SELECTORS = 1;
export const PEER = 2;
export const ADDRESS = 3;

/** Fields of the head. */
export const PROTOCOL_MASK = 0x1ff;
export const FAMILY_SHIFT = 12;
export const KIND_SHIFT = 20;
const DENY_BIT = 1 << 28;

/** In the protocol field: every protocol. */
export const ANY_PROTOCOL = 0x100;

/** What the peer word is: a prefix length, a group, or a prefix list. */
export const PEER_CIDR = 0;
export const PEER_GROUP = 1;
export const PEER_PREFIX_LIST = 2;

/** A row in words that people can read; `compile/` writes rows, the frame path reads them. */
export interface RuleRow {
  /** IANA's number, or -1 for every protocol. */
  readonly protocol: number;
  /** 4, 6, or 0 for both. */
  readonly family: number;
  readonly deny: boolean;
  /** First and last destination port, or ICMP type and code in two octets. */
  readonly firstSelector: number;
  readonly lastSelector: number;
  /** `PEER_*`. */
  readonly peerKind: number;
  /** Prefix length, index of a group, or index of a prefix list. */
  readonly peer: number;
  /** Of a `PEER_CIDR`: four words. */
  readonly address: readonly number[];
}

export function writeRuleRow(rules: Int32Array, row: number, rule: RuleRow): void {
  const base = row * RULE_WORDS;
  const protocol = rule.protocol === -1 ? ANY_PROTOCOL : rule.protocol;
  rules[base] =
    protocol |
    (rule.family << FAMILY_SHIFT) |
    (rule.peerKind << KIND_SHIFT) |
    (rule.deny ? DENY_BIT : 0);
  rules[base + SELECTORS] = (rule.firstSelector << 16) | rule.lastSelector;
  rules[base + PEER] = rule.peer;
  for (let word = 0; word < 4; word++) rules[base + ADDRESS + word] = rule.address[word] ?? 0;
}

export function isDenyRow(rules: Int32Array, row: number): boolean {
  return ((rules[row * RULE_WORDS] as number) & DENY_BIT) !== 0;
}

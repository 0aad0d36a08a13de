/** How a rule of a security group or network ACL is laid out in the one typed array of all rules. */

/** Words of a row: head, mask, selectors, peer, and four of an address (IPv4-mapped for IPv4). */
export const RULE_WORDS = 8;
/** Which bits of the head a packet must have the same: those of protocol and family. */
export const MASK = 1;
/** First and last destination port, or ICMP type and code in two octets; 16 bits each. */
export const SELECTORS = 2;
export const PEER = 3;
export const ADDRESS = 4;

/** Fields of the head. */
const PROTOCOL_MASK = 0xff;
const FAMILY_SHIFT = 12;
const FAMILY_MASK = 0xf << FAMILY_SHIFT;
const KIND_SHIFT = 20;
const DENY_BIT = 1 << 28;

/** The family of a rule that speaks of no packet at all. */
export const FAMILY_NONE = 0xf;

/** Selectors of a rule that does not mind ports. */
export const ALL_SELECTORS = 0xffff;

/** What the peer word is: a prefix length, a group, or a prefix list. */
export const PEER_CIDR = 0;
export const PEER_GROUP = 1;
export const PEER_PREFIX_LIST = 2;

/**
 * Writes a row.
 * @param protocol IANA's number, or -1 for every protocol. @param family 4, 6, 0 for both, or `FAMILY_NONE`.
 * @param selectors As `SELECTORS`. @param peerKind `PEER_*`.
 * @param peer Prefix length, index of a group, or index of a prefix list.
 * @param address Of a `PEER_CIDR`: four words.
 */
export function writeRuleRow(
  rules: Int32Array,
  row: number,
  protocol: number,
  family: number,
  selectors: number,
  peerKind: number,
  peer: number,
  address: readonly number[],
  deny: boolean,
): void {
  const base = row * RULE_WORDS;
  const isAny = protocol === -1;
  rules[base] = headOf(isAny ? 0 : protocol, family) | (peerKind << KIND_SHIFT);
  if (deny) rules[base] = (rules[base] as number) | DENY_BIT;
  rules[base + MASK] = (isAny ? 0 : PROTOCOL_MASK) | (family === 0 ? 0 : FAMILY_MASK);
  rules[base + SELECTORS] = selectors;
  rules[base + PEER] = peer;
  for (let word = 0; word < 4; word++) rules[base + ADDRESS + word] = address[word] ?? 0;
}

/** @returns what the head of a row for exactly this protocol and family begins with. */
export function headOf(protocol: number, family: number): number {
  return protocol | (family << FAMILY_SHIFT);
}

/** @returns `PEER_*`. */
export function peerKindOf(rules: Int32Array, base: number): number {
  return ((rules[base] as number) >>> KIND_SHIFT) & 0xf;
}

export function isDenyRow(rules: Int32Array, row: number): boolean {
  return ((rules[row * RULE_WORDS] as number) & DENY_BIT) !== 0;
}

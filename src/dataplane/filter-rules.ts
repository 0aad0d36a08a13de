/**
 * Rules of security groups and network ACLs, matched against a packet. Rules: SG-3, RT-6, ACL-1.
 */
import { lookupLpm4, lookupLpm6 } from '../addr/lpm.ts';
import { FRAGMENT_LATER, type ParsedFrame } from './parse.ts';
import { eniByAddress, type Program } from './program.ts';
import {
  ADDRESS,
  headOf,
  MASK,
  PEER,
  PEER_CIDR,
  PEER_GROUP,
  peerKindOf,
  RULE_WORDS,
  SELECTORS,
} from './rule-row.ts';

/** Instead of the interface that a packet comes from: as if middleboxes kept the groups of its source. */
export const ANY_SENDER = -1;

/**
 * @param sender The interface that the packet comes from, or `ANY_SENDER`.
 * @param isEgress The peer is the destination of the packet, else its source.
 * @param first The first row. @param end The row behind the last.
 * @returns the first row that speaks of the packet, or -1.
 */
export function matchRules(
  program: Program,
  frame: ParsedFrame,
  sender: number,
  isEgress: boolean,
  first: number,
  end: number,
): number {
  const { rules } = program.filters;
  const selector = selectorOf(frame);
  const head = headOf(frame.protocol, frame.family);
  for (let row = first; row < end; row++) {
    const base = row * RULE_WORDS;
    if (
      matchesTraffic(rules, base, head, selector) &&
      matchesPeer(program, base, frame, sender, isEgress)
    ) {
      return row;
    }
  }
  return -1;
}

/** @returns true when a row of these opens the port to every address (SG-5). */
export function isOpenToAll(
  rules: Int32Array,
  frame: ParsedFrame,
  port: number,
  first: number,
  end: number,
): boolean {
  const head = headOf(frame.protocol, frame.family);
  for (let row = first; row < end; row++) {
    const base = row * RULE_WORDS;
    const isAnywhere = rules[base + PEER] === 0 && peerKindOf(rules, base) === PEER_CIDR;
    if (isAnywhere && matchesTraffic(rules, base, head, port)) return true;
  }
  return false;
}

/** @returns what the selectors of a row are compared with; -1 matches all: a fragment without ports. */
function selectorOf(frame: ParsedFrame): number {
  if (frame.fragment === FRAGMENT_LATER && frame.sport === 0 && frame.dport === 0) return -1;
  return isIcmp(frame.protocol) ? frame.sport : frame.dport;
}

function isIcmp(protocol: number): boolean {
  return protocol === 1 || protocol === 58;
}

/** @param head Of `headOf`, for the packet. */
function matchesTraffic(rules: Int32Array, base: number, head: number, selector: number): boolean {
  if (((head ^ (rules[base] as number)) & (rules[base + MASK] as number)) !== 0) return false;
  const range = rules[base + SELECTORS] as number;
  return selector === -1 || (selector >= range >>> 16 && selector <= (range & 0xffff));
}

function matchesPeer(
  program: Program,
  base: number,
  frame: ParsedFrame,
  sender: number,
  isEgress: boolean,
): boolean {
  const { rules } = program.filters;
  const peer = rules[base + PEER] as number;
  const w0 = isEgress ? frame.d0 : frame.s0;
  const w1 = isEgress ? frame.d1 : frame.s1;
  const w2 = isEgress ? frame.d2 : frame.s2;
  const w3 = isEgress ? frame.d3 : frame.s3;
  switch (peerKindOf(rules, base)) {
    case PEER_CIDR:
      return frame.family === 4
        ? samePrefix(rules[base + ADDRESS + 3] as number, w3, peer)
        : inPrefix6(rules, base, peer, w0, w1, w2, w3);
    case PEER_GROUP: {
      // Its own VPC, or one that is peered, whose addresses are others (PCX-2, PCX-4).
      const vpc = program.filters.groupVpc[peer] as number;
      const member = eniByAddress(program, vpc, frame.family, w0, w1, w2, w3);
      // A middlebox keeps the address of the packet that it sends on, but not its group (RT-6).
      const isKept = isEgress || member === sender || sender === ANY_SENDER;
      return isKept && holdsGroup(program, member, peer);
    }
    default: {
      const trie = program.filters.prefixLists[peer] as Int32Array;
      return (frame.family === 4 ? lookupLpm4(trie, w3) : lookupLpm6(trie, w0, w1, w2, w3)) !== -1;
    }
  }
}

/** @param length Bits that must be the same, 0..32. */
function samePrefix(one: number, other: number, length: number): boolean {
  return length === 0 || (one ^ other) >>> (32 - length) === 0;
}

function inPrefix6(
  rules: Int32Array,
  base: number,
  length: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): boolean {
  const at = base + ADDRESS;
  return (
    samePrefix(rules[at] as number, w0, Math.min(length, 32)) &&
    samePrefix(rules[at + 1] as number, w1, Math.min(Math.max(length - 32, 0), 32)) &&
    samePrefix(rules[at + 2] as number, w2, Math.min(Math.max(length - 64, 0), 32)) &&
    samePrefix(rules[at + 3] as number, w3, Math.max(length - 96, 0))
  );
}

/** The private addresses of a group's members are meant, whoever they belong to now (SG-3). */
function holdsGroup({ enis }: Program, eni: number, group: number): boolean {
  if (eni === -1) return false;
  const end = enis.groupsFrom[eni + 1] as number;
  for (let at = enis.groupsFrom[eni] as number; at < end; at++) {
    if (enis.groups[at] === group) return true;
  }
  return false;
}

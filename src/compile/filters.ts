/** Compiles security groups, network ACLs and prefix lists: one row a rule (SG-1, SG-3, ACL-1). */
import type { Cidr } from '../addr/cidr.ts';
import { ipv6ToWords } from '../addr/ipv6.ts';
import { buildLpm } from '../addr/lpm.ts';
import {
  FILTER_RANGE_WORDS,
  type FilterTable,
  IPV4_MAPPED_WORD,
  openBit,
} from '../dataplane/program.ts';
import {
  ALL_SELECTORS,
  FAMILY_NONE,
  PEER_CIDR,
  PEER_GROUP,
  PEER_PREFIX_LIST,
  RULE_WORDS,
  writeRuleRow,
} from '../dataplane/rule-row.ts';
import {
  entriesInForce,
  type PeeredGroup,
  type PrefixList,
  type SecurityGroup,
  type SecurityGroupRule,
  type Traffic,
} from '../model/filters.ts';
import type { VpcId } from '../model/ids.ts';
import { peeringBetween } from '../model/lookups/peerings.ts';
import type { Fabric } from '../model/snapshot.ts';
import { Memo } from './memo.ts';
import { type Indexes, indexIn, lpmEntry } from './rows.ts';
import { ingressFirst } from './rule-order.ts';

/** IANA's numbers; `packet/` is no room of this one's. */
const IPPROTO_ICMP = 1;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const IPPROTO_ICMPV6 = 58;

function hasPorts(protocol: number): boolean {
  return protocol === IPPROTO_TCP || protocol === IPPROTO_UDP;
}

function isIcmp(protocol: number): boolean {
  return protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6;
}

/** Compiles filters; the rows of one that has not changed are taken as they are. */
export class FilterCompiler {
  readonly #table = new Memo<FilterTable>();
  /** Rules to their rows, for as long as groups and lists have the same numbers, and peerings the same state. */
  readonly #rowsOfGroup = new Memo<WeakMap<object, Rows>>();
  readonly #rowsOfAcl = new WeakMap<object, Rows>();

  compile(snapshot: Fabric, indexes: Indexes): FilterTable {
    const { securityGroups, networkAcls, prefixLists, peerings } = snapshot;
    return this.#table.get([securityGroups, networkAcls, prefixLists, peerings, indexes.vpcs], () =>
      this.#make(snapshot, indexes),
    );
  }

  #make(snapshot: Fabric, indexes: Indexes): FilterTable {
    const { securityGroups, networkAcls, prefixLists, peerings } = snapshot;
    const known = this.#rowsOfGroup.get(
      [indexes.securityGroups, indexes.prefixLists, peerings],
      () => new WeakMap(),
    );
    const groups = [...securityGroups.values()].map((group) =>
      rowsOf(group.rules, known, openBits, (words, row, rule) => {
        writeGroupRow(words, row, rule, group, snapshot, indexes);
      }),
    );
    const acls = [...networkAcls.values()].map(({ entries }) =>
      rowsOf(entries, this.#rowsOfAcl, noBits, (words, row, { traffic, cidr, action }) => {
        writeCidrRow(words, row, traffic, cidr, action === 'deny');
      }),
    );
    const size = [...groups, ...acls].reduce((sum, { words }) => sum + words.length, 0);
    const rules = new Int32Array(size);
    const groupWords = groups.reduce((sum, { words }) => sum + words.length, 0);
    return {
      groups: placeRows(rules, 0, groups),
      groupVpc: Int32Array.from(securityGroups.values(), ({ vpcId }) =>
        indexIn(indexes.vpcs, vpcId),
      ),
      acls: placeRows(rules, groupWords, acls),
      rules,
      prefixLists: [...prefixLists.values()].map(compilePrefixList),
    };
  }
}

/** The rows of one group or ACL. */
interface Rows {
  readonly words: Int32Array;
  /** How many of the rules are for ingress; they come first. */
  readonly ingress: number;
  readonly open: number;
}

interface Directed {
  readonly isEgress: boolean;
}

function rowsOf<Rule extends Directed>(
  rules: readonly Rule[],
  known: WeakMap<object, Rows>,
  bitsOf: (rules: readonly Rule[]) => number,
  write: (words: Int32Array, row: number, rule: Rule) => void,
): Rows {
  const present = known.get(rules);
  if (present !== undefined) return present;
  const words = new Int32Array(rules.length * RULE_WORDS);
  ingressFirst(rules).forEach((rule, row) => {
    write(words, row, rule);
  });
  const ingress = rules.filter((rule) => !rule.isEgress).length;
  const rows = { words, ingress, open: bitsOf(rules) };
  known.set(rules, rows);
  return rows;
}

/** Puts the rows of groups or ACLs one behind the other. @returns their ranges. */
function placeRows(rules: Int32Array, start: number, filters: readonly Rows[]): Int32Array {
  const ranges = new Int32Array(filters.length * FILTER_RANGE_WORDS);
  let at = start;
  filters.forEach(({ words, ingress, open }, index) => {
    rules.set(words, at);
    const first = at / RULE_WORDS;
    at += words.length;
    ranges.set([first, first + ingress, at / RULE_WORDS, open], index * FILTER_RANGE_WORDS);
  });
  return ranges;
}

function compilePrefixList(list: PrefixList): Int32Array {
  return buildLpm(entriesInForce(list).map(({ cidr }) => lpmEntry(cidr, 0)));
}

function writeGroupRow(
  words: Int32Array,
  row: number,
  { traffic, peer }: SecurityGroupRule,
  { vpcId }: SecurityGroup,
  snapshot: Fabric,
  indexes: Indexes,
): void {
  const { protocol } = traffic;
  const selectors = selectorsOf(traffic);
  switch (peer.kind) {
    case 'cidr':
      writeCidrRow(words, row, traffic, peer.cidr, false);
      return;
    case 'group':
    case 'peered-group': {
      const isStale = peer.kind === 'peered-group' && !isInForce(snapshot, vpcId, peer);
      const family = isStale ? FAMILY_NONE : 0;
      const group = isStale ? -1 : indexIn(indexes.securityGroups, peer.groupId);
      writeRuleRow(words, row, protocol, family, selectors, PEER_GROUP, group, [], false);
      return;
    }
    case 'prefix-list': {
      const list = indexIn(indexes.prefixLists, peer.prefixListId);
      const family = snapshot.prefixLists.get(peer.prefixListId)?.family ?? 0;
      writeRuleRow(words, row, protocol, family, selectors, PEER_PREFIX_LIST, list, [], false);
      return;
    }
    default:
      peer satisfies never;
  }
}

/** A rule speaks of nobody without the peering and the group that it names (PCX-4). */
function isInForce(snapshot: Fabric, vpcId: VpcId, peer: PeeredGroup): boolean {
  const peering = peeringBetween(snapshot, vpcId, peer.vpcId);
  return peering?.status.code === 'active' && snapshot.securityGroups.has(peer.groupId);
}

function writeCidrRow(
  words: Int32Array,
  row: number,
  traffic: Traffic,
  cidr: Cidr,
  deny: boolean,
): void {
  const { family, prefixLength } = cidr;
  const address =
    cidr.family === 4 ? [0, 0, IPV4_MAPPED_WORD, cidr.addr | 0] : ipv6ToWords(cidr.addr);
  const selectors = selectorsOf(traffic);
  const { protocol } = traffic;
  writeRuleRow(words, row, protocol, family, selectors, PEER_CIDR, prefixLength, address, deny);
}

function selectorsOf({ protocol, fromPort, toPort }: Traffic): number {
  if (fromPort === -1) return ALL_SELECTORS;
  if (hasPorts(protocol)) return (fromPort << 16) | toPort;
  if (!isIcmp(protocol)) return ALL_SELECTORS;
  const type = fromPort << 8;
  return toPort === -1 ? (type << 16) | type | 0xff : ((type | toPort) << 16) | type | toPort;
}

/** Nothing is untracked for an ACL: it tracks nothing. */
const noBits = (): number => 0;

/** @returns a bit of `openBit` for each direction and protocol that is open to everybody (SG-5). */
function openBits(rules: readonly SecurityGroupRule[]): number {
  let bits = 0;
  for (const { traffic, peer, isEgress } of rules) {
    if (peer.kind !== 'cidr' || peer.cidr.prefixLength > 0) continue;
    if (selectorsOf(traffic) !== ALL_SELECTORS) continue;
    for (const protocol of [IPPROTO_TCP, IPPROTO_UDP]) {
      const isMeant = traffic.protocol === -1 || traffic.protocol === protocol;
      if (isMeant) bits |= openBit(isEgress, protocol, peer.cidr.family);
    }
  }
  return bits;
}

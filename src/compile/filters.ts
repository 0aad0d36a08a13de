/** Compiles security groups, network ACLs and prefix lists: one row a rule (SG-1, SG-3, ACL-1). */

import type { Cidr } from '../addr/cidr.ts';
import { ipv6ToWords } from '../addr/ipv6.ts';
import { buildLpm } from '../addr/lpm.ts';
import { FILTER_RANGE_WORDS, type FilterTable, IPV4_MAPPED_WORD } from '../dataplane/program.ts';
import {
  PEER_CIDR,
  PEER_GROUP,
  PEER_PREFIX_LIST,
  RULE_WORDS,
  type RuleRow,
  writeRuleRow,
} from '../dataplane/rule-row.ts';
import type { NetworkAclEntry, PrefixList, SecurityGroupRule, Traffic } from '../model/filters.ts';
import type { Snapshot } from '../model/records.ts';
import { Memo } from './memo.ts';
import { type Indexes, indexIn, lpmEntry } from './rows.ts';
import { ingressFirst } from './rule-order.ts';

const PROTOCOLS_WITH_PORTS: ReadonlySet<number> = new Set([6, 17]);
const ICMP_PROTOCOLS: ReadonlySet<number> = new Set([1, 58]);

/** Compiles filters; the rows of one that has not changed are taken as they are. */
export class FilterCompiler {
  readonly #table = new Memo<FilterTable>();
  /** Rules to their rows, for as long as the numbers of groups and prefix lists are the same. */
  readonly #rowsOfGroup = new Memo<WeakMap<object, Rows>>();
  readonly #rowsOfAcl = new WeakMap<object, Rows>();

  compile(snapshot: Snapshot, indexes: Indexes): FilterTable {
    const { securityGroups, networkAcls, prefixLists } = snapshot;
    return this.#table.get([securityGroups, networkAcls, prefixLists], () =>
      this.#make(snapshot, indexes),
    );
  }

  #make(snapshot: Snapshot, indexes: Indexes): FilterTable {
    const { securityGroups, networkAcls, prefixLists } = snapshot;
    const known = this.#rowsOfGroup.get(
      [indexes.securityGroups, indexes.prefixLists],
      () => new WeakMap(),
    );
    const groups = [...securityGroups.values()].map(({ rules }) =>
      rowsOf(rules, known, (rule) => groupRow(rule, snapshot, indexes)),
    );
    const acls = [...networkAcls.values()].map(({ entries }) =>
      rowsOf(entries, this.#rowsOfAcl, aclRow),
    );
    const size = [...groups, ...acls].reduce((sum, { words }) => sum + words.length, 0);
    const rules = new Int32Array(size);
    const groupWords = groups.reduce((sum, { words }) => sum + words.length, 0);
    return {
      groups: placeRows(rules, 0, groups),
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
}

interface Directed {
  readonly isEgress: boolean;
}

function rowsOf<Rule extends Directed>(
  rules: readonly Rule[],
  known: WeakMap<object, Rows>,
  rowOf: (rule: Rule) => RuleRow,
): Rows {
  const present = known.get(rules);
  if (present !== undefined) return present;
  const words = new Int32Array(rules.length * RULE_WORDS);
  ingressFirst(rules).forEach((rule, row) => {
    writeRuleRow(words, row, rowOf(rule));
  });
  const rows = { words, ingress: rules.filter((rule) => !rule.isEgress).length };
  known.set(rules, rows);
  return rows;
}

/** Puts the rows of groups or ACLs one behind the other. @returns their ranges. */
function placeRows(rules: Int32Array, start: number, filters: readonly Rows[]): Int32Array {
  const ranges = new Int32Array(filters.length * FILTER_RANGE_WORDS);
  let at = start;
  filters.forEach(({ words, ingress }, index) => {
    rules.set(words, at);
    const first = at / RULE_WORDS;
    at += words.length;
    ranges.set([first, first + ingress, at / RULE_WORDS], index * FILTER_RANGE_WORDS);
  });
  return ranges;
}

function compilePrefixList({ versions }: PrefixList): Int32Array {
  const entries = versions.at(-1) ?? [];
  return buildLpm(entries.map(({ cidr }) => lpmEntry(cidr, 0)));
}

function groupRow(
  { traffic, peer }: SecurityGroupRule,
  { prefixLists }: Snapshot,
  indexes: Indexes,
): RuleRow {
  switch (peer.kind) {
    case 'cidr':
      return { ...trafficFields(traffic), ...cidrFields(peer.cidr), deny: false };
    case 'group': {
      const group = indexIn(indexes.securityGroups, peer.groupId);
      return { ...trafficFields(traffic), ...peerFields(PEER_GROUP, group, 0), deny: false };
    }
    case 'prefix-list': {
      const list = indexIn(indexes.prefixLists, peer.prefixListId);
      const family = prefixLists.get(peer.prefixListId)?.family ?? 0;
      return {
        ...trafficFields(traffic),
        ...peerFields(PEER_PREFIX_LIST, list, family),
        deny: false,
      };
    }
    default:
      return peer satisfies never;
  }
}

function aclRow({ traffic, cidr, action }: NetworkAclEntry): RuleRow {
  return { ...trafficFields(traffic), ...cidrFields(cidr), deny: action === 'deny' };
}

function trafficFields({
  protocol,
  fromPort,
  toPort,
}: Traffic): Pick<RuleRow, 'protocol' | 'firstSelector' | 'lastSelector'> {
  if (ICMP_PROTOCOLS.has(protocol) && fromPort !== -1) {
    const type = fromPort << 8;
    return toPort === -1
      ? { protocol, firstSelector: type, lastSelector: type | 0xff }
      : { protocol, firstSelector: type | toPort, lastSelector: type | toPort };
  }
  const hasPorts = PROTOCOLS_WITH_PORTS.has(protocol) && fromPort !== -1;
  return hasPorts
    ? { protocol, firstSelector: fromPort, lastSelector: toPort }
    : { protocol, firstSelector: 0, lastSelector: 0xffff };
}

type PeerFields = Pick<RuleRow, 'family' | 'peerKind' | 'peer' | 'address'>;

function peerFields(peerKind: number, peer: number, family: number): PeerFields {
  return { family, peerKind, peer, address: [] };
}

function cidrFields(cidr: Cidr): PeerFields {
  const address =
    cidr.family === 4 ? [0, 0, IPV4_MAPPED_WORD, cidr.addr | 0] : ipv6ToWords(cidr.addr);
  return { family: cidr.family, peerKind: PEER_CIDR, peer: cidr.prefixLength, address };
}

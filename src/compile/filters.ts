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
import { type Indexes, indexIn, lpmEntry } from './rows.ts';
import { ingressFirst } from './rule-order.ts';

const PROTOCOLS_WITH_PORTS: ReadonlySet<number> = new Set([6, 17]);
const ICMP_PROTOCOLS: ReadonlySet<number> = new Set([1, 58]);

export function compileFilters(snapshot: Snapshot, indexes: Indexes): FilterTable {
  const { securityGroups, networkAcls, prefixLists } = snapshot;
  let count = 0;
  for (const group of securityGroups.values()) count += group.rules.length;
  for (const acl of networkAcls.values()) count += acl.entries.length;
  const table: FilterTable = {
    rules: new Int32Array(count * RULE_WORDS),
    groups: new Int32Array(securityGroups.size * FILTER_RANGE_WORDS),
    acls: new Int32Array(networkAcls.size * FILTER_RANGE_WORDS),
    prefixLists: [...prefixLists.values()].map(compilePrefixList),
  };
  let row = 0;
  let at = 0;
  for (const { rules } of securityGroups.values()) {
    const rows = ingressFirst(rules).map((rule) => groupRow(rule, snapshot, indexes));
    row = writeRows(table.rules, row, rows, table.groups, at++, countIngress(rules));
  }
  at = 0;
  for (const { entries } of networkAcls.values()) {
    const rows = ingressFirst(entries).map(aclRow);
    row = writeRows(table.rules, row, rows, table.acls, at++, countIngress(entries));
  }
  return table;
}

/** Writes the rows of one filter and its range. @returns the row behind them. */
function writeRows(
  rules: Int32Array,
  first: number,
  rows: readonly RuleRow[],
  ranges: Int32Array,
  index: number,
  ingress: number,
): number {
  rows.forEach((row, place) => {
    writeRuleRow(rules, first + place, row);
  });
  const end = first + rows.length;
  ranges.set([first, first + ingress, end], index * FILTER_RANGE_WORDS);
  return end;
}

function countIngress(rules: readonly { readonly isEgress: boolean }[]): number {
  return rules.filter((rule) => !rule.isEgress).length;
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

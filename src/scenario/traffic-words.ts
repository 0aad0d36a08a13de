/**
 * Traffic in words, both ways: `tcp 80`, `udp 1024-65535`, `icmp echo-request`, `ospf`, `all`.
 * Read by the rules of lab files (`file/filter-rules.ts`) and written in the reasons of plans.
 */
import { anyTraffic, hasIcmpTypes, hasPorts } from '../actions/filters/traffic.ts';
import type { Traffic } from '../model/filters.ts';

const ALL_PROTOCOLS = -1;
export const ALL_TRAFFIC: Traffic = anyTraffic(ALL_PROTOCOLS);

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;
export const LAST_PORT = 65_535;

/** IANA's numbers of the protocols that have a word of their own. */
const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: ICMP,
  igmp: 2,
  ipip: 4,
  tcp: TCP,
  udp: UDP,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: ICMPV6,
  eigrp: 88,
  ospf: 89,
  pim: 103,
  vrrp: 112,
  l2tp: 115,
  sctp: 132,
};

/** A type, and a code or -1 for any. */
type IcmpKind = readonly [type: number, code: number];

const ICMP_KINDS: Readonly<Record<string, IcmpKind>> = {
  'echo-reply': [0, -1],
  'destination-unreachable': [3, -1],
  'network-unreachable': [3, 0],
  'host-unreachable': [3, 1],
  'protocol-unreachable': [3, 2],
  'port-unreachable': [3, 3],
  'fragmentation-needed': [3, 4],
  redirect: [5, -1],
  'echo-request': [8, -1],
  'time-exceeded': [11, -1],
  'parameter-problem': [12, -1],
  'timestamp-request': [13, -1],
  'timestamp-reply': [14, -1],
};

const ICMPV6_KINDS: Readonly<Record<string, IcmpKind>> = {
  'destination-unreachable': [1, -1],
  'port-unreachable': [1, 4],
  'packet-too-big': [2, -1],
  'time-exceeded': [3, -1],
  'parameter-problem': [4, -1],
  'echo-request': [128, -1],
  'echo-reply': [129, -1],
};

export const PROTOCOL_WORDS: readonly string[] = Object.keys(PROTOCOLS);

/** @returns IANA's number of a protocol with a word of its own, or null. */
export function protocolNumber(word: string): number | null {
  return Object.hasOwn(PROTOCOLS, word) ? (PROTOCOLS[word] ?? null) : null;
}

/** @returns the one family that carries the protocol, or null for both. */
export function familyOf(protocol: number): 4 | 6 | null {
  if (protocol === ICMP) return 4;
  return protocol === ICMPV6 ? 6 : null;
}

/** @param protocol ICMP or ICMPv6. */
export function icmpKinds(protocol: number): Readonly<Record<string, IcmpKind>> {
  return protocol === ICMP ? ICMP_KINDS : ICMPV6_KINDS;
}

/** @returns all traffic of a protocol, in the form of the model. */
export function allOfProtocol(protocol: number): Traffic {
  return hasPorts(protocol) ? { protocol, fromPort: 0, toPort: LAST_PORT } : anyTraffic(protocol);
}

/** @returns the words that a lab file has for it. */
export function formatTraffic({ protocol, fromPort, toPort }: Traffic): string {
  if (protocol === ALL_PROTOCOLS) return 'all';
  const word = wordOf(protocol);
  if (word === undefined) return `protocol ${protocol}`;
  if (hasIcmpTypes(protocol))
    return fromPort === -1 ? word : `${word} ${formatKind(protocol, fromPort, toPort)}`;
  if (!hasPorts(protocol) || (fromPort === 0 && toPort === LAST_PORT)) return word;
  return `${word} ${fromPort === toPort ? fromPort : `${fromPort}-${toPort}`}`;
}

function formatKind(protocol: number, type: number, code: number): string {
  const known = Object.entries(icmpKinds(protocol)).find(
    ([, kind]) => kind[0] === type && kind[1] === code,
  );
  return known?.[0] ?? (code === -1 ? `${type}` : `${type}/${code}`);
}

function wordOf(protocol: number): string | undefined {
  return PROTOCOL_WORDS.find((each) => PROTOCOLS[each] === protocol);
}

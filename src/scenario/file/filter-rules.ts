/**
 * The grammar of filter rules, one sentence each:
 *
 *     rule     = traffic direction peer                     tcp 80, 443 from anywhere
 *     entry    = ( "allow" | "deny" ) traffic direction block     deny all from 10.0.0.0/8
 *     traffic  = "all" | ( "tcp" | "udp" ) [ ports ] | ( "icmp" | "icmpv6" ) [ kind ]
 *              | "protocol" NUMBER | WORD                   gre, esp, ospf, vrrp …
 *     ports    = range { "," range }                        of an entry: one range
 *     range    = PORT [ "-" PORT ]
 *     kind     = WORD | TYPE [ "/" CODE ]                   echo-request, 3/4
 *     direction = "from" (ingress) | "to" (egress)
 *     peer     = block | "itself" | "group" NAME | "prefix list" NAME
 *     block    = "anywhere" | CIDR
 */
import { hasIcmpTypes, hasPorts } from '../../actions/filters/traffic.ts';
import { type Cidr, parseCidr } from '../../addr/cidr.ts';
import { parseIpv4 } from '../../addr/ipv4.ts';
import { parseIpv6 } from '../../addr/ipv6.ts';
import type { Traffic } from '../../model/filters.ts';
import {
  ALL_TRAFFIC,
  allOfProtocol,
  familyOf,
  icmpKinds,
  LAST_PORT,
  PROTOCOL_WORDS,
  protocolNumber,
} from '../traffic-words.ts';
import { nearest } from './problems.ts';

export type RuleDirection = 'ingress' | 'egress';

/** A name, and where in the sentence it stands. */
export interface PlacedName {
  readonly name: string;
  readonly at: number;
}

export type SentencePeer =
  | { readonly kind: 'anywhere' }
  | { readonly kind: 'itself' }
  | { readonly kind: 'cidr'; readonly cidr: Cidr }
  | ({ readonly kind: 'group' } & PlacedName)
  | ({ readonly kind: 'prefix-list' } & PlacedName);

export interface RuleSentence {
  /** One for each range of ports. */
  readonly traffic: readonly [Traffic, ...Traffic[]];
  readonly peer: SentencePeer;
}

export interface EntrySentence {
  readonly action: 'allow' | 'deny';
  readonly traffic: Traffic;
  readonly peer: Extract<SentencePeer, { kind: 'anywhere' | 'cidr' }>;
}

/** A sentence that is none; the message is `found …, wanted …`. */
export class SentenceError extends Error {
  override readonly name = 'SentenceError';
  /** Where in the sentence it is wrong, counted from 0. */
  readonly at: number;

  constructor(at: number, found: string, wanted: string) {
    super(`found ${found}, wanted ${wanted}`);
    this.at = at;
  }
}

/** @throws SentenceError */
export function parseRule(text: string, direction: RuleDirection): RuleSentence {
  const words = new Words(text);
  const traffic = readTraffic(words, direction);
  readDirection(words, direction);
  const peer = readPeer(words);
  words.end();
  checkFamily(traffic[0], peer, words);
  return { traffic, peer };
}

/** @throws SentenceError */
export function parseEntry(text: string, direction: RuleDirection): EntrySentence {
  const words = new Words(text);
  const action = words.take('"allow" or "deny"', (word) =>
    word === 'allow' || word === 'deny' ? word : null,
  );
  const [traffic, second] = readTraffic(words, direction);
  if (second !== undefined) {
    throw words.wrong('several ranges of ports', 'one, as an entry has one number');
  }
  readDirection(words, direction);
  const peer = readBlock(words, 'anywhere, or a block such as 10.0.0.0/8');
  words.end();
  checkFamily(traffic, peer, words);
  return { action, traffic, peer };
}

/** Hands out the words of a sentence; a comma is a word of its own. */
class Words {
  readonly #words: readonly PlacedName[];
  readonly #length: number;
  #index = 0;

  constructor(text: string) {
    this.#words = Array.from(text.matchAll(/[^\s,]+|,/g), ({ 0: name, index: at }) => ({
      name,
      at,
    }));
    this.#length = text.trimEnd().length;
  }

  /** @returns the word if it is the next one, which is then over. */
  skip(word: string): boolean {
    if (this.#words[this.#index]?.name !== word) return false;
    this.#index += 1;
    return true;
  }

  /** @param read Gives null for a word that does not fit. */
  take<T>(wanted: string, read: (word: string, at: number) => T | null): T {
    const next = this.#words[this.#index];
    const value = next === undefined ? null : read(next.name, next.at);
    if (next === undefined || value === null) {
      const found = next === undefined ? 'the end of the rule' : `"${next.name}"`;
      throw new SentenceError(next?.at ?? this.#length, found, wanted);
    }
    this.#index += 1;
    return value;
  }

  /** @returns the next word, which stays the next. */
  get next(): string | undefined {
    return this.#words[this.#index]?.name;
  }

  end(): void {
    const rest = this.#words[this.#index];
    if (rest !== undefined)
      throw new SentenceError(rest.at, `"${rest.name}"`, 'the end of the rule');
  }

  /** Blames the word that was taken last. */
  wrong(found: string, wanted: string): SentenceError {
    return new SentenceError(this.#words[this.#index - 1]?.at ?? 0, found, wanted);
  }
}

const PROTOCOL_WANTED = 'all, a protocol such as tcp, icmp or ospf, or protocol NUMBER';

function readTraffic(words: Words, direction: RuleDirection): RuleSentence['traffic'] {
  const isOver = () => words.next === DIRECTION_WORDS[direction];
  const protocol = words.take(PROTOCOL_WANTED, (word, at) => {
    if (word === 'all' || word === 'protocol') return word;
    return protocolNumber(word) ?? rejectNear(word, at, ['all', 'protocol', ...PROTOCOL_WORDS]);
  });
  if (protocol === 'all') return [ALL_TRAFFIC];
  if (protocol === 'protocol') {
    return [allOfProtocol(words.take('a protocol number of 0 to 255', numberUpTo(255)))];
  }
  if (isOver()) return [allOfProtocol(protocol)];
  if (hasIcmpTypes(protocol)) return [readIcmp(words, protocol)];
  if (!hasPorts(protocol)) return [allOfProtocol(protocol)];
  const traffic: [Traffic, ...Traffic[]] = [readPorts(words, protocol)];
  while (words.skip(',')) traffic.push(readPorts(words, protocol));
  return traffic;
}

/** @returns null, so that the caller says what was wanted. @throws SentenceError when a word looks misspelt. */
function rejectNear(word: string, at: number, candidates: readonly string[]): null {
  const near = nearest(word, candidates);
  if (near !== null) throw new SentenceError(at, `"${word}"`, `"${near}"`);
  return null;
}

function numberUpTo(most: number): (word: string) => number | null {
  return (word) => (/^\d+$/.test(word) && Number(word) <= most ? Number(word) : null);
}

function readPorts(words: Words, protocol: number): Traffic {
  return words.take('a port, or a range such as 1024-65535', (word) => {
    const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? [];
    const [fromPort, toPort] = [Number(first), Number(last)];
    if (first === '' || toPort > LAST_PORT || fromPort > toPort) return null;
    return { protocol, fromPort, toPort };
  });
}

const LAST_ICMP_NUMBER = 255;
const ICMP_WANTED = 'a type such as echo-request, or numbers such as 8 or 3/4';

function readIcmp(words: Words, protocol: number): Traffic {
  const kinds = icmpKinds(protocol);
  return words.take(ICMP_WANTED, (word, at) => {
    const [, type = '', code] = /^(\d+)(?:\/(\d+))?$/.exec(word) ?? [];
    const numbers = [Number(type), code === undefined ? -1 : Number(code)] as const;
    const named = Object.hasOwn(kinds, word) ? kinds[word] : undefined;
    const kind = type === '' ? named : numbers;
    if (kind === undefined) return rejectNear(word, at, Object.keys(kinds));
    if (kind.some((number) => number > LAST_ICMP_NUMBER)) return null;
    return { protocol, fromPort: kind[0], toPort: kind[1] };
  });
}

const DIRECTION_WORDS = { ingress: 'from', egress: 'to' } as const;

function readDirection(words: Words, direction: RuleDirection): void {
  const wanted = DIRECTION_WORDS[direction];
  words.take(`"${wanted}" in a rule of ${direction}`, (word) => (word === wanted ? word : null));
}

const PEER_WANTED = 'anywhere, a block such as 10.0.0.0/8, itself, group NAME or prefix list NAME';

function readPeer(words: Words): SentencePeer {
  if (words.skip('itself')) return { kind: 'itself' };
  if (words.skip('group')) return { kind: 'group', ...readName(words, 'the name of a group') };
  if (words.skip('prefix')) {
    words.take('"list"', (word) => (word === 'list' ? word : null));
    return { kind: 'prefix-list', ...readName(words, 'the name of a prefix list') };
  }
  return readBlock(words, PEER_WANTED);
}

function readName(words: Words, wanted: string): PlacedName {
  return words.take(wanted, (name, at) => (name === ',' ? null : { name, at }));
}

function readBlock(words: Words, wanted: string): EntrySentence['peer'] {
  return words.take(wanted, (word, at) => {
    if (word === 'anywhere') return { kind: 'anywhere' };
    const cidr = parseCidr(word);
    if (cidr !== null) return { kind: 'cidr', cidr };
    if (parseIpv4(word) !== null) throw new SentenceError(at, `"${word}"`, `"${word}/32"`);
    if (parseIpv6(word) !== null) throw new SentenceError(at, `"${word}"`, `"${word}/128"`);
    return null;
  });
}

function checkFamily({ protocol }: Traffic, peer: SentencePeer, words: Words): void {
  const family = familyOf(protocol);
  if (peer.kind !== 'cidr' || family === null || family === peer.cidr.family) return;
  const [here, there] = family === 4 ? ['icmp', 'icmpv6'] : ['icmpv6', 'icmp'];
  throw words.wrong(
    `an IPv${peer.cidr.family} block beside ${here}`,
    `an IPv${family} block, or ${there}`,
  );
}

/** The sentences of filter rules: what they mean, and what is said of those that mean nothing. */
import t from 'tap';
import { formatCidr } from '../../src/addr/cidr.ts';
import type { Traffic } from '../../src/model/filters.ts';
import {
  parseEntry,
  parseRule,
  type RuleDirection,
  SentenceError,
} from '../../src/scenario/file/filter-rules.ts';
import { formatTraffic } from '../../src/scenario/traffic-words.ts';

function traffic(protocol: number, fromPort = -1, toPort = fromPort): Traffic {
  return { protocol, fromPort, toPort };
}

/** @returns the peer in one text. */
function peerOf(text: string, direction: RuleDirection): string {
  const { peer } = parseRule(text, direction);
  if (peer.kind === 'cidr') return formatCidr(peer.cidr);
  return 'name' in peer ? `${peer.kind} ${peer.name}` : peer.kind;
}

const TRAFFIC: readonly [words: string, ...traffic: Traffic[]][] = [
  ['all', traffic(-1)],
  ['tcp', traffic(6, 0, 65_535)],
  ['tcp 0-65535', traffic(6, 0, 65_535)],
  ['tcp 80', traffic(6, 80)],
  ['tcp 80, 443', traffic(6, 80), traffic(6, 443)],
  ['tcp 80,443,8000-8080', traffic(6, 80), traffic(6, 443), traffic(6, 8000, 8080)],
  ['udp 1024-65535', traffic(17, 1024, 65_535)],
  ['icmp', traffic(1)],
  ['icmp echo-request', traffic(1, 8, -1)],
  ['icmp 8', traffic(1, 8, -1)],
  ['icmp 3/4', traffic(1, 3, 4)],
  ['icmp fragmentation-needed', traffic(1, 3, 4)],
  ['icmpv6 echo-request', traffic(58, 128, -1)],
  ['icmpv6 packet-too-big', traffic(58, 2, -1)],
  ['protocol 89', traffic(89)],
  ['protocol 6', traffic(6, 0, 65_535)],
  ['protocol 200', traffic(200)],
  ['gre', traffic(47)],
  ['vrrp', traffic(112)],
  ['igmp', traffic(2)],
];

t.test('parseRule reads traffic in words and in numbers', (t) => {
  for (const [words, ...wanted] of TRAFFIC) {
    t.strictSame(parseRule(`${words} from itself`, 'ingress').traffic, wanted, words);
  }
  t.end();
});

t.test('formatTraffic writes words that parseRule reads as the same traffic', (t) => {
  const texts = new Set<string>();
  for (const each of TRAFFIC.flatMap(([, ...list]) => list)) {
    const text = formatTraffic(each);
    texts.add(text);
    t.strictSame(parseRule(`${text} to itself`, 'egress').traffic, [each], text);
  }
  for (const text of [
    'all',
    'tcp',
    'icmp echo-request',
    'icmp fragmentation-needed',
    'ospf',
    'protocol 200',
  ])
    t.ok(texts.has(text), text);
  t.end();
});

t.test('parseRule reads every kind of peer', (t) => {
  const peers: [sentence: string, direction: RuleDirection, peer: string][] = [
    ['tcp 80 from anywhere', 'ingress', 'anywhere'],
    ['tcp 80 from 10.0.0.7/8', 'ingress', '10.0.0.0/8'],
    ['all to 2001:db8::/32', 'egress', '2001:db8::/32'],
    ['all from itself', 'ingress', 'itself'],
    ['all from group web-1', 'ingress', 'group web-1'],
    ['  udp   53 , 5353   to  prefix  list  partners ', 'egress', 'prefix-list partners'],
  ];
  for (const [sentence, direction, peer] of peers) t.equal(peerOf(sentence, direction), peer);
  t.end();
});

t.test('parseEntry reads allow and deny', (t) => {
  const { action, traffic: found, peer } = parseEntry('deny udp 53 to 10.0.0.0/8', 'egress');
  t.equal(action, 'deny');
  t.strictSame(found, traffic(17, 53));
  t.equal(peer.kind === 'cidr' && formatCidr(peer.cidr), '10.0.0.0/8');
  t.equal(parseEntry('allow all from anywhere', 'ingress').peer.kind, 'anywhere');
  t.end();
});

/** The place of the fault, and what is said. */
function fault(
  parse: typeof parseRule | typeof parseEntry,
  text: string,
  direction: RuleDirection,
) {
  try {
    parse(text, direction);
    return 'none';
  } catch (error) {
    if (!(error instanceof SentenceError)) throw error;
    return `${error.at}: ${error.message}`;
  }
}

const WRONG_RULES: readonly [string, RuleDirection, string][] = [
  ['', 'ingress', '0: found the end of the rule, wanted all, a protocol such as tcp'],
  ['tpc 80 from anywhere', 'ingress', '0: found "tpc", wanted "tcp"'],
  [
    'allow tcp 80 from anywhere',
    'ingress',
    '0: found "allow", wanted all, a protocol such as tcp, icmp or ospf, or protocol NUMBER',
  ],
  ['tcp 80', 'ingress', '6: found the end of the rule, wanted "from" in a rule of ingress'],
  ['tcp 80 to anywhere', 'ingress', '7: found "to", wanted "from" in a rule of ingress'],
  ['tcp 80 from anywhere', 'egress', '7: found "from", wanted "to" in a rule of egress'],
  [
    'tcp 80-70 from anywhere',
    'ingress',
    '4: found "80-70", wanted a port, or a range such as 1024-65535',
  ],
  [
    'tcp 65536 from itself',
    'ingress',
    '4: found "65536", wanted a port, or a range such as 1024-65535',
  ],
  [
    'tcp 80, from itself',
    'ingress',
    '8: found "from", wanted a port, or a range such as 1024-65535',
  ],
  ['all 80 from itself', 'ingress', '4: found "80", wanted "from" in a rule of ingress'],
  ['gre 1 from itself', 'ingress', '4: found "1", wanted "from" in a rule of ingress'],
  ['icmp echo-requets from itself', 'ingress', '5: found "echo-requets", wanted "echo-request"'],
  [
    'icmp 3/256 from itself',
    'ingress',
    '5: found "3/256", wanted a type such as echo-request, or numbers such as 8 or 3/4',
  ],
  ['protocol 256 from itself', 'ingress', '9: found "256", wanted a protocol number of 0 to 255'],
  ['all from 10.0.0.1', 'ingress', '9: found "10.0.0.1", wanted "10.0.0.1/32"'],
  ['all from 2001:db8::1', 'ingress', '9: found "2001:db8::1", wanted "2001:db8::1/128"'],
  [
    'all from everywhere',
    'ingress',
    '9: found "everywhere", wanted anywhere, a block such as 10.0.0.0/8, itself',
  ],
  ['all from group', 'ingress', '14: found the end of the rule, wanted the name of a group'],
  ['all from prefix partners', 'ingress', '16: found "partners", wanted "list"'],
  ['all from itself please', 'ingress', '16: found "please", wanted the end of the rule'],
  [
    'icmp from 2001:db8::/32',
    'ingress',
    '10: found an IPv6 block beside icmp, wanted an IPv4 block, or icmpv6',
  ],
  [
    'icmpv6 from 10.0.0.0/8',
    'ingress',
    '12: found an IPv4 block beside icmpv6, wanted an IPv6 block, or icmp',
  ],
];

t.test('parseRule says what is wrong and where', (t) => {
  for (const [text, direction, wanted] of WRONG_RULES) {
    t.match(fault(parseRule, text, direction), wanted, text);
  }
  t.end();
});

t.test('[ACL-1] parseEntry refuses what has no place in a numbered entry', (t) => {
  const wrong: [string, string][] = [
    ['tcp 80 from anywhere', '0: found "tcp", wanted "allow" or "deny"'],
    [
      'allow tcp 80, 443 from anywhere',
      '14: found several ranges of ports, wanted one, as an entry has one number',
    ],
    [
      'allow all from group web',
      '15: found "group", wanted anywhere, or a block such as 10.0.0.0/8',
    ],
    ['allow all from itself', '15: found "itself", wanted anywhere, or a block such as 10.0.0.0/8'],
  ];
  for (const [text, wanted] of wrong) t.match(fault(parseEntry, text, 'ingress'), wanted, text);
  t.end();
});

/** The fields of the golden vectors, as tshark shows them in the heads of the files. */
import { parseIpv4 } from '../../src/addr/ipv4.ts';
import { parseIpv6 } from '../../src/addr/ipv6.ts';
import { parseMac } from '../../src/addr/mac.ts';
import { ARP_REPLY, ARP_REQUEST } from '../../src/packet/arp.ts';
import { TCP_ACK, TCP_PSH, TCP_SYN } from '../../src/packet/tcp.ts';

const mac = (text: string) => parseMac(text);
const ip4 = (text: string) => parseIpv4(text);
const ip6 = (text: string) => parseIpv6(text);

type GoldenRow = readonly [
  vector: string,
  layer: 'ethernet' | 'arp' | 'ip' | 'upper',
  fields: object,
];

export const GOLDEN_FIELDS: readonly GoldenRow[] = [
  ['arp-request', 'ethernet', { destination: mac('ff:ff:ff:ff:ff:ff'), etherType: 0x0806 }],
  [
    'arp-request',
    'arp',
    {
      operation: ARP_REQUEST,
      senderMac: mac('02:ab:cd:00:00:0a'),
      senderAddr: ip4('10.0.1.10'),
      targetMac: 0,
      targetAddr: ip4('10.0.1.11'),
    },
  ],
  ['arp-reply', 'arp', { operation: ARP_REPLY, targetMac: mac('02:ab:cd:00:00:0a') }],
  ['arp-probe-dhcpcd', 'arp', { senderAddr: 0, targetAddr: ip4('10.0.1.11') }],
  ['ipv4-fragment-last', 'ip', { fragmentOffset: 2960, moreFragments: false, ttl: 64 }],
  ['icmp-echo-request', 'ip', { dontFragment: true, protocol: 1, payloadSize: 64 }],
  ['icmp-echo-request', 'upper', { kind: 'echo-request', identifier: 0x2aba, sequence: 1 }],
  ['icmp-echo-reply', 'upper', { kind: 'echo-reply', identifier: 0x2aba, sequence: 1 }],
  ['icmp-time-exceeded', 'upper', { kind: 'time-exceeded', code: 0 }],
  ['icmp-fragmentation-needed', 'upper', { kind: 'unreachable', code: 4, nextHopMtu: 1300 }],
  ['icmp-port-unreachable', 'upper', { kind: 'unreachable', code: 3, nextHopMtu: 0 }],
  ['udp', 'upper', { sourcePort: 54582, destinationPort: 9999, payload: Buffer.from('vpclab') }],
  ['udp6', 'ip', { source: ip6('2001:db8:1::a'), nextHeader: 17, payloadSize: 14 }],
  ['udp6', 'upper', { sourcePort: 37675, payload: Buffer.from('vpclab') }],
  ['tcp-syn', 'upper', { sourcePort: 44766, destinationPort: 80, flags: TCP_SYN, window: 64240 }],
  [
    'tcp-payload',
    'upper',
    { flags: TCP_PSH | TCP_ACK, payload: Buffer.from('GET / HTTP/1.0\r\n\r\n') },
  ],
  ['tcp6-syn', 'upper', { sourcePort: 36102, acknowledgement: 0, window: 64800 }],
  ['icmpv6-echo-request', 'upper', { kind: 'echo-request', identifier: 0x2abc, sequence: 1 }],
  ['icmpv6-echo-reply', 'upper', { kind: 'echo-reply', identifier: 0x2abc }],
  ['icmpv6-time-exceeded', 'upper', { kind: 'time-exceeded', code: 0, parameter: 0 }],
  ['icmpv6-packet-too-big', 'upper', { kind: 'packet-too-big', parameter: 1300 }],
  ['icmpv6-port-unreachable', 'upper', { kind: 'unreachable', code: 4 }],
  ['ndp-neighbor-solicitation-dad', 'ip', { source: 0n, hopLimit: 255 }],
  [
    'ndp-neighbor-solicitation',
    'upper',
    {
      kind: 'neighbor-solicitation',
      target: ip6('2001:db8:1::b'),
      sourceLinkMac: mac('02:ab:cd:00:00:0a'),
    },
  ],
  [
    'ndp-neighbor-advertisement',
    'upper',
    {
      kind: 'neighbor-advertisement',
      router: true,
      solicited: true,
      override: true,
      target: ip6('2001:db8:1::b'),
      targetLinkMac: mac('02:ab:cd:00:00:0b'),
    },
  ],
  ['ndp-router-solicitation', 'upper', { sourceLinkMac: mac('02:ab:cd:00:00:0a') }],
  [
    'ndp-router-advertisement',
    'upper',
    {
      kind: 'router-advertisement',
      hopLimit: 64,
      managed: true,
      otherConfiguration: true,
      lifetimeSeconds: 1800,
      reachableMs: 30000,
      retransmitMs: 1000,
      sourceLinkMac: mac('02:04:7a:86:55:c1'),
      mtu: 9001,
      prefixes: [
        {
          prefix: ip6('2001:db8:1::'),
          prefixLength: 64,
          onLink: true,
          autonomous: false,
          validSeconds: 140,
          preferredSeconds: 70,
        },
      ],
    },
  ],
];

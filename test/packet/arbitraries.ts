/** Arbitrary legal records of every codec, for fast-check. */
import fc from 'fast-check';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import type { Ipv6Addr } from '../../src/addr/ipv6.ts';
import type { MacAddr } from '../../src/addr/mac.ts';
import { ARP_REPLY, ARP_REQUEST, type ArpRepr } from '../../src/packet/arp.ts';
import { BOOTREPLY, BOOTREQUEST, type Dhcpv4Repr } from '../../src/packet/dhcpv4.ts';
import type { EthernetRepr } from '../../src/packet/ethernet.ts';
import type { IcmpRepr } from '../../src/packet/icmp.ts';
import type { Icmpv6Repr } from '../../src/packet/icmpv6.ts';
import type { Ipv4Repr } from '../../src/packet/ipv4.ts';
import type { Ipv6Repr } from '../../src/packet/ipv6.ts';
import type { NdpRepr } from '../../src/packet/ndp.ts';
import type { TcpRepr } from '../../src/packet/tcp.ts';
import type { UdpRepr } from '../../src/packet/udp.ts';
import type { VnetHeaderRepr } from '../../src/packet/vnet-header.ts';

export const LINK_LOCAL = 0xfe80_0000_0000_0000_00ab_cdff_fe00_000an as Ipv6Addr;
export const GLOBAL = 0x2001_0db8_0001_0000_0000_0000_0000_000bn as Ipv6Addr;

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
export const ipv4Addr = u32.map((word) => word as Ipv4Addr);
export const ipv6Addr = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((n) => n as Ipv6Addr);
export const macAddr = fc.integer({ min: 0, max: 0xffffffffffff }).map((n) => n as MacAddr);
const payload = fc.uint8Array({ maxLength: 200 });
/** Whole words. */
const words = fc
  .integer({ min: 0, max: 10 })
  .chain((count) => fc.uint8Array({ minLength: count * 4, maxLength: count * 4 }));

export const ethernet: fc.Arbitrary<EthernetRepr> = fc.record({
  destination: macAddr,
  source: macAddr,
  etherType: u16,
});

export const arp: fc.Arbitrary<ArpRepr> = fc.record({
  operation: fc.constantFrom(ARP_REQUEST, ARP_REPLY),
  senderMac: macAddr,
  senderAddr: ipv4Addr,
  targetMac: macAddr,
  targetAddr: ipv4Addr,
});

export const ipv4: fc.Arbitrary<Ipv4Repr> = fc.record({
  dscpEcn: u8,
  identification: u16,
  dontFragment: fc.boolean(),
  moreFragments: fc.boolean(),
  fragmentOffset: fc.integer({ min: 0, max: 0x1fff }).map((units) => units * 8),
  ttl: u8,
  protocol: u8,
  source: ipv4Addr,
  destination: ipv4Addr,
  options: words,
  payloadSize: fc.integer({ min: 0, max: 65_475 }),
});

export const ipv6: fc.Arbitrary<Ipv6Repr> = fc.record({
  trafficClass: u8,
  flowLabel: fc.integer({ min: 0, max: 0xfffff }),
  payloadSize: u16,
  nextHeader: u8,
  hopLimit: u8,
  source: ipv6Addr,
  destination: ipv6Addr,
});

export const udp: fc.Arbitrary<UdpRepr> = fc.record({
  sourcePort: u16,
  destinationPort: u16,
  payload,
});

export const tcp: fc.Arbitrary<TcpRepr> = fc.record({
  sourcePort: u16,
  destinationPort: u16,
  sequence: u32,
  acknowledgement: u32,
  flags: u8,
  window: u16,
  urgentPointer: u16,
  options: words,
  payload,
});

const echo = fc.record({
  kind: fc.constantFrom('echo-request' as const, 'echo-reply' as const),
  identifier: u16,
  sequence: u16,
  payload,
});

export const icmp: fc.Arbitrary<IcmpRepr> = fc.oneof(
  echo,
  fc.record({
    kind: fc.constant('unreachable' as const),
    code: fc.constant(4),
    nextHopMtu: u16,
    pointer: fc.constant(0),
    quote: payload,
  }),
  fc.record({
    kind: fc.constantFrom('unreachable' as const, 'time-exceeded' as const),
    code: fc.integer({ min: 0, max: 3 }),
    nextHopMtu: fc.constant(0),
    pointer: fc.constant(0),
    quote: payload,
  }),
  fc.record({
    kind: fc.constant('parameter-problem' as const),
    code: u8,
    nextHopMtu: fc.constant(0),
    pointer: u8,
    quote: payload,
  }),
);

const linkMac = fc.option(macAddr);

const ndp: fc.Arbitrary<NdpRepr> = fc.oneof(
  fc.record({ kind: fc.constant('router-solicitation' as const), sourceLinkMac: linkMac }),
  fc.record({
    kind: fc.constant('neighbor-solicitation' as const),
    target: ipv6Addr,
    sourceLinkMac: linkMac,
  }),
  fc.record({
    kind: fc.constant('neighbor-advertisement' as const),
    router: fc.boolean(),
    solicited: fc.boolean(),
    override: fc.boolean(),
    target: ipv6Addr,
    targetLinkMac: linkMac,
  }),
  fc.record({
    kind: fc.constant('router-advertisement' as const),
    hopLimit: u8,
    managed: fc.boolean(),
    otherConfiguration: fc.boolean(),
    lifetimeSeconds: u16,
    reachableMs: u32,
    retransmitMs: u32,
    sourceLinkMac: linkMac,
    mtu: fc.option(u32),
    prefixes: fc.array(
      fc.record({
        prefix: ipv6Addr,
        prefixLength: fc.integer({ min: 0, max: 128 }),
        onLink: fc.boolean(),
        autonomous: fc.boolean(),
        validSeconds: u32,
        preferredSeconds: u32,
      }),
      { maxLength: 3 },
    ),
  }),
);

export const icmpv6: fc.Arbitrary<Icmpv6Repr> = fc.oneof(
  echo,
  fc.record({
    kind: fc.constantFrom('packet-too-big' as const, 'parameter-problem' as const),
    code: u8,
    parameter: u32,
    quote: payload,
  }),
  fc.record({
    kind: fc.constantFrom('unreachable' as const, 'time-exceeded' as const),
    code: u8,
    parameter: fc.constant(0),
    quote: payload,
  }),
  ndp,
);

export const vnet: fc.Arbitrary<VnetHeaderRepr> = fc.record({
  needsChecksum: fc.boolean(),
  checksumValid: fc.boolean(),
  gsoType: fc.constantFrom(0, 1, 3, 4, 5),
  gsoEcn: fc.boolean(),
  headerSize: u16,
  gsoSize: fc.integer({ min: 1, max: 0xffff }),
  checksumStart: u16,
  checksumOffset: u16,
  bufferCount: u16,
});

/** Codes without a field of their own: neither pad, overload, message type nor end. */
const optionCode = fc.integer({ min: 1, max: 254 }).filter((code) => code !== 52 && code !== 53);

/** Latin-1 text without NUL. */
function latin1(maxLength: number): fc.Arbitrary<string> {
  return fc
    .array(fc.integer({ min: 1, max: 255 }), { maxLength })
    .map((codes) => String.fromCharCode(...codes));
}

export const dhcpv4: fc.Arbitrary<Dhcpv4Repr> = fc.record({
  operation: fc.constantFrom(BOOTREQUEST, BOOTREPLY),
  messageType: u8,
  hops: u8,
  transactionId: u32,
  seconds: u16,
  broadcast: fc.boolean(),
  clientAddr: ipv4Addr,
  yourAddr: ipv4Addr,
  nextServerAddr: ipv4Addr,
  relayAddr: ipv4Addr,
  clientMac: macAddr,
  serverName: latin1(64),
  bootFile: latin1(128),
  options: fc
    .uniqueArray(fc.record({ code: optionCode, value: fc.uint8Array({ maxLength: 600 }) }), {
      selector: (option) => option.code,
      maxLength: 8,
    })
    // Option 82 is always written last.
    .map((options) => options.toSorted((a, b) => Number(a.code === 82) - Number(b.code === 82))),
});

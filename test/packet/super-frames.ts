/** Super-frames with their virtio header, for the tests of what is cut from them. */
import fc from 'fast-check';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import type { Ipv6Addr } from '../../src/addr/ipv6.ts';
import type { MacAddr } from '../../src/addr/mac.ts';
import { EMPTY_BYTES, writeU16 } from '../../src/packet/bytes.ts';
import {
  addressSum4At,
  addressSum6At,
  foldSum,
  pseudoHeaderSum,
} from '../../src/packet/checksum.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  emitEthernet,
} from '../../src/packet/ethernet.ts';
import { emitIpv4Header, IPPROTO_TCP, IPPROTO_UDP } from '../../src/packet/ipv4.ts';
import { emitIpv6Header } from '../../src/packet/ipv6.ts';
import type { PieceSink } from '../../src/packet/piece-sink.ts';
import { emitTcp, TCP_CHECKSUM, type TcpRepr } from '../../src/packet/tcp.ts';
import { emitUdp, UDP_CHECKSUM } from '../../src/packet/udp.ts';
import {
  emitVnetHeader,
  VNET_GSO_TCPV4,
  VNET_GSO_TCPV6,
  VNET_GSO_UDP_L4,
  VNET_HEADER_SIZE,
  type VnetHeaderRepr,
} from '../../src/packet/vnet-header.ts';
import * as arbitrary from './arbitraries.ts';

const DESTINATION_OPTIONS = 60;

/** From whom to whom. */
export interface SuperFrameWay {
  readonly sourceMac: MacAddr;
  readonly destinationMac: MacAddr;
  readonly ipv4: readonly [source: Ipv4Addr, destination: Ipv4Addr];
  readonly ipv6: readonly [source: Ipv6Addr, destination: Ipv6Addr];
}

const WAY: SuperFrameWay = {
  sourceMac: 0x02abcd00000a as MacAddr,
  destinationMac: 0x02abcd00000b as MacAddr,
  ipv4: [0x0a00010a as Ipv4Addr, 0x0a00010b as Ipv4Addr],
  ipv6: [arbitrary.LINK_LOCAL, arbitrary.GLOBAL],
};

/** What a super-frame is made of. */
export interface SuperFrameParts {
  readonly family: 4 | 6;
  /** Null makes it UDP. */
  readonly tcp: Omit<TcpRepr, 'payload'> | null;
  /** Of IPv4. */
  readonly options: Uint8Array;
  /** Of IPv6. */
  readonly extensionCount: number;
  readonly identification: number;
  readonly gsoSize: number;
  readonly payload: Uint8Array;
  /** Of IPv4. Default: true. */
  readonly dontFragment?: boolean;
  /** Of UDP. Default: 1 to 2. */
  readonly udpPorts?: readonly [source: number, destination: number];
  /** TTL or hop limit. Default: 64. */
  readonly ttl?: number;
  readonly way?: SuperFrameWay;
}

export const PLAIN: SuperFrameParts = {
  family: 4,
  tcp: {
    sourcePort: 40_000,
    destinationPort: 5001,
    sequence: 0xffff_fa00,
    acknowledgement: 1,
    flags: 0x18,
    window: 500,
    urgentPointer: 0,
    options: EMPTY_BYTES,
  },
  options: EMPTY_BYTES,
  extensionCount: 0,
  identification: 0xfffe,
  gsoSize: 1448,
  payload: new Uint8Array(4000).fill(7),
};

export const superFrameParts: fc.Arbitrary<SuperFrameParts> = fc.record({
  family: fc.constantFrom(4 as const, 6 as const),
  tcp: fc.option(
    arbitrary.tcp.map(({ payload: _, ...header }) => header),
    { freq: 4 },
  ),
  options: fc
    .integer({ min: 0, max: 10 })
    .chain((count) => fc.uint8Array({ minLength: count * 4, maxLength: count * 4 })),
  extensionCount: fc.integer({ min: 0, max: 3 }),
  identification: fc.integer({ min: 0, max: 0xffff }),
  gsoSize: fc.integer({ min: 40, max: 1460 }),
  payload: fc.uint8Array({ maxLength: 5000, size: 'max' }),
});

/** @returns a frame behind its virtio header, with the pseudo-header's sum as checksum. */
export function superFrame(parts: SuperFrameParts, vnet: Partial<VnetHeaderRepr> = {}): Uint8Array {
  const upper = emitUpper(parts);
  const upperSize = upper.bytes.length;
  const between = parts.family === 4 ? EMPTY_BYTES : extensions(parts.extensionCount, upper);
  const bytes = new Uint8Array(
    VNET_HEADER_SIZE + ETHERNET_HEADER_SIZE + 60 + between.length + upperSize,
  );
  const ip = VNET_HEADER_SIZE + ETHERNET_HEADER_SIZE;
  const payloadSize = between.length + upperSize;
  const networkSize = emitNetwork(parts, payloadSize, upper.protocol, bytes, ip);
  bytes.set(between, ip + networkSize);
  const transport = ip + networkSize + between.length;
  bytes.set(upper.bytes, transport);
  const addresses = parts.family === 4 ? addressSum4At(bytes, ip) : addressSum6At(bytes, ip);
  const sum = pseudoHeaderSum(addresses, upper.protocol, upperSize);
  writeU16(bytes, transport + upper.checksumOffset, foldSum(sum));
  const start = transport - VNET_HEADER_SIZE;
  emitVnetHeader(
    {
      needsChecksum: true,
      checksumValid: false,
      gsoType: gsoTypeOf(parts),
      gsoEcn: false,
      headerSize: start + upperSize - parts.payload.length,
      gsoSize: parts.gsoSize,
      checksumStart: start,
      checksumOffset: upper.checksumOffset,
      bufferCount: 0,
      ...vnet,
    },
    bytes,
    0,
  );
  return bytes.slice(0, transport + upperSize);
}

function gsoTypeOf({ tcp, family }: SuperFrameParts): number {
  if (tcp === null) return VNET_GSO_UDP_L4;
  return family === 4 ? VNET_GSO_TCPV4 : VNET_GSO_TCPV6;
}

interface Upper {
  readonly protocol: number;
  readonly checksumOffset: number;
  readonly bytes: Uint8Array;
}

function emitUpper({ tcp, payload, udpPorts = [1, 2] }: SuperFrameParts): Upper {
  const out = new Uint8Array(60 + payload.length);
  if (tcp === null) {
    const [sourcePort, destinationPort] = udpPorts;
    const size = emitUdp({ sourcePort, destinationPort, payload }, 0, out, 0);
    return { protocol: IPPROTO_UDP, checksumOffset: UDP_CHECKSUM, bytes: out.subarray(0, size) };
  }
  const size = emitTcp({ ...tcp, payload }, 0, out, 0);
  return { protocol: IPPROTO_TCP, checksumOffset: TCP_CHECKSUM, bytes: out.subarray(0, size) };
}

/** Headers with destination options, each with padding only. */
function extensions(count: number, { protocol }: Upper): Uint8Array {
  const bytes = new Uint8Array(count * 8);
  for (let index = 0; index < count; index++) {
    bytes.set([index + 1 === count ? protocol : DESTINATION_OPTIONS, 0, 1, 4], index * 8);
  }
  return bytes;
}

/** Writes the Ethernet and IP headers. @returns the size of the IP header. */
function emitNetwork(
  parts: SuperFrameParts,
  payloadSize: number,
  protocol: number,
  out: Uint8Array,
  ip: number,
): number {
  const { family, options, extensionCount, identification, ttl = 64, way = WAY } = parts;
  const etherType = family === 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
  const { destinationMac: destination, sourceMac: source } = way;
  emitEthernet({ destination, source, etherType }, out, ip - ETHERNET_HEADER_SIZE);
  if (family === 4) {
    const header = {
      dscpEcn: 2,
      identification,
      dontFragment: parts.dontFragment ?? true,
      moreFragments: false,
      fragmentOffset: 0,
      ttl,
      protocol,
      source: way.ipv4[0],
      destination: way.ipv4[1],
      options,
      payloadSize,
    };
    return emitIpv4Header(header, out, ip);
  }
  const header = {
    trafficClass: 2,
    flowLabel: 0x12345,
    payloadSize,
    nextHeader: extensionCount > 0 ? DESTINATION_OPTIONS : protocol,
    hopLimit: ttl,
    source: way.ipv6[0],
    destination: way.ipv6[1],
  };
  return emitIpv6Header(header, out, ip);
}

/** Keeps copies of the pieces that it is given. */
export class Pieces implements PieceSink {
  readonly frames: Uint8Array[] = [];

  piece(bytes: Uint8Array, offset: number, size: number): boolean {
    this.frames.push(bytes.slice(offset, offset + size));
    return true;
  }
}

/**
 * The bytes of probes and of their answers, as the sockets of an instance take and give them: an
 * echo request and its reply; a SYN and the SYN-ACK or RST that follows; a datagram and its echo.
 */
import { EMPTY_BYTES, readU32, writeU32 } from '../../packet/bytes.ts';
import { emitIcmp, parseIcmp } from '../../packet/icmp.ts';
import { emitIcmpv6, parseIcmpv6 } from '../../packet/icmpv6.ts';
import { ipv4HeaderSize } from '../../packet/ipv4.ts';
import { emitTcp, parseTcp, TCP_ACK, TCP_RST, TCP_SYN, type TcpRepr } from '../../packet/tcp.ts';
import type { ProbeProtocol } from '../control-api.ts';

export interface PacketSetup {
  readonly protocol: ProbeProtocol;
  readonly family: 4 | 6;
  /** Of the pseudo-header, `addressSum4` or `addressSum6`. */
  readonly addressSum: number;
  /** The peer's. */
  readonly port: number;
  /** 16 bits that tell the probes of one prober from those of others. */
  readonly identifier: number;
}

/** Writes and reads probes; their numbers are 32 bits. */
export interface ProbePackets {
  /** @returns the bytes written. */
  emit(sequence: number, out: Uint8Array): number;
  /** @param size Of what the socket gave. @returns the number of the probe that it answers, or null. */
  parse(bytes: Uint8Array, size: number): number | null;
}

const MARK_SIZE = 8;
/**
 * Each SYN has the next of these ports: a server that has lost the end of one handshake would answer
 * the next one from the same port late. They are above those that Linux gives to its own.
 */
const FIRST_PORT = 61_000;
const PORT_COUNT = 4096;

export function probePackets(setup: PacketSetup): ProbePackets {
  switch (setup.protocol) {
    case 'icmp':
      return setup.family === 4 ? icmpPackets(setup) : icmpv6Packets(setup);
    case 'tcp':
      return tcpPackets(setup);
    case 'udp':
      return udpPackets(setup);
    default:
      return setup.protocol satisfies never;
  }
}

/** The payload of a probe: whose it is, and which. */
function mark({ identifier }: PacketSetup, sequence: number): Uint8Array {
  const bytes = new Uint8Array(MARK_SIZE);
  writeU32(bytes, 0, identifier);
  writeU32(bytes, 4, sequence);
  return bytes;
}

function markedSequence({ identifier }: PacketSetup, payload: Uint8Array): number | null {
  if (payload.length < MARK_SIZE || readU32(payload, 0) !== identifier) return null;
  return readU32(payload, 4);
}

function echoRequest(setup: PacketSetup, sequence: number) {
  const { identifier } = setup;
  const payload = mark(setup, sequence);
  return { kind: 'echo-request', identifier, sequence: sequence & 0xffff, payload } as const;
}

function icmpPackets(setup: PacketSetup): ProbePackets {
  return {
    emit: (sequence, out) => emitIcmp(echoRequest(setup, sequence), out, 0),
    parse(bytes, size) {
      const start = ipv4HeaderSize(bytes, 0);
      const message = parseIcmp(bytes, start, size - start);
      return message?.kind === 'echo-reply' ? markedSequence(setup, message.payload) : null;
    },
  };
}

function icmpv6Packets(setup: PacketSetup): ProbePackets {
  return {
    emit: (sequence, out) => emitIcmpv6(echoRequest(setup, sequence), setup.addressSum, out, 0),
    parse(bytes, size) {
      const message = parseIcmpv6(bytes, 0, size, null);
      return message?.kind === 'echo-reply' ? markedSequence(setup, message.payload) : null;
    },
  };
}

function udpPackets(setup: PacketSetup): ProbePackets {
  return {
    emit(sequence, out) {
      out.set(mark(setup, sequence));
      return MARK_SIZE;
    },
    parse: (bytes, size) => markedSequence(setup, bytes.subarray(0, size)),
  };
}

const SYN: Omit<TcpRepr, 'sourcePort' | 'destinationPort' | 'sequence'> = {
  acknowledgement: 0,
  flags: TCP_SYN,
  window: 65_535,
  urgentPointer: 0,
  options: EMPTY_BYTES,
  payload: EMPTY_BYTES,
};

/** The kernel of the instance knows nothing of the SYN, and ends the handshake with an RST. */
function tcpPackets({ family, addressSum, port }: PacketSetup): ProbePackets {
  const portOf = (sequence: number) => FIRST_PORT + (sequence % PORT_COUNT);
  return {
    emit(sequence, out) {
      const ports = { sourcePort: portOf(sequence), destinationPort: port };
      return emitTcp({ ...SYN, ...ports, sequence }, addressSum, out, 0);
    },
    parse(bytes, size) {
      const start = family === 4 ? ipv4HeaderSize(bytes, 0) : 0;
      const segment = parseTcp(bytes, start, size - start, null);
      if (segment === null || segment.sourcePort !== port) return null;
      if ((segment.flags & TCP_ACK) === 0 || (segment.flags & (TCP_SYN | TCP_RST)) === 0)
        return null;
      const sequence = (segment.acknowledgement - 1) >>> 0;
      return segment.destinationPort === portOf(sequence) ? sequence : null;
    },
  };
}

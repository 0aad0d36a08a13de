/**
 * A capture as a stream of a pcap or pcapng file, for GET /capture. Parameters: `format`, `interface`
 * (an instance or a device such as `r1.eth0`; all when absent), `count`, `seconds`, and `segment` to have
 * super-frames as the segments that a network card would send.
 * pcapng has an interface for each device and the verdict of each frame as a comment.
 */
import type http from 'node:http';
import { pcapHeader, pcapRecord } from '../capture/pcap.ts';
import { pcapngHeader, pcapngInterface, pcapngPacket } from '../capture/pcapng.ts';
import { describeDrop } from '../dataplane/drop-reason.ts';
import { segmentPackets, wholePacket } from './captured-packets.ts';
import type { CapturedDevice, CaptureSession } from './captures.ts';
import type { LabController } from './controller.ts';
import type { CapturedFrame } from './worker-protocol.ts';

const NS_PER_MS = 1_000_000;

/** A capture that cannot begin. */
export class CaptureRefusal extends Error {
  override readonly name = 'CaptureRefusal';
}

interface CaptureWriter {
  /** What a file begins with. */
  start(): Uint8Array;
  /** @param packet What is written of the frame. */
  packet(
    packet: Uint8Array,
    device: CapturedDevice,
    frame: CapturedFrame,
    peer: CapturedDevice | undefined,
  ): readonly Uint8Array[];
}

/** @throws CaptureRefusal when a name is that of no instance or device; Error in a lab of records. */
export async function startCapture(
  lab: LabController,
  query: URLSearchParams,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  // First of all, since a lab of records has none and says so.
  const { captures } = lab;
  const wants = selection(lab, query.getAll('interface'));
  const writer = query.get('format') === 'pcap' ? pcapWriter() : pcapngWriter();
  const packetsOf = query.has('segment') ? segmentPackets : wholePacket;
  let left = Number(query.get('count') ?? Number.POSITIVE_INFINITY);
  let lost = 0;
  const end = (): void => {
    void captures.close(session);
    response.addTrailers({ 'vpclab-lost-frames': String(lost) });
    response.end();
  };
  const session: CaptureSession = {
    wants,
    onFrame(device, frame, peer) {
      for (const packet of packetsOf(frame.bytes)) {
        if (left <= 0) return;
        for (const part of writer.packet(packet, device, frame, peer)) response.write(part);
        left--;
        if (left <= 0) end();
      }
    },
    onLost(count) {
      lost += count;
    },
  };
  request.on('close', end);
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    trailer: 'vpclab-lost-frames',
  });
  response.write(writer.start());
  await captures.open(session);
  const seconds = Number(query.get('seconds') ?? 0);
  if (seconds > 0) setTimeout(end, seconds * 1000).unref();
}

function selection(
  lab: LabController,
  names: readonly string[],
): (device: CapturedDevice) => boolean {
  if (names.length === 0) return () => true;
  const known = lab
    .status()
    .instances.flatMap(({ name, interfaces }) => [
      name,
      ...interfaces.map(({ device }) => `${name}.${device}`),
    ]);
  for (const name of names) {
    const base = name.replace(/\.eth\d+$/, '');
    if (!known.includes(name) && !known.includes(base)) {
      throw new CaptureRefusal(`Cannot capture "${name}": no instance or interface has that name`);
    }
  }
  const wanted = new Set(names);
  return ({ name }) => wanted.has(name) || wanted.has(name.slice(0, name.lastIndexOf('.')));
}

function pcapWriter(): CaptureWriter {
  return {
    start: () => pcapHeader(),
    packet: (frame, _device, { timeMs }) => [
      pcapRecord({ timestampNs: timestampNs(timeMs), frame, originalSize: frame.length }),
    ],
  };
}

function pcapngWriter(): CaptureWriter {
  const indexes = new Map<string, number>();
  return {
    start: () => pcapngHeader(),
    packet(frame, device, { timeMs, direction, verdict }, peer) {
      const parts: Uint8Array[] = [];
      // An interface that moves to another instance is another one to the reader.
      const key = `${device.name} ${device.eniId}`;
      let interfaceIndex = indexes.get(key);
      if (interfaceIndex === undefined) {
        interfaceIndex = indexes.size;
        indexes.set(key, interfaceIndex);
        parts.push(pcapngInterface({ name: device.name, description: device.eniId }));
      }
      parts.push(
        pcapngPacket({
          interfaceIndex,
          timestampNs: timestampNs(timeMs),
          frame,
          originalSize: frame.length,
          // Seen from the fabric: what a guest sends comes in.
          direction: direction === 'in' ? 'inbound' : 'outbound',
          comment: verdictText(verdict, peer),
        }),
      );
      return parts;
    },
  };
}

function verdictText(verdict: CapturedFrame['verdict'], peer: CapturedDevice | undefined): string {
  switch (verdict.kind) {
    case 'forwarded':
      return `forwarded to ${peer?.name ?? 'an interface that is gone'}`;
    case 'answered':
      return 'answered by the fabric';
    case 'dropped':
      return `dropped ${verdict.code}: ${describeDrop(verdict.code)}`;
    case 'sent':
      return 'delivered';
    default:
      return verdict satisfies never;
  }
}

function timestampNs(timeMs: number): bigint {
  const wholeMs = Math.floor(timeMs);
  return BigInt(wholeMs) * BigInt(NS_PER_MS) + BigInt(Math.floor((timeMs - wholeMs) * NS_PER_MS));
}

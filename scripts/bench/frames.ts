/** The frame path without system calls: time and memory for a hit, a miss and a punt. */

import { FlowState } from '../../src/dataplane/flow/flow-state.ts';
import { Fabric } from '../../src/engine/fabric.ts';
import { Ledger } from '../../src/engine/ledger.ts';
import { Bench, ip } from '../../test/engine/bench.ts';
import { type Ends, udpFrame } from '../../test/engine/frames.ts';

const START = 12;
const WARM_UP = 200_000;
const HITS = 3_000_000;
const MISSES = 300_000;

const CAPACITIES = { flows: 1024, connections: 1024, fragments: 64 };

export interface FrameResult {
  readonly path: string;
  readonly nsPerFrame: number;
  readonly bytesPerFrame: number;
}

export function benchFrames(): FrameResult[] {
  const { fabric, bytes, size } = routedFrame();
  const sourcePort = START + 14 + 20;
  const view = new DataView(bytes.buffer);
  const hit = (): void => fabric.onFrame(0, bytes, START, size, 1);
  let port = 0;
  const miss = (): void => {
    port = (port + 1) & 0xffff;
    view.setUint16(sourcePort, port);
    fabric.onFrame(0, bytes, START, size, 1);
  };
  return [measure('hit', HITS, hit), measure('miss', MISSES, miss)];
}

/** A packet that crosses subnets; the sink takes it and does nothing, so it stays as it was sent. */
function routedFrame(): { fabric: Fabric; bytes: Uint8Array; size: number } {
  const bench = new Bench();
  bench.subnet('a', '10.0.1.0/24');
  bench.subnet('b', '10.0.2.0/24');
  bench.host('h', 'a', '10.0.1.11');
  bench.host('c', 'b', '10.0.2.20');
  const ends: Ends = {
    sourceMac: bench.mac('h'),
    destinationMac: bench.routerMac('h'),
    source: ip('10.0.1.11'),
    destination: ip('10.0.2.20'),
  };
  const frame = udpFrame(ends);
  const bytes = new Uint8Array(START + frame.length);
  const original = frame.slice(0, 12);
  const sink = {
    // The rewrite is undone, as a new read would.
    forward: () => {
      bytes.set(original, START);
      return true;
    },
    send: () => true,
  };
  const fabric = new Fabric(new FlowState(CAPACITIES), new Ledger(16), sink);
  fabric.swap({ ...bench.program(), generation: 1 });
  bytes.set(frame, START);
  return { fabric, bytes, size: frame.length };
}

function measure(path: string, count: number, one: () => void): FrameResult {
  for (let index = 0; index < WARM_UP; index++) one();
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  const startMs = performance.now();
  for (let index = 0; index < count; index++) one();
  const ms = performance.now() - startMs;
  const bytes = Math.max(0, process.memoryUsage().heapUsed - heapBefore);
  return { path, nsPerFrame: (ms * 1e6) / count, bytesPerFrame: bytes / count };
}

/** The controller's end of a prober: opens the sockets, starts the thread, tells what it finds. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { parseIpv4 } from '../../addr/ipv4.ts';
import { parseIpv6 } from '../../addr/ipv6.ts';
import { epochMs } from '../../host/clock.ts';
import { errnoName } from '../../host/ffi.ts';
import { openProbeSocket, type ProbeSocket } from '../../host/probe-socket.ts';
import type { SocketIp } from '../../host/socket-address.ts';
import { addressSum4, addressSum6 } from '../../packet/checksum.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from '../../packet/ipv4.ts';
import type { FlowState, Outage, ProbeFlow, Probing } from '../control-api.ts';
import { type ProberMessage, type ProberSetup, STATE_SIZE } from './prober-protocol.ts';

/** Takes each outage as it ends. @param flow Its place among the flows. */
export type OutageListener = (flow: number, outage: Outage) => void;

export class Prober implements Probing {
  readonly #sockets: ProbeSocket[];
  readonly #count: number;
  readonly #states: Float64Array;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;
  /** Settles at the first probe. @throws Error when the thread cannot start. */
  readonly begun: Promise<unknown>;

  /**
   * Starts to probe.
   * @param flows With the network namespace that each begins in.
   * @throws SystemCallError ENETUNREACH when an instance has no route to the address of a flow.
   */
  constructor(
    flows: readonly (ProbeFlow & { readonly netns: string })[],
    onOutage: OutageListener,
  ) {
    const sockets: ProbeSocket[] = [];
    try {
      for (const flow of flows) sockets.push(openFlow(flow));
    } catch (error) {
      for (const socket of sockets) socket.close();
      throw error;
    }
    this.#sockets = sockets;
    this.#count = flows.length;
    this.#states = new Float64Array(new SharedArrayBuffer(flows.length * STATE_SIZE * 8));
    const setup: ProberSetup = {
      flows: flows.map((flow, index) => packetSetup(flow, sockets[index] as ProbeSocket)),
      states: this.#states,
      stop: this.#stop,
    };
    // A thread loads compiled files only: the lab runs from `dist/`.
    this.#worker = new Worker(new URL('./prober-worker.js', import.meta.url), {
      workerData: setup,
    });
    this.#ended = once(this.#worker, 'exit');
    // Whoever stops it is told.
    this.#ended.catch(() => undefined);
    this.begun = Promise.race([once(this.#worker, 'message'), this.#ended]);
    this.begun.catch(() => undefined);
    this.#worker.on('message', (message: ProberMessage) => {
      if (message === 'begun') return;
      const { flow, outage } = message;
      onOutage(flow, { ...outage, beganMs: epochMs(outage.fromMs) });
    });
  }

  get states(): readonly FlowState[] {
    return Array.from({ length: this.#count }, (_, index) => {
      const [sent = 0, answered = 0, steady = 0, out = 0, error = 0] = this.#states.subarray(
        index * STATE_SIZE,
      );
      return {
        sent,
        answered,
        steady,
        outSinceMs: Number.isNaN(out) ? null : epochMs(out),
        error: error === 0 ? null : errnoName(error),
      };
    });
  }

  async stop(): Promise<void> {
    Atomics.store(this.#stop, 0, 1);
    try {
      await this.#ended;
    } finally {
      for (const socket of this.#sockets.splice(0)) socket.close();
    }
  }
}

function openFlow(flow: ProbeFlow & { readonly netns: string }): ProbeSocket {
  const { netns, port } = flow;
  const peer = peerOf(flow);
  switch (flow.protocol) {
    case 'icmp': {
      const protocol = typeof peer === 'number' ? IPPROTO_ICMP : IPPROTO_ICMPV6;
      return openProbeSocket(netns, 'raw', protocol, peer, 0);
    }
    case 'tcp':
      return openProbeSocket(netns, 'raw', IPPROTO_TCP, peer, 0);
    case 'udp':
      return openProbeSocket(netns, 'datagram', IPPROTO_UDP, peer, port);
    default:
      return flow.protocol satisfies never;
  }
}

function packetSetup(flow: ProbeFlow, { fd, source }: ProbeSocket): ProberSetup['flows'][number] {
  const { protocol, port } = flow;
  const peer = peerOf(flow);
  const family = typeof peer === 'number' ? 4 : 6;
  const identifier = randomInt(1, 0x10000);
  return { fd, protocol, port, family, addressSum: addressSumOf(source, peer), identifier };
}

function peerOf({ address }: ProbeFlow): SocketIp {
  const peer = parseIpv4(address) ?? parseIpv6(address);
  if (peer === null) throw new Error(`Cannot probe "${address}": it is no address`);
  return peer;
}

function addressSumOf(source: SocketIp, peer: SocketIp): number {
  if (typeof source === 'number' && typeof peer === 'number') return addressSum4(source, peer);
  if (typeof source === 'bigint' && typeof peer === 'bigint') return addressSum6(source, peer);
  throw new Error('the ends of a flow are of one family');
}

/**
 * The prober's thread: a probe of each flow every millisecond, and answers as they come. A thread of
 * its own, so that nothing else that the process does delays a probe.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { monotonicMs } from '../../host/clock.ts';
import { bufferAddress, errno, read, write } from '../../host/ffi.ts';
import { Poller } from '../../host/poller.ts';
import { drainTicker, openTicker } from '../../host/ticker.ts';
import { FlowMeter } from './flow-meter.ts';
import { type ProbePackets, probePackets } from './probe-packets.ts';
import { type ProberMessage, type ProberSetup, STATE_SIZE } from './prober-protocol.ts';

const PROBE_EVERY_NS = 1_000_000;
const TICK_TOKEN = 0xffffffff;
const READY_EVENTS = 64;
const BUFFER_SIZE = 2048;

interface WatchedFlow {
  readonly fd: number;
  readonly packets: ProbePackets;
  readonly meter: FlowMeter;
  error: number;
}

class ProberWorker {
  readonly #setup: ProberSetup;
  readonly #parent: MessagePort;
  readonly #flows: readonly WatchedFlow[];
  readonly #poller = new Poller(READY_EVENTS);
  readonly #ticker = openTicker(PROBE_EVERY_NS);
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  readonly #address = bufferAddress(this.#buffer);

  constructor(setup: ProberSetup, parent: MessagePort) {
    this.#setup = setup;
    this.#parent = parent;
    this.#flows = setup.flows.map((flow) => ({
      fd: flow.fd,
      packets: probePackets(flow),
      meter: new FlowMeter(),
      error: 0,
    }));
    this.#poller.add(this.#ticker, TICK_TOKEN);
    for (const [index, { fd }] of this.#flows.entries()) this.#poller.add(fd, index);
  }

  run(): void {
    this.#post('begun');
    while (Atomics.load(this.#setup.stop, 0) === 0) {
      const ready = this.#poller.wait(-1);
      for (let index = 0; index < ready; index++) {
        const token = this.#poller.token(index);
        if (token === TICK_TOKEN) this.#tick();
        else this.#receive(token);
      }
    }
    this.#poller.close();
  }

  #tick(): void {
    // Ticks that were missed are no probes that were lost.
    drainTicker(this.#ticker);
    for (const [index, flow] of this.#flows.entries()) {
      this.#send(flow);
      this.#publish(index, flow);
    }
  }

  #send(flow: WatchedFlow): void {
    const size = flow.packets.emit(flow.meter.send(monotonicMs()), this.#buffer);
    // An error that the kernel has kept, such as of an earlier probe, is told once, in place of sending.
    const isSent =
      write(flow.fd, this.#address, size) > 0 || write(flow.fd, this.#address, size) > 0;
    flow.error = isSent ? 0 : errno();
  }

  #receive(index: number): void {
    const flow = this.#flows[index] as WatchedFlow;
    for (;;) {
      const size = read(flow.fd, this.#address, BUFFER_SIZE);
      if (size <= 0) return;
      const sequence = flow.packets.parse(this.#buffer, size);
      if (sequence === null) continue;
      const outage = flow.meter.answer(sequence, monotonicMs());
      if (outage !== null) this.#post({ flow: index, outage });
    }
  }

  #post(message: ProberMessage): void {
    this.#parent.postMessage(message);
  }

  #publish(index: number, { meter, error }: WatchedFlow): void {
    const outSinceMs = meter.outSinceMs(monotonicMs());
    const state = [meter.sent, meter.answered, meter.steady, outSinceMs, error];
    this.#setup.states.set(state, index * STATE_SIZE);
  }
}

if (parentPort === null) throw new Error('this file is the main file of a thread');
new ProberWorker(workerData as ProberSetup, parentPort).run();

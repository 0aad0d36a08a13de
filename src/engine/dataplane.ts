/**
 * The controller's end of the dataplane: starts the worker, gives it ports and programs, reads its
 * counters. A call settles when the worker forwards accordingly.
 */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { FlowCapacities } from '../dataplane/flow/flow-state.ts';
import { emptyProgram, type Program } from '../dataplane/program.ts';
import { close } from '../host/ffi.ts';
import { openWakeup, signalWakeup } from '../host/poller.ts';
import type { FlowLogWindow } from './flow-log-window.ts';
import { FLOW_COUNTER_NAMES, type FlowCounters, Ledger } from './ledger.ts';
import type { CapturedFrame, WorkerReply, WorkerRequest, WorkerSetup } from './worker-protocol.ts';

const PORT_COUNT = 8192;
/** 12 MB of flows and 20 MB of connections, two of each for a TCP connection; 4 MB of logged flows. */
const CAPACITIES: FlowCapacities = {
  flows: 131_072,
  connections: 262_144,
  fragments: 4096,
  natFlows: 524_288,
  balancedFlows: 131_072,
  flowLogs: 32_768,
  ports: PORT_COUNT,
};

/** Takes what the worker saw of captured ports. */
export type CaptureListener = (frames: readonly CapturedFrame[], lost: number) => void;

/** Whoever waits for the answer to a request. */
interface Waiter {
  readonly resolve: (atMs: number) => void;
  readonly reject: (error: Error) => void;
}

/** A request before it has its number. */
type Unnumbered<R> = R extends { readonly id: number } ? Omit<R, 'id'> : never;

export class Dataplane {
  readonly ledger = new Ledger(PORT_COUNT);
  readonly #flowCounters = new Float64Array(new SharedArrayBuffer(FLOW_COUNTER_NAMES.length * 8));
  readonly #wakeup = openWakeup();
  readonly #messages: MessagePort;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiter>();
  readonly #freePorts: number[] = [];
  /** Removed, and still named by the program in force: a new guest there would get frames of the old. */
  readonly #retiredPorts: number[] = [];
  #sent: Program = emptyProgram();
  #nextPort = 0;
  #nextId = 1;
  #onCaptured: CaptureListener | null = null;
  #failed: Error | null = null;

  readonly #onFlowLogs: (window: FlowLogWindow) => void;

  /**
   * @param onFailure Called when the worker ends by itself: nothing forwards any more.
   * @param onFlowLogs Takes each window of flow logs.
   */
  constructor(onFailure: (error: Error) => void, onFlowLogs: (window: FlowLogWindow) => void) {
    this.#onFlowLogs = onFlowLogs;
    const { port1, port2 } = new MessageChannel();
    this.#messages = port1;
    const setup: WorkerSetup = {
      ledger: this.ledger.shared,
      flowCounters: this.#flowCounters.buffer as SharedArrayBuffer,
      wakeup: this.#wakeup,
      portCount: PORT_COUNT,
      capacities: CAPACITIES,
    };
    // A thread loads compiled files only: the lab runs from `dist/`.
    this.#worker = new Worker(new URL('./dataplane-worker.js', import.meta.url), {
      workerData: { setup, messages: port2 },
      transferList: [port2],
    });
    this.#messages.on('message', (reply: WorkerReply) => this.#onReply(reply));
    this.#worker.on('error', (error) => {
      this.#failed = error;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
      onFailure(error);
    });
  }

  get flows(): FlowCounters {
    const values = FLOW_COUNTER_NAMES.map((name, index) => [name, this.#flowCounters[index] ?? 0]);
    return Object.fromEntries(values) as FlowCounters;
  }

  /** Takes a free port number for a descriptor. @returns the port, once the worker polls it. */
  async addPort(fd: number): Promise<number> {
    const port = this.#freePorts.pop() ?? this.#nextPort++;
    if (port >= PORT_COUNT) throw new Error(`Cannot add a port: ${PORT_COUNT} are in use`);
    await this.#request({ kind: 'add-port', port, fd });
    return port;
  }

  /** Once it settles the descriptor may be closed; the number is free after the next `swap`. */
  async removePort(port: number): Promise<void> {
    await this.#request({ kind: 'remove-port', port });
    this.#retiredPorts.push(port);
  }

  /**
   * @param program Without the ports that were removed.
   * @param cutsFlowLogs Ends the window of flow logs; whoever takes it has it when this settles.
   * @returns since when it is in force: milliseconds of the host's monotonic clock.
   */
  async swap(program: Program, cutsFlowLogs: boolean): Promise<number> {
    const retired = this.#retiredPorts.splice(0);
    const changes = Object.fromEntries(
      Object.entries(program).filter(
        ([part, value]) => this.#sent[part as keyof Program] !== value,
      ),
    );
    this.#sent = program;
    const atMs = await this.#request({ kind: 'program', changes, cutsFlowLogs });
    this.#freePorts.push(...retired);
    return atMs;
  }

  /** Observes these ports instead of those before; none ends it. */
  async capture(ports: readonly number[], onCaptured: CaptureListener | null): Promise<void> {
    this.#onCaptured = onCaptured;
    await this.#request({ kind: 'capture', ports });
  }

  /** The last window of flow logs comes before it settles. */
  async stop(): Promise<void> {
    if (this.#failed === null) await this.#request({ kind: 'stop' });
    await this.#worker.terminate();
    this.#messages.close();
    close(this.#wakeup);
  }

  /** @returns since when it is in force, of the monotonic clock. */
  #request(request: Unnumbered<WorkerRequest>): Promise<number> {
    if (this.#failed !== null) return Promise.reject(this.#failed);
    const id = this.#nextId++;
    const done = new Promise<number>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.#post({ ...request, id });
    return done;
  }

  #post(request: WorkerRequest): void {
    this.#messages.postMessage(request);
    signalWakeup(this.#wakeup);
  }

  #onReply(reply: WorkerReply): void {
    switch (reply.kind) {
      case 'done':
        this.#waiting.get(reply.id)?.resolve(reply.atMs);
        this.#waiting.delete(reply.id);
        return;
      case 'captured':
        this.#onCaptured?.(reply.frames, reply.lost);
        this.#post({ kind: 'captured', count: reply.frames.length, id: 0 });
        return;
      case 'flow-logs':
        this.#onFlowLogs(reply.window);
        return;
      default:
        reply satisfies never;
    }
  }
}

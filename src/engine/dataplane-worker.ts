/**
 * The dataplane's thread: one epoll over all ports and the wake-up of the controller.
 * A frame's way starts here: `#drain` reads it, the fabric decides, `forward` writes it.
 */
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { FlowState } from '../dataplane/flow/flow-state.ts';
import { emptyProgram, eniOfPort } from '../dataplane/program.ts';
import { monotonicMs } from '../host/clock.ts';
import { bufferAddress, EAGAIN, errno, read, write } from '../host/ffi.ts';
import { drainWakeup, Poller } from '../host/poller.ts';
import { MAX_TAP_READ, TAP_HEADER_SIZE } from '../host/tap.ts';
import { Advertiser } from './advertiser.ts';
import { advertisement, statusCheck } from './answers.ts';
import { Fabric } from './fabric.ts';
import { FlowLogClock, type FlowLogWindow } from './flow-log-window.ts';
import { subnetPrefixes } from './ipv6-views.ts';
import { FLOW_COUNTER_NAMES, type FlowCounters, Ledger, STATUS_ANSWER_MS } from './ledger.ts';
import { Observation } from './observation.ts';
import { ROOM_SIZE } from './onward.ts';
import type { FrameSink } from './outlet.ts';
import type { WorkerReply, WorkerRequest, WorkerSetup } from './worker-protocol.ts';

const READY_EVENTS = 64;
/** Frames taken from one port before the others have their turn. */
const FRAMES_PER_TURN = 64;
const WAKEUP_TOKEN = 0xffffffff;
/** The status check: four times a second until the first answer, then every five seconds. */
const TICK_MS = 250;
const CHECK_TICKS = 20;
/** Counting the flows walks the whole table. */
const PUBLISH_TICKS = 4;
/** So that every connection is looked at long before milliseconds in 32 bits come round. */
const EXPIRED_AT_ONCE = 1024;

class DataplaneWorker implements FrameSink {
  readonly #setup: WorkerSetup;
  readonly #messages: MessagePort;
  readonly #poller = new Poller(READY_EVENTS);
  readonly #buffer = new Uint8Array(MAX_TAP_READ);
  readonly #address = bufferAddress(this.#buffer);
  readonly room = new Uint8Array(ROOM_SIZE);
  readonly #roomAddress = bufferAddress(this.room);
  readonly #reply = new Uint8Array(MAX_TAP_READ);
  readonly #replyAddress = bufferAddress(this.#reply);
  readonly #fds: Int32Array;
  readonly #ledger: Ledger;
  readonly #flowState: FlowState;
  readonly #flowCounters: Float64Array;
  readonly #fabric: Fabric;
  readonly #advertiser: Advertiser;
  readonly #flowLogClock: FlowLogClock;
  #observation: Observation | null = null;
  #tick = 0;
  #isStopped = false;

  constructor(setup: WorkerSetup, messages: MessagePort) {
    this.#setup = setup;
    this.#messages = messages;
    this.#fds = new Int32Array(setup.portCount).fill(-1);
    this.#ledger = new Ledger(setup.portCount, setup.ledger);
    this.#flowState = new FlowState(setup.capacities);
    this.#flowCounters = new Float64Array(setup.flowCounters);
    this.#advertiser = new Advertiser(setup.portCount);
    this.#flowLogClock = new FlowLogClock(this.#flowState.flowLogs);
    this.#fabric = new Fabric(this.#flowState, this.#ledger, this);
    this.#fabric.swap({ ...emptyProgram(), generation: 1 });
    this.#poller.add(setup.wakeup, WAKEUP_TOKEN);
  }

  /** Runs until the stop message. */
  run(): void {
    let nextTickMs = Date.now() + TICK_MS;
    while (!this.#isStopped) {
      const ready = this.#poller.wait(Math.max(0, nextTickMs - Date.now()));
      const nowMs = Date.now();
      for (let index = 0; index < ready; index++) {
        const token = this.#poller.token(index);
        if (token === WAKEUP_TOKEN) this.#takeMessages();
        else this.#drain(token, nowMs);
      }
      if (this.#observation !== null) this.#postObserved(this.#observation);
      if (nowMs >= nextTickMs) {
        this.#onTick(nowMs);
        nextTickMs = nowMs + TICK_MS;
      }
    }
    this.#poller.close();
  }

  #onTick(nowMs: number): void {
    this.#tick++;
    this.#checkStatus(nowMs);
    if (this.#tick % PUBLISH_TICKS === 0) {
      this.#flowState.connections.expire(EXPIRED_AT_ONCE, nowMs | 0);
      this.#flowState.natFlows.expire(EXPIRED_AT_ONCE, nowMs | 0);
      this.#publishFlowCounters();
    }
    const { flowLogWindowMs } = this.#fabric.program;
    this.#postFlowLogs(this.#flowLogClock.tick(flowLogWindowMs, nowMs));
  }

  forward(port: number, bytes: Uint8Array, start: number, size: number): boolean {
    const fd = this.#fds[port] as number;
    if (fd === -1) return false;
    const address = bytes === this.room ? this.#roomAddress : this.#address;
    return write(fd, address + start - TAP_HEADER_SIZE, TAP_HEADER_SIZE + size) > 0;
  }

  send(port: number, frame: Uint8Array): boolean {
    const fd = this.#fds[port] as number;
    if (fd === -1) return false;
    this.#reply.set(frame, TAP_HEADER_SIZE);
    return write(fd, this.#replyAddress, TAP_HEADER_SIZE + frame.length) > 0;
  }

  #drain(port: number, nowMs: number): void {
    const fd = this.#fds[port] as number;
    // The port may have been removed in the same round.
    if (fd === -1) return;
    for (let count = 0; count < FRAMES_PER_TURN; count++) {
      const size = read(fd, this.#address, MAX_TAP_READ);
      if (size < TAP_HEADER_SIZE) {
        // The guest has deleted its interface: it would be ready for ever and never give a frame.
        if (count === 0 && errno() !== EAGAIN) this.#poller.remove(fd);
        return;
      }
      const frameSize = size - TAP_HEADER_SIZE;
      this.#fabric.onFrame(port, this.#buffer, TAP_HEADER_SIZE, frameSize, nowMs);
    }
  }

  #takeMessages(): void {
    drainWakeup(this.#setup.wakeup);
    for (;;) {
      const received = receiveMessageOnPort(this.#messages);
      if (received === undefined) return;
      const request = received.message as WorkerRequest;
      this.#perform(request);
      this.#post({ kind: 'done', id: request.id, atMs: monotonicMs() });
    }
  }

  #perform(request: WorkerRequest): void {
    switch (request.kind) {
      case 'program':
        if (request.cutsFlowLogs) this.#postFlowLogs(this.#flowLogClock.cut(Date.now()));
        this.#fabric.swap({ ...this.#fabric.program, ...request.changes });
        this.#flowLogClock.tick(this.#fabric.program.flowLogWindowMs, Date.now());
        return;
      case 'add-port':
        this.#fds[request.port] = request.fd;
        this.#ledger.clear(request.port);
        this.#advertiser.reset(request.port);
        this.#poller.add(request.fd, request.port);
        return;
      case 'remove-port':
        this.#removePort(request.port);
        return;
      case 'capture':
        this.#observation = request.ports.length === 0 ? null : new Observation(request.ports);
        this.#fabric.observer = this.#observation;
        return;
      case 'captured':
        this.#observation?.release(request.count);
        return;
      case 'stop':
        this.#postFlowLogs(this.#flowLogClock.cut(Date.now()));
        this.#isStopped = true;
        return;
      default:
        request satisfies never;
    }
  }

  #removePort(port: number): void {
    const fd = this.#fds[port] as number;
    if (fd === -1) return;
    this.#poller.remove(fd);
    this.#fds[port] = -1;
  }

  #postObserved(observation: Observation): void {
    const taken = observation.take();
    if (taken !== null) this.#post({ kind: 'captured', ...taken });
  }

  /** The fabric's question to each guest (ARP-9), spread over the ticks, and what routers say. */
  #checkStatus(nowMs: number): void {
    const { program } = this.#fabric;
    for (let port = 0; port < program.portEni.length; port++) {
      const eni = eniOfPort(program, port);
      if (eni === -1 || this.#fds[port] === -1) continue;
      const isDue = (this.#tick + port) % CHECK_TICKS === 0;
      if (isDue || this.#ledger.get(port, STATUS_ANSWER_MS) === 0) {
        const question = statusCheck(program, eni);
        if (question !== null) this.#fabric.originate(port, question);
      }
      this.#advertise(port, eni, nowMs);
    }
  }

  /** A port that does not take it is down, and hears it when it comes up (RA-2). */
  #advertise(port: number, eni: number, nowMs: number): void {
    const { program } = this.#fabric;
    const prefixes = subnetPrefixes(program, eni);
    if (!this.#advertiser.isDue(port, prefixes, nowMs)) return;
    const frame = advertisement(program, eni, this.#advertiser.withdrawn(port, prefixes));
    if (this.#fabric.originate(port, frame)) this.#advertiser.sent(port, prefixes, nowMs);
  }

  #publishFlowCounters(): void {
    const { flows, connections } = this.#flowState;
    const counters: FlowCounters = {
      entries: flows.size,
      hits: flows.hits,
      misses: flows.misses,
      evictions: flows.evictions,
      connections: connections.size,
      connectionEvictions: connections.evictions,
      connectionRefusals: connections.refusals,
    };
    this.#flowCounters.set(FLOW_COUNTER_NAMES.map((name) => counters[name]));
  }

  #postFlowLogs(window: FlowLogWindow | null): void {
    if (window !== null) this.#post({ kind: 'flow-logs', window });
  }

  #post(reply: WorkerReply): void {
    this.#messages.postMessage(reply);
  }
}

const { setup, messages } = workerData as { setup: WorkerSetup; messages: MessagePort };
new DataplaneWorker(setup, messages).run();

/** What the flows of NAT gateways should be, in plain words: the model that the table is held against. */
import assert from 'node:assert/strict';
import type { NatGateway } from '../../src/dataplane/flow/nat-key.ts';
import { NO_NAT_FLOW, NO_NAT_PORT, NO_NAT_ROOM } from '../../src/dataplane/flow/nat-table.ts';
import { IPPROTO_TCP } from '../../src/packet/ipv4.ts';
import { TCP_FIN, TCP_RST, TCP_SYN } from '../../src/packet/tcp.ts';

const IDLE_MS = 350_000;
const CLOSED_MS = 10_000;

/** A flow as its guest sees it. */
export interface Ask {
  readonly gateway: NatGateway;
  readonly protocol: number;
  /** Of family 4 the last word of the address; of family 6 too, behind one prefix for all. */
  readonly inside: number;
  readonly insidePort: number;
  readonly far: number;
  readonly farPort: number;
}

/** The address and port that answers come to. */
export interface Outside {
  readonly address: number;
  readonly port: number;
}

export interface ModelFlow extends Ask, Outside {
  readonly slot: number;
  readonly serial: number;
  lastMs: number;
  /** Rises with each packet that counts. */
  turn: number;
  isAnswered: boolean;
  insideFin: boolean;
  outsideFin: boolean;
}

export class NatModel {
  readonly #capacity: number;
  readonly #portLimit: number;
  #turn = 0;
  flows: ModelFlow[] = [];
  /** What each gateway has counted, by its id. */
  readonly attempts = new Map<number, number>();
  readonly established = new Map<number, number>();
  readonly portErrors = new Map<number, number>();
  readonly timeouts = new Map<number, number>();
  readonly drops = new Map<number, number>();

  constructor(capacity: number, portLimit: number) {
    this.#capacity = capacity;
    this.#portLimit = portLimit;
  }

  /** Forgets what ran out. */
  tick(nowMs: number): void {
    this.flows = this.flows.filter((flow) => {
      const isClosed = isClosedFlow(flow);
      const isAlive = nowMs - flow.lastMs < (isClosed ? CLOSED_MS : IDLE_MS);
      if (!isAlive && !isClosed && flow.protocol === IPPROTO_TCP) add(this.timeouts, flow);
      return isAlive;
    });
  }

  find(ask: Ask): ModelFlow | undefined {
    return this.flows.find(
      (flow) =>
        isSameFar(flow, ask) && flow.inside === ask.inside && flow.insidePort === ask.insidePort,
    );
  }

  /** @param ask Its inside does not count. */
  findOutside(ask: Ask, { address, port }: Outside): ModelFlow | undefined {
    return this.flows.find(
      (flow) => isSameFar(flow, ask) && flow.address === address && flow.port === port,
    );
  }

  /** @returns the refusal of a packet from inside that has no flow, or 0 when it begins one. */
  refusal(ask: Ask, flags: number): number {
    const { gateway, protocol } = ask;
    if (protocol === IPPROTO_TCP && flags !== TCP_SYN) return NO_NAT_FLOW;
    if (protocol === IPPROTO_TCP) add(this.attempts, ask);
    const words = addressesOf(gateway);
    if (words.length > 0 && words.every((word) => this.#isExhausted(ask, word))) {
      add(this.portErrors, ask);
      return NO_NAT_PORT;
    }
    if (this.flows.length < this.#capacity) return 0;
    const victim = this.#victim();
    if (victim === undefined) {
      add(this.drops, ask);
      return NO_NAT_ROOM;
    }
    this.flows = this.flows.filter((flow) => flow !== victim);
    return 0;
  }

  /** Takes in the flow that the table has made of a packet, if it may be so. */
  begin(ask: Ask, outside: Outside, slot: number, serial: number, nowMs: number): void {
    const words = addressesOf(ask.gateway);
    if (words.length === 0) {
      assert.deepEqual(outside, { address: ask.inside, port: ask.insidePort });
    } else {
      assert(words.includes(outside.address), 'an address of the gateway');
      assert(outside.port >= 1024 && outside.port <= 65_535, `port ${outside.port}`);
      assert(!this.#isExhausted(ask, outside.address), 'too many flows to the destination');
    }
    assert.equal(this.findOutside(ask, outside), undefined, 'two flows have one outside');
    const state = { isAnswered: false, insideFin: false, outsideFin: false };
    const turn = ++this.#turn;
    this.flows.push({ ...ask, ...outside, slot, serial, lastMs: nowMs, turn, ...state });
  }

  /** Counts a packet of a flow. */
  count(flow: ModelFlow, isReply: boolean, flags: number, nowMs: number): void {
    if (isClosedFlow(flow)) {
      if (isReply || flags !== TCP_SYN) return;
      Object.assign(flow, { isAnswered: false, insideFin: false, outsideFin: false });
      add(this.attempts, flow);
    } else if ((flags & TCP_RST) !== 0) {
      Object.assign(flow, { insideFin: true, outsideFin: true });
    } else {
      const isFirst = isReply && !flow.isAnswered;
      if (isReply) flow.isAnswered = true;
      if ((flags & TCP_FIN) !== 0) flow[isReply ? 'outsideFin' : 'insideFin'] = true;
      const isTakenUp = isFirst && flow.protocol === IPPROTO_TCP && !isClosedFlow(flow);
      if (isTakenUp) add(this.established, flow);
    }
    flow.lastMs = nowMs;
    flow.turn = ++this.#turn;
  }

  /** @returns how many TCP connections of a gateway are open. */
  active(gateway: number): number {
    return this.flows.filter(
      (flow) => flow.gateway.id === gateway && flow.protocol === IPPROTO_TCP && !isClosedFlow(flow),
    ).length;
  }

  #isExhausted(ask: Ask, address: number): boolean {
    const busy = this.flows.filter((flow) => isSameFar(flow, ask) && flow.address === address);
    return busy.length >= this.#portLimit;
  }

  /** Who gives way: the first closed one, else the unanswered one that is idle for longest. */
  #victim(): ModelFlow | undefined {
    const byTurn = this.flows.toSorted((one, other) => one.turn - other.turn);
    return byTurn.find(isClosedFlow) ?? byTurn.find(({ isAnswered }) => !isAnswered);
  }
}

function isClosedFlow({ insideFin, outsideFin }: ModelFlow): boolean {
  return insideFin && outsideFin;
}

function isSameFar(flow: Ask, ask: Ask): boolean {
  return (
    flow.gateway.id === ask.gateway.id &&
    flow.protocol === ask.protocol &&
    flow.far === ask.far &&
    flow.farPort === ask.farPort
  );
}

function addressesOf({ addresses, addressStart, addressCount }: NatGateway): readonly number[] {
  return [...addresses.subarray(addressStart, addressStart + addressCount)];
}

function add(counts: Map<number, number>, { gateway }: Ask): void {
  counts.set(gateway.id, (counts.get(gateway.id) ?? 0) + 1);
}

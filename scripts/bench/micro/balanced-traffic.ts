/** Frames through a Gateway Load Balancer without system calls: into Geneve for an appliance, and out of it. */
import assert from 'node:assert/strict';
import { Fabric } from '../../../src/engine/fabric.ts';
import { Ledger } from '../../../src/engine/ledger.ts';
import { ROOM_SIZE } from '../../../src/engine/onward.ts';
import type { FrameSink } from '../../../src/engine/outlet.ts';
import { BalancerBench, SERVER, wrapped } from '../../../test/engine/balancer-bench.ts';
import { ipv4Frame, udpFrame } from '../../../test/engine/frames.ts';

const PORTS = 16;
const START = 12;
const UDP = 17;

export class BalancedTraffic implements FrameSink {
  forwarded = 0;
  readonly room = new Uint8Array(ROOM_SIZE);
  readonly #fabric: Fabric;
  readonly #guest: Uint8Array;
  readonly #appliance: Uint8Array;
  readonly #appliancePort: number;
  readonly #guestPort: number;
  readonly #nowMs = Date.now();

  constructor() {
    const made = new BalancerBench();
    this.#fabric = new Fabric(made.state, new Ledger(PORTS), this);
    this.#fabric.swap(made.program());
    const own = made.address('w1');
    const frame = udpFrame(made.from('w1', own, SERVER));
    this.#guest = withRoom(frame);
    this.#guestPort = made.portOf('w1');
    made.nowMs = this.#nowMs;
    const given = wrapped(made.inject('w1', frame));
    const back = made.from(given.to, made.address(given.to), given.node);
    this.#appliance = withRoom(ipv4Frame(back, UDP, given.datagram));
    this.#appliancePort = made.portOf(given.to);
  }

  /** The guest sends; the appliance gets it in Geneve. */
  wrap(): void {
    this.#send(this.#guestPort, this.#guest);
  }

  /** The appliance sends it back; the server gets it. */
  unwrap(): void {
    this.#send(this.#appliancePort, this.#appliance);
  }

  forward(): boolean {
    this.forwarded++;
    return true;
  }

  send(): boolean {
    return assert.fail('nothing here is answered');
  }

  #send(port: number, bytes: Uint8Array): void {
    this.#fabric.onFrame(port, bytes, START, bytes.length - START, this.#nowMs);
  }
}

function withRoom(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(START + frame.length);
  bytes.set(frame, START);
  return bytes;
}

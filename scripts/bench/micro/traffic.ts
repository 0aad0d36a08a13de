/**
 * Frames from every client of a lab's model to a server, through the fabric without system calls.
 * The sink counts what is forwarded and undoes the rewrite, as the next read would.
 */
import assert from 'node:assert/strict';
import { type Ipv4Addr, ipv4FromWord } from '../../../src/addr/ipv4.ts';
import { FlowState } from '../../../src/dataplane/flow/flow-state.ts';
import { Fabric } from '../../../src/engine/fabric.ts';
import { Ledger } from '../../../src/engine/ledger.ts';
import { ROOM_SIZE } from '../../../src/engine/onward.ts';
import type { FrameSink } from '../../../src/engine/outlet.ts';
import type { Eni } from '../../../src/model/records.ts';
import type { Snapshot } from '../../../src/model/snapshot.ts';
import { arpFrame, routerMacOf, udpFrame } from '../../../test/engine/frames.ts';
import { portsOf, programOf } from './lab.ts';

/** The flows that a lab's dataplane has room for. */
export const LAB_FLOWS = 131_072;

const START = 12;
const MACS_SIZE = 12;
const PORTS_OFFSET = START + 14 + 20;

interface Sent {
  readonly port: number;
  /** With room for the virtio header. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly size: number;
  readonly macs: Uint8Array;
}

export class Traffic implements FrameSink {
  forwarded = 0;
  answered = 0;
  readonly state: FlowState;
  readonly #fabric: Fabric;
  readonly #udp: readonly Sent[];
  readonly #arp: Sent;
  /** Not a small integer, as the real one. */
  readonly #nowMs = Date.now();
  #current: Sent;
  readonly room = new Uint8Array(ROOM_SIZE);

  constructor(snapshot: Snapshot, flowCapacity = LAB_FLOWS) {
    const enis = [...snapshot.enis.values()];
    const ports = portsOf(snapshot);
    this.state = new FlowState({
      flows: flowCapacity,
      connections: 2 * flowCapacity,
      fragments: 64,
      natFlows: 1024,
      balancedFlows: 1024,
      flowLogs: 64,
      ports: enis.length,
    });
    this.#fabric = new Fabric(this.state, new Ledger(enis.length), this);
    this.#fabric.swap(programOf(snapshot));
    const [subnet] = snapshot.subnets.values();
    const clients = enis.filter((eni) => eni.subnetId === subnet?.subnetId);
    const servers = enis.filter((eni) => eni.subnetId !== subnet?.subnetId);
    const sent = (eni: Eni, frame: Uint8Array): Sent => {
      const bytes = new Uint8Array(START + frame.length);
      bytes.set(frame, START);
      const macs = frame.slice(0, MACS_SIZE);
      const view = new DataView(bytes.buffer);
      return { port: ports.get(eni.eniId) ?? -1, bytes, view, size: frame.length, macs };
    };
    this.#udp = clients.map((client, index) => {
      const server = servers[(index * 7) % servers.length];
      assert(server !== undefined, 'no server');
      const ends = {
        sourceMac: client.mac,
        destinationMac: routerMacOf(snapshot, client),
        source: primaryOf(client),
        destination: primaryOf(server),
      };
      return sent(client, udpFrame(ends));
    });
    const [client] = clients;
    const [first] = this.#udp;
    assert(client !== undefined && subnet?.cidr && first !== undefined, 'no client');
    const router = ipv4FromWord(subnet.cidr.addr + 1);
    this.#arp = sent(client, arpFrame(client.mac, primaryOf(client), router));
    this.#current = first;
  }

  /** Sends a frame of the next client; a client's frames are one flow. */
  sendNext(call: number): void {
    this.#send(this.#udp[call % this.#udp.length] as Sent);
  }

  /** Sends a frame of this flow of the first client. @param flow Below 2^31. */
  sendFlow(flow: number): void {
    const frame = this.#udp[0] as Sent;
    frame.view.setUint16(PORTS_OFFSET, flow & 0xffff);
    frame.view.setUint16(PORTS_OFFSET + 2, 6000 + (flow >>> 16));
    this.#send(frame);
  }

  /** Asks for the MAC address of the router. */
  sendArp(): void {
    this.#send(this.#arp);
  }

  /** The frame that `sendNext` sends first, for the parser alone. */
  get first(): { readonly bytes: Uint8Array; readonly start: number; readonly size: number } {
    const { bytes, size } = this.#udp[0] as Sent;
    return { bytes, start: START, size };
  }

  forward(): boolean {
    this.forwarded++;
    this.#current.bytes.set(this.#current.macs, START);
    return true;
  }

  send(): boolean {
    this.answered++;
    return true;
  }

  #send(frame: Sent): void {
    this.#current = frame;
    this.#fabric.onFrame(frame.port, frame.bytes, START, frame.size, this.#nowMs);
  }
}

function primaryOf({ addresses: [primary] }: Eni): Ipv4Addr {
  assert(primary !== undefined, 'no IPv4 address');
  return primary;
}

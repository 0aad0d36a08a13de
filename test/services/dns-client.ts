/** Asks the resolver as a guest does, in messages that another codec makes and reads. */
import assert from 'node:assert/strict';
import {
  type Answer,
  type DecodedPacket,
  decode,
  encode,
  type OptAnswer,
  type Packet,
} from 'dns-packet';
import type { InstanceId } from '../../src/model/ids.ts';
import type { Fabric } from '../../src/model/snapshot.ts';
import { type Caller, callerOfEni } from '../../src/services/caller.ts';
import { resolver } from '../../src/services/dns/resolver.ts';
import type { Answerer, Transport } from '../../src/services/dns/server.ts';
import { Upstream } from '../../src/services/dns/upstream.ts';

/** Says that a client knows EDNS. */
export const OPT: OptAnswer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

export type DnsAnswer = DecodedPacket & { readonly rcode: string };

/** An instance that asks; what there is, is looked up at each question. */
export class DnsClient {
  readonly #fabric: () => Fabric;
  readonly #instanceId: string;
  readonly #answer: Answerer;

  /** @param upstream Who is asked about what the lab does not know; by default nobody is there. */
  constructor(fabric: () => Fabric, instanceId: string, upstream = new Upstream([])) {
    this.#fabric = fabric;
    this.#instanceId = instanceId;
    const onDefect = (error: unknown) => assert.fail(`the resolver failed: ${String(error)}`);
    this.#answer = resolver({ callerOf: () => this.caller, upstream, onDefect });
  }

  /** By the first interface of the instance. */
  get caller(): Caller {
    const fabric = this.#fabric();
    const eni = [...fabric.enis.values()].find(
      ({ attachment }) => attachment?.instanceId === (this.#instanceId as InstanceId),
    );
    const caller = eni ? callerOfEni(fabric, eni.eniId) : null;
    assert(caller !== null, `${this.#instanceId} has no interface`);
    return caller;
  }

  /** Sends bytes. @returns the bytes that come back; null for silence. */
  send(message: Uint8Array, transport: Transport = 'udp'): Promise<Uint8Array | null> {
    return this.#answer(message, transport, '');
  }

  async ask(packet: Packet, transport: Transport = 'udp'): Promise<DnsAnswer> {
    const reply = await this.send(
      encode({ type: 'query', id: 7, flags: 0x0100, ...packet }),
      transport,
    );
    assert(reply !== null, 'no answer');
    return decode(Buffer.from(reply)) as DnsAnswer;
  }

  /** @returns the code, and the records of the answer as `name ttl type data`. */
  async look(name: string, type = 'A'): Promise<string[]> {
    const { rcode, answers = [] } = await this.ask({ questions: [{ name, type: type as 'A' }] });
    return [rcode, ...answers.map(recordText)];
  }

  /** @returns the data of the answer's records, or the code when there are none. */
  async find(name: string, type = 'A'): Promise<string> {
    const [rcode = '', ...records] = await this.look(name, type);
    return records.length === 0
      ? rcode
      : records.map((record) => record.split(' ').slice(3).join(' ')).join(', ');
  }
}

function recordText(record: Answer): string {
  if (record.type === 'OPT') return 'OPT';
  const { name, ttl, type, data } = record;
  return [name, ttl, type, dataText(data)].join(' ');
}

function dataText(data: unknown): string {
  if (typeof data === 'string') return data;
  if (Buffer.isBuffer(data)) return data.toString('latin1');
  if (Array.isArray(data)) return data.map(dataText).join(' ');
  return Object.values(data as object).join(' ');
}

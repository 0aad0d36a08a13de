/** Asks the resolver as a guest does, in messages that another codec makes and reads. */
import assert from 'node:assert/strict';
import { type Answer, type DecodedPacket, decode, encode, type Packet } from 'dns-packet';
import type { InstanceId } from '../../src/model/ids.ts';
import type { Fabric } from '../../src/model/snapshot.ts';
import { type Caller, callerOfEni } from '../../src/services/caller.ts';
import { answerMessage } from '../../src/services/dns/resolver.ts';

/** An instance that asks; what there is, is looked up at each question. */
export class DnsClient {
  readonly #fabric: () => Fabric;
  readonly #instanceId: string;

  constructor(fabric: () => Fabric, instanceId: string) {
    this.#fabric = fabric;
    this.#instanceId = instanceId;
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
  send(message: Uint8Array, transport: 'udp' | 'tcp' = 'udp'): Uint8Array | null {
    return answerMessage(message, transport, () => this.caller);
  }

  ask(packet: Packet, transport: 'udp' | 'tcp' = 'udp'): DecodedPacket & { rcode: string } {
    const reply = this.send(encode({ type: 'query', id: 7, flags: 0x0100, ...packet }), transport);
    assert(reply !== null, 'no answer');
    return decode(Buffer.from(reply)) as DecodedPacket & { rcode: string };
  }

  /** @returns the code, and the records of the answer as `name ttl type data`. */
  look(name: string, type = 'A'): string[] {
    const { rcode, answers = [] } = this.ask({ questions: [{ name, type: type as 'A' }] });
    return [rcode, ...answers.map(recordText)];
  }

  /** @returns the data of the answer's records, or the code when there are none. */
  find(name: string, type = 'A'): string {
    const [rcode = '', ...records] = this.look(name, type);
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

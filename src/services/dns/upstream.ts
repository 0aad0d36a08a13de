/**
 * The servers that are asked about names which the lab does not know, when it may ask at all. Read
 * first: RFC 5452 on what answers may be believed.
 *
 * Each question is a message of its own: a new id, a socket of its own and with it a port that the
 * kernel draws, and connected, so that nobody but the server can answer. What the client wrote beside
 * its question stays here.
 */
import { randomInt } from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import { readU16, writeU16 } from '../../packet/bytes.ts';
import type { Edns } from './query.ts';
import { FLAG, HEADER_SIZE, readName } from './wire.ts';

export interface DnsServer {
  readonly address: string;
  readonly port: number;
}

/** What is asked. */
export interface UpstreamQuestion {
  /** Name, type and class as in a message. */
  readonly question: Uint8Array;
  readonly edns: Edns | null;
  /** Whether answers are wanted that fail validation elsewhere. */
  readonly isUnchecked: boolean;
}

/** As resolv.conf(5) has it; and a client of glibc waits five seconds for all of them. */
const MAX_SERVERS = 3;
const TRY_MS = 1500;
/** Questions under way, of one interface and of all. */
const PER_ASKER = 32;
const IN_ALL = 256;
const DNS_PORT = 53;
/** No larger datagram meets a link that it does not fit. */
const UDP_SIZE = 1232;

/** @param text Of resolv.conf(5). */
export function serversIn(text: string): DnsServer[] {
  return Array.from(text.matchAll(/^nameserver[ \t]+(\S+)/gm), ([, address = '']) => address)
    .filter((address) => net.isIP(address) !== 0)
    .map((address) => ({ address, port: DNS_PORT }))
    .slice(0, MAX_SERVERS);
}

/** Begins to ask. @param settle Not to be called at once. @returns what ends it. */
type Attempt = (settle: (answer: Uint8Array | null) => void) => () => void;

export class Upstream {
  readonly #servers: readonly DnsServer[];
  readonly #underWay = new Map<string, number>();
  readonly #ends = new Set<() => void>();
  #inAll = 0;

  /** @param servers Asked one after the other until one answers. */
  constructor(servers: readonly DnsServer[]) {
    this.#servers = servers;
  }

  /**
   * @param asker What the bound is for, such as an interface.
   * @returns the message of the server that answered, which has the question of ours; null when none
   * did, or too much is asked at once.
   */
  async ask(question: UpstreamQuestion, asker: string): Promise<Uint8Array | null> {
    const count = this.#underWay.get(asker) ?? 0;
    if (count >= PER_ASKER || this.#inAll >= IN_ALL) return null;
    this.#underWay.set(asker, count + 1);
    this.#inAll += 1;
    const answer = await this.#askEach(question);
    this.#inAll -= 1;
    const left = (this.#underWay.get(asker) ?? 0) - 1;
    if (left > 0) this.#underWay.set(asker, left);
    else this.#underWay.delete(asker);
    return answer;
  }

  /** Ends all questions that are under way; nobody is left who waits for an answer. */
  close(): void {
    for (const end of this.#ends) end();
    this.#ends.clear();
  }

  async #askEach(question: UpstreamQuestion): Promise<Uint8Array | null> {
    for (const server of this.#servers) {
      const message = messageOf(question);
      const answer = await this.#attempt(byUdp(server, message));
      if (answer === null) continue;
      const isCut = (readU16(answer, 2) & FLAG.truncated) !== 0;
      const whole = isCut ? await this.#attempt(byTcp(server, message)) : null;
      return whole ?? answer;
    }
    return null;
  }

  #attempt(start: Attempt): Promise<Uint8Array | null> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        stop();
      };
      const settle = (answer: Uint8Array | null): void => {
        if (!this.#ends.delete(end)) return;
        end();
        resolve(answer);
      };
      const timer = setTimeout(settle, TRY_MS, null);
      const stop = start(settle);
      this.#ends.add(end);
    });
  }
}

function messageOf({ question, edns, isUnchecked }: UpstreamQuestion): Uint8Array {
  const opt = edns === null ? [] : [0, 0, 41, UDP_SIZE >>> 8, UDP_SIZE & 255, 0, 0];
  const dnssec = edns === null ? [] : [edns.isDnssecOk ? 0x80 : 0, 0, 0, 0];
  const message = new Uint8Array(HEADER_SIZE + question.length + opt.length + dnssec.length);
  writeU16(message, 0, randomInt(0x1_0000));
  writeU16(message, 2, FLAG.recursionDesired | (isUnchecked ? FLAG.checkingDisabled : 0));
  writeU16(message, 4, 1);
  writeU16(message, 10, edns === null ? 0 : 1);
  message.set(question, HEADER_SIZE);
  message.set([...opt, ...dnssec], HEADER_SIZE + question.length);
  return message;
}

/** Nothing is found when the server's host refuses the datagram. */
function byUdp({ address, port }: DnsServer, message: Uint8Array): Attempt {
  return (settle) => {
    const socket = dgram.createSocket(net.isIPv6(address) ? 'udp6' : 'udp4');
    socket.on('error', () => settle(null));
    // Others that come are forged, or of no use.
    socket.on('message', (answer) => {
      if (isAnswer(answer, message)) settle(answer);
    });
    socket.connect(port, address, () => socket.send(message));
    return () => socket.close();
  };
}

/** With the size of each message in front. */
function byTcp({ address, port }: DnsServer, message: Uint8Array): Attempt {
  return (settle) => {
    const socket = net.connect({ port, host: address });
    const size = new Uint8Array(2);
    writeU16(size, 0, message.length);
    let received: Buffer = Buffer.alloc(0);
    socket.on('error', () => settle(null));
    socket.on('end', () => settle(null));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + readU16(received, 0)) return;
      const answer = received.subarray(2, 2 + readU16(received, 0));
      settle(isAnswer(answer, message) ? answer : null);
    });
    socket.write(Buffer.concat([size, message]));
    return () => socket.destroy();
  };
}

/** @returns true for an answer to just that message. */
function isAnswer(answer: Uint8Array, message: Uint8Array): boolean {
  if (answer.length < HEADER_SIZE || readU16(answer, 0) !== readU16(message, 0)) return false;
  if ((readU16(answer, 2) & FLAG.response) === 0 || readU16(answer, 4) !== 1) return false;
  const asked = readName(message, HEADER_SIZE);
  const echoed = readName(answer, HEADER_SIZE);
  if (asked === null || echoed === null || asked.text !== echoed.text) return false;
  const { end } = asked;
  return [0, 2].every((at) => readU16(answer, end + at) === readU16(message, end + at));
}

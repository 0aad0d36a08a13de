/** The resolver's sockets: datagrams, and messages with their sizes in front on connections (RFC 7766). */
import type dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { readU16, writeU16 } from '../../packet/bytes.ts';

/** How a message came, which says how large the answer may be. */
export type Transport = 'udp' | 'tcp';

/** @param peer The address of the client. @returns null for silence. */
export type Answerer = (
  message: Uint8Array,
  transport: Transport,
  peer: string,
) => Promise<Uint8Array | null>;

const SIZE_FIELD = 2;
/** A connection on which nothing comes is closed. */
const IDLE_MS = 10_000;
/** Queries of one connection that are answered at a stretch, before others have their turn. */
const TURN = 16;

export async function answerDatagram(
  answer: Answerer,
  datagram: Buffer,
  { address, port }: dgram.RemoteInfo,
  socket: dgram.Socket,
): Promise<void> {
  // Nobody is there to be answered.
  if (port === 0) return;
  const reply = await answer(datagram, 'udp', address);
  // Whether it arrives is the client's to find out: it asks again.
  if (reply !== null) socket.send(reply, port, address, () => undefined);
}

/** @returns a server for one address. */
export function dnsServer(answer: Answerer): net.Server {
  return net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    // A client that resets its connection ends it, and nothing else.
    answerStream(answer, socket).then(
      () => socket.end(),
      () => socket.destroy(),
    );
  });
}

async function answerStream(answer: Answerer, socket: net.Socket): Promise<void> {
  const peer = socket.remoteAddress ?? '';
  let rest: Buffer = Buffer.alloc(0);
  let answered = 0;
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk]);
    let start = 0;
    while (rest.length - start >= SIZE_FIELD) {
      const end = start + SIZE_FIELD + readU16(rest, start);
      if (rest.length < end) break;
      const reply = await answer(rest.subarray(start + SIZE_FIELD, end), 'tcp', peer);
      start = end;
      if (reply === null) return;
      await write(socket, reply);
      answered += 1;
      if (answered % TURN === 0) await setImmediate();
    }
    rest = rest.subarray(start);
  }
}

async function write(socket: net.Socket, reply: Uint8Array): Promise<void> {
  const framed = new Uint8Array(SIZE_FIELD + reply.length);
  writeU16(framed, 0, reply.length);
  framed.set(reply, SIZE_FIELD);
  if (!socket.write(framed)) await once(socket, 'drain');
}

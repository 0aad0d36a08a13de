/** Requests as no SDK would send them. */
import http from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';

export const FORM: http.OutgoingHttpHeaders = {
  'content-type': 'application/x-www-form-urlencoded',
};

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Sends one request on a connection of its own. */
export async function request(
  url: string,
  method: string,
  path: string,
  body: string | Buffer = '',
  headers: http.OutgoingHttpHeaders = FORM,
): Promise<Answer> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const options = { method, headers, agent: false };
    const outgoing = http.request(`${url}${path}`, options, resolve);
    outgoing.once('error', reject);
    outgoing.end(body);
  });
  return { status: response.statusCode ?? 0, body: await text(response) };
}

/** Writes bytes to a connection, and reads until the server ends it or `isEnough`. */
export function exchange(
  url: string,
  bytes: string | Buffer,
  isEnough: (read: string) => boolean = () => false,
): Promise<string> {
  return new Promise((resolve) => {
    let read = '';
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => {
      read += part;
      if (isEnough(read)) socket.destroy();
    });
    // A server that has had enough resets the connection.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(read));
  });
}

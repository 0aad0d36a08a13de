/**
 * Instance metadata over HTTP. A connection is for one request, unless the client asks for more;
 * whoever cannot be told, or may not ask by IPv6, is reset.
 */
import http from 'node:http';
import type net from 'node:net';
import { limitHops } from '../../host/sockets.ts';
import type { Caller } from '../caller.ts';
import { type Answer, BAD_REQUEST, FAILED, REASONS } from './answers.ts';
import {
  answerTo,
  isTokenRequest,
  type MetadataContext,
  type MetadataRequest,
} from './requests.ts';

const REQUEST_MS = 3000;
const CHECK_MS = 500;
/** Without a byte of either side. */
const IDLE_MS = 5000;
const MAX_HEADER_BYTES = 8192;
const SERVER = ['Server', 'EC2ws'] as const;
const CLOSE = ['Connection', 'close'] as const;

export interface MetadataSetup extends MetadataContext {
  /** @returns who has the address; null for nobody. */
  readonly callerOf: (peer: string) => Caller | null;
  /** Gets what the client is not told. */
  readonly onDefect: (error: unknown) => void;
}

/** @returns a server that does not listen yet; whoever has it listen ends it. */
export function metadataServer(setup: MetadataSetup): http.Server {
  const server = http.createServer(
    {
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => {
      respond(request, response, setup).catch(setup.onDefect);
    },
  );
  server.setTimeout(IDLE_MS);
  server.on('connection', (socket: net.Socket) => {
    if (callerAt(socket, setup) === null) socket.resetAndDestroy();
  });
  server.on('clientError', (_, socket) => {
    if (socket.writable) socket.end(serialized(BAD_REQUEST));
    else socket.destroy();
  });
  return server;
}

/** @returns null for whoever gets nothing at all. */
function callerAt({ remoteAddress = '' }: net.Socket, { callerOf }: MetadataSetup): Caller | null {
  const caller = callerOf(remoteAddress);
  const isIpv6 = remoteAddress.includes(':');
  const isOpen = !isIpv6 || caller?.instance.options.metadata.httpProtocolIpv6 === 'enabled';
  return isOpen ? caller : null;
}

async function respond(
  message: http.IncomingMessage,
  response: http.ServerResponse,
  setup: MetadataSetup,
): Promise<void> {
  const { socket, method = '', url = '', headers } = message;
  const caller = callerAt(socket, setup);
  if (caller === null) {
    socket.resetAndDestroy();
    return;
  }
  message.resume();
  const request: MetadataRequest = { method, target: url, headers };
  const answer = await answerOrFailure(request, caller, setup);
  if (socket.destroyed) return;
  const hops = caller.instance.options.metadata.httpPutResponseHopLimit;
  limitHops(socket, isTokenRequest(request) ? hops : null);
  send(answer, response, isKept(message));
}

async function answerOrFailure(
  request: MetadataRequest,
  caller: Caller,
  setup: MetadataSetup,
): Promise<Answer> {
  try {
    return await answerTo(request, caller, setup);
  } catch (error) {
    setup.onDefect(error);
    return FAILED;
  }
}

/** AWS keeps a connection only for who says so, also in HTTP/1.1. */
function isKept({ headers, complete, httpVersion }: http.IncomingMessage): boolean {
  return complete && httpVersion === '1.1' && /^keep-alive$/i.test(headers.connection ?? '');
}

function send(answer: Answer, response: http.ServerResponse, keeps: boolean): void {
  response.sendDate = false;
  // Neither "keep-alive" nor what goes with it is said.
  if (keeps) response.removeHeader('connection');
  const headers = headersOf(answer, keeps);
  response.writeHead(answer.status, REASONS[answer.status], headers.flat());
  response.end(answer.body);
}

function headersOf(
  { headers, lastHeaders = [] }: Answer,
  keeps: boolean,
): readonly (readonly [string, string])[] {
  const date = ['Date', new Date().toUTCString()] as const;
  return [...headers, date, SERVER, ...(keeps ? [] : [CLOSE]), ...lastHeaders];
}

/** For a request that was none. */
function serialized(answer: Answer): string {
  const lines = headersOf(answer, false).map(([name, value]) => `${name}: ${value}\r\n`);
  const status = `HTTP/1.1 ${answer.status} ${REASONS[answer.status]}\r\n`;
  return `${status}${lines.join('')}\r\n${answer.body}`;
}

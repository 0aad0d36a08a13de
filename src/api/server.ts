/**
 * The API of a lab over HTTP, on the loopback interface and, for guests, among the lab's services. Requests are forms that are posted to
 * `/`, or query strings; whatever else comes is refused as AWS does, and nothing ends the server.
 */
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { ApiError } from '../actions/api-error.ts';
import type { LabRuntime } from '../engine/control-api.ts';
import {
  fromBrowser,
  internalError,
  methodNotAllowed,
  noSuchPath,
  requestTooLarge,
  unknownInterface,
} from './api-errors.ts';
import { type ApiRealm, checkRealm } from './credential.ts';
import { decodeRequest } from './decode.ts';
import { encodeAnswer, encodeError } from './encode.ts';

const ADDRESS = '127.0.0.1';
/** What the local variants of the AWS CLI and of Terraform expect. */
export const FIRST_PORT = 4566;
const LAST_PORT = FIRST_PORT + 999;
const MAX_BODY_BYTES = 2 ** 20;
const REQUEST_MS = 30_000;

/** The part of a running lab that the API needs. */
export type ApiLab = Pick<LabRuntime, 'perform' | 'snapshot'>;

/** The region and account that a request is for when it does not say. */
type RealmOf = (request: http.IncomingMessage) => ApiRealm;

export class ApiServer {
  readonly #lab: ApiLab;
  readonly #onDefect: (error: unknown) => void;
  readonly #server: http.Server;
  readonly #guestServers: http.Server[] = [];

  /** @param onDefect Gets what the client is not told: errors that are no refusals. */
  constructor(lab: ApiLab, onDefect: (error: unknown) => void) {
    this.#lab = lab;
    this.#onDefect = onDefect;
    this.#server = this.#serverFor(() => this.#lab.snapshot);
  }

  /**
   * @param realmOf The region and account of a guest, by its address among the services of the lab.
   * @returns a server for guests, which does not listen yet; `close` ends it too.
   */
  guestServer(realmOf: (peer: string) => ApiRealm | null): http.Server {
    const server = this.#serverFor(({ socket }) => {
      const realm = realmOf(socket.remoteAddress ?? '');
      if (realm === null) throw unknownInterface();
      return realm;
    });
    this.#guestServers.push(server);
    return server;
  }

  #serverFor(realmOf: RealmOf): http.Server {
    const options = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS };
    return http.createServer(options, (request, response) => {
      this.#answer(request, response, realmOf).catch(this.#onDefect);
    });
  }

  /**
   * Takes the first free port. @returns the URL.
   * @throws Error when none of a thousand ports is free.
   */
  async listen(): Promise<string> {
    for (let port = FIRST_PORT; port <= LAST_PORT; port++) {
      if (await this.#tryPort(port)) return `http://${ADDRESS}:${port}`;
    }
    throw new Error(`Cannot serve the API: ports ${FIRST_PORT} to ${LAST_PORT} are taken`);
  }

  /** Ends all connections; those that wait for an answer get none. */
  close(): void {
    for (const server of [this.#server, ...this.#guestServers]) {
      server.close();
      server.closeAllConnections();
    }
  }

  /** @returns false when somebody else has the port. */
  #tryPort(port: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException) => {
        this.#server.off('listening', onListening);
        if (error.code === 'EADDRINUSE') resolve(false);
        else reject(error);
      };
      const onListening = () => {
        this.#server.off('error', onError);
        resolve(true);
      };
      this.#server.once('error', onError);
      this.#server.once('listening', onListening);
      this.#server.listen(port, ADDRESS);
    });
  }

  async #answer(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    realmOf: RealmOf,
  ): Promise<void> {
    const requestId = randomUUID();
    const { status, xml } = await this.#perform(request, requestId, realmOf).then(
      (answer) => ({ status: 200, xml: answer }),
      (error: unknown) => {
        const refusal = error instanceof ApiError ? error : internalError();
        if (refusal !== error && !isAbandoned(request)) this.#onDefect(error);
        return { status: refusal.status, xml: encodeError(refusal, requestId) };
      },
    );
    if (isAbandoned(request)) return;
    // What was not read of a request cannot be told from the next one.
    if (!request.complete) response.setHeader('connection', 'close');
    response.writeHead(status, {
      'content-type': 'text/xml;charset=UTF-8',
      'content-length': Buffer.byteLength(xml),
      'x-amzn-requestid': requestId,
    });
    response.end(xml);
  }

  async #perform(
    request: http.IncomingMessage,
    requestId: string,
    realmOf: RealmOf,
  ): Promise<string> {
    const parameters = await parametersOf(request);
    checkRealm(request.headers, parameters, realmOf(request));
    const { action, input } = decodeRequest(parameters);
    return encodeAnswer(action, await this.#lab.perform(action, input), requestId);
  }
}

/** @returns true when the client went away before it had sent all of its request. */
function isAbandoned(request: http.IncomingMessage): boolean {
  return request.destroyed && !request.complete;
}

/** @throws ApiError AccessDenied to web pages; what is typed into a browser is its user's own. */
function checkOrigin({ origin, 'sec-fetch-site': site = 'none' }: http.IncomingHttpHeaders): void {
  if (origin !== undefined) throw fromBrowser(origin);
  if (site !== 'none') throw fromBrowser(String(site));
}

/** @throws ApiError when it is no request of the protocol. */
async function parametersOf(request: http.IncomingMessage): Promise<URLSearchParams> {
  const { method = '', url = '/', headers } = request;
  checkOrigin(headers);
  if (method !== 'GET' && method !== 'POST') throw methodNotAllowed(method);
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (path !== '/') throw noSuchPath(path);
  const parameters = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  if (method === 'GET') return parameters;
  for (const [key, value] of new URLSearchParams(await bodyOf(request))) {
    parameters.append(key, value);
  }
  return parameters;
}

/** @throws ApiError RequestEntityTooLarge before more than the limit is held. */
async function bodyOf(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Its socket has to live on for the answer.
  const parts: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of parts) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw requestTooLarge(MAX_BODY_BYTES);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * The API of a lab over HTTP, on the loopback interface only. Requests are forms that are posted to
 * `/`, or query strings; whatever else comes is refused as AWS does, and nothing ends the server.
 */
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { ApiError } from '../actions/api-error.ts';
import type { LabRuntime } from '../engine/control-api.ts';
import {
  internalError,
  malformedQuery,
  methodNotAllowed,
  noSuchPath,
  notAForm,
  requestTooLarge,
} from './api-errors.ts';
import { checkRealm } from './credential.ts';
import { decodeRequest } from './decode.ts';
import { encodeAnswer, encodeError } from './encode.ts';
import { checkSender } from './sender.ts';

const ADDRESS = '127.0.0.1';
/** What the local variants of the AWS CLI and of Terraform expect. */
export const FIRST_PORT = 4566;
const LAST_PORT = FIRST_PORT + 999;
const MAX_BODY_BYTES = 2 ** 20;
const REQUEST_MS = 30_000;
/** So many that an ordinary flood is served, so few that files can still be opened. */
const MAX_CONNECTIONS = 4096;
const IS_FORM = /^application\/x-www-form-urlencoded\b/i;

/** The part of a running lab that the API needs. */
export type ApiLab = Pick<LabRuntime, 'perform' | 'snapshot'>;

export class ApiServer {
  readonly #lab: ApiLab;
  readonly #onDefect: (error: unknown) => void;
  readonly #server: http.Server;

  /** @param onDefect Gets what the client is not told: errors that are no refusals. */
  constructor(lab: ApiLab, onDefect: (error: unknown) => void) {
    this.#lab = lab;
    this.#onDefect = onDefect;
    const options = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS };
    this.#server = http.createServer(options, (request, response) => {
      this.#answer(request, response).catch(onDefect);
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
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
    this.#server.close();
    this.#server.closeAllConnections();
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

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const { status, xml } = await this.#perform(request, requestId).then(
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

  async #perform(request: http.IncomingMessage, requestId: string): Promise<string> {
    const parameters = await parametersOf(request);
    const { region, accountId } = this.#lab.snapshot;
    checkRealm(request.headers, parameters, { region, accountId });
    const { action, input } = decodeRequest(parameters);
    return encodeAnswer(action, await this.#lab.perform(action, input), requestId);
  }
}

/** @returns true when the client went away before it had sent all of its request. */
function isAbandoned(request: http.IncomingMessage): boolean {
  return request.destroyed && !request.complete;
}

/** @throws ApiError when it is no request of the protocol. */
async function parametersOf(request: http.IncomingMessage): Promise<URLSearchParams> {
  const { method = '', url = '/', headers } = request;
  checkSender(headers);
  if (method !== 'GET' && method !== 'POST') throw methodNotAllowed(method);
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (path !== '/') throw noSuchPath(path);
  const parameters = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  if (method === 'GET') return parameters;
  const body = await bodyOf(request);
  if (body === '') return parameters;
  const { 'content-type': type = '', 'content-encoding': coding = 'identity' } = headers;
  if (type !== '' && !IS_FORM.test(type)) throw notAForm(type);
  if (coding !== 'identity') throw notAForm(coding);
  for (const [key, value] of new URLSearchParams(body)) parameters.append(key, value);
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
  const bytes = Buffer.concat(chunks);
  if (!isUtf8(bytes)) throw malformedQuery('the body is not UTF-8');
  return bytes.toString('utf8');
}

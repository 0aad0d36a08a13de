/**
 * The API of a lab over HTTP, on the loopback interface only. Requests are forms that are posted to
 * `/`, or query strings; whatever else comes is refused as AWS does, and nothing ends the server.
 */
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { ApiError } from '../actions/api-error.ts';
import type { LabRuntime } from '../engine/control-api.ts';
import type { Realm, Snapshot } from '../model/snapshot.ts';
import {
  internalError,
  malformedQuery,
  methodNotAllowed,
  noSuchPath,
  notAForm,
  requestTooLarge,
  unusableRegion,
} from './api-errors.ts';
import { realmOf } from './credential.ts';
import { decodeRequest } from './decode.ts';
import { encodeAnswer, encodeError } from './encode.ts';
import { checkSender } from './sender.ts';
import { callerIdentity, isCallerIdentityRequest } from './sts.ts';

const ADDRESS = '127.0.0.1';
/** What the local variants of the AWS CLI and of Terraform expect. */
export const FIRST_PORT = 4566;
const LAST_PORT = FIRST_PORT + 999;
const MAX_BODY_BYTES = 2 ** 20;
const REQUEST_MS = 30_000;
/** Everything of vpclab's own stands below `/_vpclab/`. */
const RESET_PATH = '/_vpclab/reset';
/** So many that an ordinary flood is served, so few that files can still be opened. */
const MAX_CONNECTIONS = 4096;
const IS_FORM = /^application\/x-www-form-urlencoded\b/i;

/** The part of a running lab that the API needs. */
export interface ApiLab extends Pick<LabRuntime, 'perform' | 'snapshot'> {
  /** @returns the region, made now if need be; null when the account cannot use it. */
  regionOf(realm: Realm): Snapshot | null;
  /** Puts all accounts and regions back to defaults. */
  reset(): Promise<void>;
}

/** What is said back to a request. */
interface Answer {
  readonly status: number;
  readonly type: 'text/xml;charset=UTF-8' | 'application/json';
  readonly body: string;
}

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
    const { status, type, body } = await this.#route(request, requestId).catch((error: unknown) => {
      const refusal = error instanceof ApiError ? error : internalError();
      if (refusal !== error && !isAbandoned(request)) this.#onDefect(error);
      return xmlAnswer(encodeError(refusal, requestId), refusal.status);
    });
    if (isAbandoned(request)) return;
    // What was not read of a request cannot be told from the next one.
    if (!request.complete) response.setHeader('connection', 'close');
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'x-amzn-requestid': requestId,
    });
    response.end(body);
  }

  async #route(request: http.IncomingMessage, requestId: string): Promise<Answer> {
    const { method, url, headers } = request;
    checkSender(headers);
    if (url === RESET_PATH && method === 'POST') {
      await this.#lab.reset();
      return { status: 200, type: 'application/json', body: '{"status":"ok"}' };
    }
    const parameters = await parametersOf(request);
    const realm = realmOf(headers, parameters, this.#lab.snapshot);
    if (this.#lab.regionOf(realm) === null) throw unusableRegion(realm.region);
    if (isCallerIdentityRequest(parameters)) return xmlAnswer(callerIdentity(realm, requestId));
    const { action, input } = decodeRequest(parameters);
    const output = await this.#lab.perform(action, input, realm);
    return xmlAnswer(encodeAnswer(action, output, requestId));
  }
}

function xmlAnswer(body: string, status = 200): Answer {
  return { status, type: 'text/xml;charset=UTF-8', body };
}

/** @returns true when the client went away before it had sent all of its request. */
function isAbandoned(request: http.IncomingMessage): boolean {
  return request.destroyed && !request.complete;
}

/** @throws ApiError when it is no request of the protocol. */
async function parametersOf(request: http.IncomingMessage): Promise<URLSearchParams> {
  const { method = '', url = '/', headers } = request;
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

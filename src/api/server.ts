/**
 * The API of a lab over HTTP: on the loopback interface, and for guests among the lab's services.
 * Whatever is no request of the protocol is refused as AWS does, and nothing ends the server.
 */
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { ApiError } from '../actions/api-error.ts';
import type { LabRuntime } from '../engine/control-api.ts';
import type { Realm } from '../model/realm.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { internalError, unknownInterface, unusableRegion } from './api-errors.ts';
import { realmOf } from './credential.ts';
import { decodeRequest } from './decode.ts';
import { encodeAnswer, encodeError } from './encode.ts';
import { parametersOf } from './parameters.ts';
import { checkSender } from './sender.ts';
import { callerIdentity, isCallerIdentityRequest } from './sts.ts';

const ADDRESS = '127.0.0.1';
/** What the local variants of the AWS CLI and of Terraform expect. */
export const FIRST_PORT = 4566;
const LAST_PORT = FIRST_PORT + 999;
const REQUEST_MS = 30_000;
const HANDSHAKE_MS = 10_000;
const TIMEOUTS = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS };
/** Everything of vpclab's own stands below `/_vpclab/`. */
const RESET_PATH = '/_vpclab/reset';
/** So many that an ordinary flood is served, so few that files can still be opened. */
const MAX_CONNECTIONS = 4096;

/** The part of a running lab that the API needs. */
export interface ApiLab extends Pick<LabRuntime, 'perform'> {
  /** The region of the lab file. */
  readonly snapshot: Snapshot;
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

/** Where a request came in. */
interface Door {
  /** The region and account that a request is for when it does not say. */
  readonly homeOf: (request: http.IncomingMessage) => Realm;
  /** @throws ApiError for a sender who has no business here. */
  readonly checkSender: (headers: http.IncomingHttpHeaders) => void;
  readonly takesResets: boolean;
}

/** PEM, of a server of HTTPS. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

export class ApiServer {
  readonly #lab: ApiLab;
  readonly #onDefect: (error: unknown) => void;
  readonly #server: http.Server;

  /** @param onDefect Gets what the client is not told: errors that are no refusals. */
  constructor(lab: ApiLab, onDefect: (error: unknown) => void) {
    this.#lab = lab;
    this.#onDefect = onDefect;
    this.#server = this.#serverFor({ homeOf: () => lab.snapshot, checkSender, takesResets: true });
  }

  /**
   * @param homeOfPeer The region and account of a guest, by its address among the services of the lab.
   * @param identity null: a server of HTTP.
   * @returns a server for guests, which does not listen yet; whoever has it listen ends it.
   */
  guestServer(
    homeOfPeer: (peer: string) => Realm | null,
    identity: Identity | null,
  ): http.Server | https.Server {
    const homeOf = ({ socket }: http.IncomingMessage): Realm => {
      const realm = homeOfPeer(socket.remoteAddress ?? '');
      if (realm === null) throw unknownInterface();
      return realm;
    };
    const door: Door = { homeOf, checkSender: () => undefined, takesResets: false };
    return identity === null ? this.#serverFor(door) : this.#secureServerFor(door, identity);
  }

  #serverFor(door: Door): http.Server {
    const server = http.createServer(TIMEOUTS, this.#listener(door));
    server.maxConnections = MAX_CONNECTIONS;
    return server;
  }

  #secureServerFor(door: Door, { key, cert }: Identity): https.Server {
    const options = { ...TIMEOUTS, handshakeTimeout: HANDSHAKE_MS, key, cert };
    return https.createServer(options, this.#listener(door));
  }

  #listener(door: Door): http.RequestListener {
    return (request, response) => {
      this.#answer(request, response, door).catch(this.#onDefect);
    };
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

  async #answer(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    door: Door,
  ): Promise<void> {
    const requestId = randomUUID();
    const { status, type, body } = await this.#route(request, requestId, door).catch(
      (error: unknown) => {
        const refusal = error instanceof ApiError ? error : internalError();
        if (refusal !== error && !isAbandoned(request)) this.#onDefect(error);
        return xmlAnswer(encodeError(refusal, requestId), refusal.status);
      },
    );
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

  async #route(request: http.IncomingMessage, requestId: string, door: Door): Promise<Answer> {
    const { method, url, headers } = request;
    door.checkSender(headers);
    if (door.takesResets && url === RESET_PATH && method === 'POST') {
      await this.#lab.reset();
      return { status: 200, type: 'application/json', body: '{"status":"ok"}' };
    }
    const parameters = await parametersOf(request);
    const realm = realmOf(headers, parameters, door.homeOf(request));
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

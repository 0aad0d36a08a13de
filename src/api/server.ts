/**
 * The API of a lab over HTTP: on the loopback interface, and for guests among the lab's services.
 * Whatever is no request of the protocol is refused as AWS does, and nothing ends the server.
 */
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { ActionInput, ActionOutput } from '../actions/action.ts';
import { ApiError } from '../actions/api-error.ts';
import type { Realm } from '../model/realm.ts';
import type { RoleSession } from '../model/roles.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { internalError, unusableRegion } from './api-errors.ts';
import { type Asker, anyAsker, type Keyring, roleAsker } from './asker.ts';
import { isSigned } from './credential.ts';
import { decodeRequest } from './decode.ts';
import { encodeAnswer } from './encode.ts';
import { parametersOf, type QueryRequest, readRequest } from './parameters.ts';
import { checkSender } from './sender.ts';
import { type SignatureRefusals, STS_REFUSALS } from './signature-refusals.ts';
import { answerSts, encodeStsError, isStsRequest } from './sts.ts';
import { EC2, serviceOfRequest } from './wire-services.ts';

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
export interface ApiLab extends Keyring {
  /** The region of the lab file. */
  readonly snapshot: Snapshot;
  /**
   * Does an action; when it settles the dataplane forwards by it.
   * @param session Who asks; null: somebody who may do everything. @throws ApiError
   */
  perform(
    action: string,
    input: ActionInput,
    realm: Realm,
    session: RoleSession | null,
  ): Promise<ActionOutput>;
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
  /** What a request is for when it does not say; null: whoever has no credentials of a role is refused. */
  readonly home: () => Realm | null;
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
  readonly #nowMs: () => number;
  readonly #server: http.Server;

  /**
   * @param onDefect Gets what the client is not told: errors that are no refusals.
   * @param nowMs Milliseconds since the epoch.
   */
  constructor(lab: ApiLab, onDefect: (error: unknown) => void, nowMs: () => number = Date.now) {
    this.#lab = lab;
    this.#onDefect = onDefect;
    this.#nowMs = nowMs;
    this.#server = this.#serverFor({ home: () => lab.snapshot, checkSender, takesResets: true });
  }

  /**
   * @param identity null: a server of HTTP.
   * @returns a server for guests, who must sign as roles of instances. It does not listen yet; whoever
   *   has it listen ends it.
   */
  guestServer(identity: Identity | null): http.Server | https.Server {
    const door: Door = { home: () => null, checkSender: () => undefined, takesResets: false };
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
        return xmlAnswer(EC2.errorXml(refusal, requestId), refusal.status);
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
    const { method, url } = request;
    door.checkSender(request.headers);
    if (door.takesResets && url === RESET_PATH && method === 'POST') {
      await this.#lab.reset();
      return { status: 200, type: 'application/json', body: '{"status":"ok"}' };
    }
    const query = await readRequest(request);
    const parameters = parametersOf(query);
    const askerOf = (refusals: SignatureRefusals) => this.#askerOf(query, refusals, door.home());
    if (isStsRequest(parameters)) {
      return inWordsOf(
        async () => answerSts(parameters, await askerOf(STS_REFUSALS), requestId),
        (error) => encodeStsError(error, requestId),
      );
    }
    const { signatureRefusals, errorXml } = serviceOfRequest(parameters);
    const answer = async (): Promise<string> => {
      const { realm, session } = await askerOf(signatureRefusals);
      const { action, input } = decodeRequest(parameters);
      const output = await this.#lab.perform(action, input, realm, session);
      return encodeAnswer(action, output, requestId);
    };
    return inWordsOf(answer, (error) => errorXml(error, requestId));
  }

  /** @param home Of who has no credentials of a role; null: nobody else is answered. */
  async #askerOf(
    request: QueryRequest,
    refusals: SignatureRefusals,
    home: Realm | null,
  ): Promise<Asker> {
    const role = await roleAsker(this.#lab, { request, refusals, nowMs: this.#nowMs() });
    if (role === null && home === null)
      throw isSigned(request) ? refusals.unknownKey() : refusals.missing();
    const asker = role ?? anyAsker(request, home ?? this.#lab.snapshot);
    if (this.#lab.regionOf(asker.realm) === null) throw unusableRegion(asker.realm.region);
    return asker;
  }
}

/** @param errorXml How the service that was asked refuses. */
function inWordsOf(
  answer: () => Promise<string>,
  errorXml: (error: ApiError) => string,
): Promise<Answer> {
  return answer().then(
    (body) => xmlAnswer(body),
    (error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      return xmlAnswer(errorXml(error), error.status);
    },
  );
}

function xmlAnswer(body: string, status = 200): Answer {
  return { status, type: 'text/xml;charset=UTF-8', body };
}

/** @returns true when the client went away before it had sent all of its request. */
function isAbandoned(request: http.IncomingMessage): boolean {
  return request.destroyed && !request.complete;
}

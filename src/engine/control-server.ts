/**
 * The control socket of a running lab: HTTP and JSON on a Unix socket that only root may open.
 * The routes and their shapes are in `control-api.ts`.
 */
import fs from 'node:fs';
import http from 'node:http';
import { json } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import type { ActionInput } from '../actions/action.ts';
import { ApiError } from '../actions/api-error.ts';
import { CaptureRefusal, startCapture } from './capture-stream.ts';
import type { LabController } from './controller.ts';

/** A larger body is refused. */
const MAX_BODY_BYTES = 1_000_000;

/** Routes that others add: from the body of a POST to the answer. */
export type ControlRoutes = ReadonlyMap<string, (body: unknown) => Promise<unknown>>;

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export class ControlServer {
  readonly #lab: LabController;
  readonly #onDown: () => Promise<void>;
  readonly #routes: ControlRoutes;
  readonly #server: http.Server;

  /**
   * @param onDown Takes the lab down; the asker is answered when it settles.
   * @param routes Further routes, by their path.
   */
  constructor(lab: LabController, onDown: () => Promise<void>, routes: ControlRoutes) {
    this.#lab = lab;
    this.#onDown = onDown;
    this.#routes = routes;
    this.#server = http.createServer((request, response) => {
      this.#route(request, response).catch((error: unknown) =>
        answerRefusal(response, refusalOf(error)),
      );
    });
  }

  /** Settles when the socket answers. */
  async listen(socket: string): Promise<void> {
    fs.rmSync(socket, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(socket, resolve);
    });
    fs.chmodSync(socket, 0o600);
  }

  close(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  async #route(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://vpclab');
    const route = `${request.method} ${url.pathname}`;
    const added = request.method === 'POST' ? this.#routes.get(url.pathname) : undefined;
    const kill = /^POST \/instances\/([^/]+)\/kill$/.exec(route)?.[1];
    if (kill !== undefined) {
      await this.#lab.kill(decodeURIComponent(kill));
      answerJson(response, {});
    } else if (added !== undefined) answerJson(response, await added(await bodyOf(request)));
    else if (route === 'GET /status') answerJson(response, this.#lab.status());
    else if (route === 'GET /stats') answerJson(response, await this.#lab.stats());
    else if (route === 'GET /changes') {
      // What the dataplane said before the request came is heard first.
      await setImmediate();
      answerJson(response, this.#lab.changes(Number(url.searchParams.get('since') ?? 0)));
    } else if (route === 'POST /actions') answerJson(response, await this.#perform(request));
    else if (route === 'GET /capture')
      await startCapture(this.#lab, url.searchParams, request, response);
    else if (route === 'POST /down') {
      await this.#onDown();
      answerJson(response, {});
      this.close();
    } else
      answerRefusal(response, {
        status: 404,
        code: 'NoSuchRoute',
        message: `Cannot find "${route}"`,
      });
  }

  async #perform(request: http.IncomingMessage): Promise<unknown> {
    const body = await bodyOf(request);
    if (!isActionBody(body)) {
      throw new ApiError(
        'MalformedRequest',
        'The body must be {"action": name, "input": {parameters}}',
      );
    }
    return this.#lab.perform(body.action, body.input);
  }
}

/** @throws ApiError RequestTooLarge; SyntaxError when the body is not JSON. */
function bodyOf(request: http.IncomingMessage): Promise<unknown> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    throw new ApiError('RequestTooLarge', `The body is over ${MAX_BODY_BYTES} bytes`, 413);
  }
  return json(request);
}

function isActionBody(
  body: unknown,
): body is { readonly action: string; readonly input: ActionInput } {
  if (typeof body !== 'object' || body === null || !('action' in body) || !('input' in body))
    return false;
  return typeof body.action === 'string' && typeof body.input === 'object' && body.input !== null;
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof ApiError)
    return { status: error.status, code: error.code, message: error.message };
  if (error instanceof CaptureRefusal)
    return { status: 404, code: 'NotFound', message: error.message };
  if (error instanceof SyntaxError)
    return { status: 400, code: 'MalformedRequest', message: error.message };
  return {
    status: 500,
    code: 'InternalFailure',
    message: error instanceof Error ? error.message : String(error),
  };
}

function answerJson(response: http.ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function answerRefusal(response: http.ServerResponse, { status, code, message }: Refusal): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ code, message }));
}

/**
 * Talks to the controller of a running lab over its socket.
 * The routes and their JSON are in `engine/control-api.ts`.
 */
import http from 'node:http';
import { text } from 'node:stream/consumers';
import type { Change, LabStatus, StatsReport } from '../engine/control-api.ts';
import type { Explanation } from '../engine/explain/explanation.ts';
import type { LabPlace } from '../engine/lab-place.ts';
import type { PlannedAction } from '../scenario/plan/planned-action.ts';
import { CliError, EXIT } from './exit-codes.ts';
import { EXPLAIN_PATH, type ExplainRequest } from './explain-request.ts';
import type { LabExport } from './lab-export.ts';
import { APPLY_PATH, EXPORT_PATH, type LabSource, PLAN_PATH } from './lab-source.ts';

/** Errors of a socket that nobody listens on: the controller is gone, or was never there. */
const NOBODY_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET']);

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

export class ControlClient {
  readonly #place: LabPlace;

  constructor(place: LabPlace) {
    this.#place = place;
  }

  /** @throws CliError notFound when the lab does not run. */
  status(): Promise<LabStatus> {
    return this.#json<LabStatus>({ method: 'GET', path: '/status' });
  }

  stats(): Promise<StatsReport> {
    return this.#json<StatsReport>({ method: 'GET', path: '/stats' });
  }

  /** @returns the calls behind that number that changed the lab, oldest first. */
  changes(since: number): Promise<readonly Change[]> {
    return this.#json({ method: 'GET', path: `/changes?since=${since}` });
  }

  /** @returns what would make the lab as the file says. */
  plan(source: LabSource): Promise<readonly PlannedAction[]> {
    return this.#json({ method: 'POST', path: PLAN_PATH, body: source });
  }

  /** Makes the lab as the file says. @returns what was done. */
  apply(source: LabSource): Promise<readonly PlannedAction[]> {
    return this.#json({ method: 'POST', path: APPLY_PATH, body: source });
  }

  /** @returns the state of the lab, of one moment. */
  export(): Promise<LabExport> {
    return this.#json({ method: 'POST', path: EXPORT_PATH, body: {} });
  }

  /** Asks what becomes of a packet. @throws CliError notFound when an end of it has no such name. */
  explain(request: ExplainRequest): Promise<Explanation> {
    return this.#json({ method: 'POST', path: EXPLAIN_PATH, body: request });
  }

  /** Settles when nothing of the lab is left. */
  async down(): Promise<void> {
    await this.#json<unknown>({ method: 'POST', path: '/down' });
  }

  /**
   * Opens a pcap or pcapng stream.
   * @param query `format`, `interface` (once for each), `count`, `seconds`.
   */
  capture(query: URLSearchParams): Promise<http.IncomingMessage> {
    return this.#open({ method: 'GET', path: `/capture?${query.toString()}` });
  }

  async #json<R>(request: Request): Promise<R> {
    const body = await text(await this.#open(request));
    return (body === '' ? null : JSON.parse(body)) as R;
  }

  /** @returns the answer with its body unread; its status is 2xx. */
  async #open(request: Request): Promise<http.IncomingMessage> {
    const response = await this.#send(request);
    const status = response.statusCode ?? 500;
    if (status >= 200 && status < 300) return response;
    const message = refusal(await text(response));
    throw new CliError(status === 404 ? EXIT.notFound : EXIT.checkFailed, message);
  }

  #send(request: Request): Promise<http.IncomingMessage> {
    const { name, socket } = this.#place;
    return new Promise((resolve, reject) => {
      const outgoing = http.request(
        {
          socketPath: socket,
          method: request.method,
          path: request.path,
          headers: { 'content-type': 'application/json' },
        },
        resolve,
      );
      outgoing.once('error', (error: NodeJS.ErrnoException) => {
        if (!NOBODY_THERE.has(error.code ?? '')) reject(error);
        else reject(new CliError(EXIT.notFound, `Cannot reach lab "${name}": it does not run`));
      });
      outgoing.end(request.body === undefined ? undefined : JSON.stringify(request.body));
    });
  }
}

/** @returns the status, or null when the lab does not run. */
export async function statusIfRunning(place: LabPlace): Promise<LabStatus | null> {
  try {
    return await new ControlClient(place).status();
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT.notFound) return null;
    throw error;
  }
}

function refusal(body: string): string {
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer === 'object' && answer !== null && 'message' in answer) {
      return String(answer.message);
    }
  } catch {
    // Not JSON: the text itself is the message.
  }
  return body.trim() || 'Cannot reach the controller: it closed the connection';
}

/**
 * Clients of the API in a process of their own, over connections that are kept: reads an `Order` from
 * standard input, sends its forms in turn, and writes a `ClientReport`. No SDK: what that costs is its own.
 */
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { percentile } from '../statistics.ts';

export interface Order {
  readonly url: string;
  /** One after the other, and again from the first. */
  readonly forms: readonly string[];
  /** Calls in all. */
  readonly count: number;
  /** Clients that each wait for their own answers only. */
  readonly clients: number;
  /** Follows the token of each answer to the last page; a call is then all pages. */
  readonly isPaged?: boolean;
}

export interface ClientReport {
  readonly ms: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Calls that were refused, with the first refusal. */
  readonly refused: number;
  readonly refusal: string | null;
}

const NEXT_TOKEN = /<nextToken>([^<]*)<\/nextToken>/;

const order: Order = JSON.parse(await text(process.stdin));
const agent = new http.Agent({ keepAlive: true, maxSockets: order.clients });
const latencies: number[] = [];
let sent = 0;
let refused = 0;
let refusal: string | null = null;

async function post(form: string): Promise<string> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'content-length': Buffer.byteLength(form),
    };
    const request = http.request(order.url, { method: 'POST', agent, headers }, resolve);
    request.once('error', reject);
    request.end(form);
  });
  const body = await text(response);
  if (response.statusCode !== 200) {
    refused++;
    refusal ??= body;
  }
  return body;
}

async function call(form: string): Promise<void> {
  const startMs = performance.now();
  let token = NEXT_TOKEN.exec(await post(form))?.[1];
  while (order.isPaged === true && token !== undefined) {
    token = NEXT_TOKEN.exec(await post(`${form}&NextToken=${encodeURIComponent(token)}`))?.[1];
  }
  latencies.push(performance.now() - startMs);
}

async function client(): Promise<void> {
  while (sent < order.count) await call(order.forms[sent++ % order.forms.length] ?? '');
}

const startMs = performance.now();
await Promise.all(Array.from({ length: order.clients }, client));
const ms = performance.now() - startMs;
agent.destroy();
const report: ClientReport = {
  ms,
  p50Ms: percentile(latencies, 0.5),
  p99Ms: percentile(latencies, 0.99),
  refused,
  refusal,
};
process.stdout.write(JSON.stringify(report));

/** The parameters of an HTTP request: a form that is posted, or a query string. */
import { isUtf8 } from 'node:buffer';
import type http from 'node:http';
import {
  malformedQuery,
  methodNotAllowed,
  noSuchPath,
  notAForm,
  requestTooLarge,
} from './api-errors.ts';

const MAX_BODY_BYTES = 2 ** 20;
const IS_FORM = /^application\/x-www-form-urlencoded\b/i;

/** A request as it was sent. */
export interface QueryRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: http.IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** Empty unless it is posted. */
  readonly body: string;
}

/** @throws ApiError when it is no request of the protocol. */
export async function readRequest(request: http.IncomingMessage): Promise<QueryRequest> {
  const { method = '', url = '/', headers } = request;
  if (method !== 'GET' && method !== 'POST') throw methodNotAllowed(method);
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (path !== '/') throw noSuchPath(path);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  const body = method === 'GET' ? '' : await bodyOf(request);
  if (body === '') return { method, headers, query, body };
  const { 'content-type': type = '', 'content-encoding': coding = 'identity' } = headers;
  if (type !== '' && !IS_FORM.test(type)) throw notAForm(type);
  if (coding !== 'identity') throw notAForm(coding);
  return { method, headers, query, body };
}

/** @returns those of the query string, then those of the body. */
export function parametersOf({ query, body }: QueryRequest): URLSearchParams {
  return new URLSearchParams([...query, ...new URLSearchParams(body)]);
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

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

/** @throws ApiError when it is no request of the protocol. */
export async function parametersOf(request: http.IncomingMessage): Promise<URLSearchParams> {
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

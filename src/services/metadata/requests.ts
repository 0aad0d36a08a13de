/** From a request to its answer; no sockets here. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../caller.ts';
import {
  type Answer,
  BAD_REQUEST,
  FORBIDDEN,
  found,
  NOT_FOUND,
  newToken,
  notAllowed,
  TOKEN_TTL_HEADER,
  tokenHeader,
  UNAUTHORIZED,
} from './answers.ts';
import { type MetadataSources, metadataTree } from './categories.ts';
import { subjectOf } from './subject.ts';
import type { SessionTokens } from './tokens.ts';
import { type Content, listing, nodeAt } from './tree.ts';
import { VERSIONS } from './versions.ts';

export interface MetadataContext extends MetadataSources {
  readonly tokens: SessionTokens;
}

export interface MetadataRequest {
  readonly method: string;
  /** As it came: a path, or a whole URL as to a proxy. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

const TOKEN_PATH = '/latest/api/token';
const TOKEN_HEADER = 'x-aws-ec2-metadata-token';
const MAX_TTL_S = 21_600;

export function isTokenRequest({ method, target }: MetadataRequest): boolean {
  return method === 'PUT' && pathOf(target) === TOKEN_PATH;
}

/** @source IMDS-2, IMDS-3, IMDS-5 */
export function answerTo(
  request: MetadataRequest,
  caller: Caller,
  context: MetadataContext,
): Answer | Promise<Answer> {
  const { instanceId, options } = caller.instance;
  const { httpEndpoint, httpTokens } = options.metadata;
  if (httpEndpoint === 'disabled') return FORBIDDEN;
  const { method, headers } = request;
  const path = pathOf(request.target);
  if (isTokenRequest(request)) return tokenFor(instanceId, headers, context.tokens);
  if (path === TOKEN_PATH) return notAllowed('OPTIONS', 'PUT');
  if (method === 'PUT') return FORBIDDEN;
  if (method !== 'GET' && method !== 'HEAD') return notAllowed('GET', 'HEAD');
  const token = headers[TOKEN_HEADER];
  if (token === undefined) {
    return httpTokens === 'required' ? UNAUTHORIZED : read(path, caller, context, null);
  }
  const secondsLeft = context.tokens.secondsLeft(instanceId, String(token));
  return secondsLeft === null ? UNAUTHORIZED : read(path, caller, context, secondsLeft);
}

function tokenFor(instanceId: string, headers: IncomingHttpHeaders, tokens: SessionTokens): Answer {
  if (headers['x-forwarded-for'] !== undefined) return FORBIDDEN;
  const text = String(headers[TOKEN_TTL_HEADER.toLowerCase()]);
  const ttlS = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (ttlS < 1 || ttlS > MAX_TTL_S) return BAD_REQUEST;
  return newToken(tokens.issue(instanceId, ttlS), ttlS);
}

/** @param secondsLeft Of the token that came; null without one. */
function read(
  path: string,
  caller: Caller,
  context: MetadataContext,
  secondsLeft: number | null,
): Answer | Promise<Answer> {
  const names = namesOf(path);
  if (names === null) return NOT_FOUND;
  const [version, ...rest] = names;
  const token = secondsLeft === null ? [] : tokenHeader(secondsLeft);
  const { launchTimeMs } = caller.instance;
  const answer = (content: Content): Answer => found(content, launchTimeMs, token);
  if (version === undefined) return answer(VERSIONS.join('\n'));
  if (!VERSIONS.includes(version)) return NOT_FOUND;
  const node = nodeAt(metadataTree(subjectOf(caller), context), rest, version);
  if (node === null) return NOT_FOUND;
  const content = node.kind === 'leaf' ? node.read() : listing(node, version);
  return content instanceof Promise ? content.then(answer) : answer(content);
}

/** @returns without the query, and without the host of a whole URL. */
function pathOf(target: string): string {
  const [path = ''] = target.replace(/^http:\/\/[^/?]*/i, '').split('?', 1);
  return path;
}

/** Slashes in a row are one, and one at the end is none. @returns null when it cannot be decoded. */
function namesOf(path: string): readonly string[] | null {
  const names = path.split('/').filter((name) => name !== '');
  try {
    return names.map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

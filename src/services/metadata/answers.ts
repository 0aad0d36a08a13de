/** What instance metadata answers, byte by byte as AWS does. */
import type { Content } from './tree.ts';

type Headers = readonly (readonly [name: string, value: string])[];

export interface Answer {
  readonly status: 200 | 400 | 401 | 403 | 404 | 405 | 500;
  /** In AWS's order, without those of every answer. */
  readonly headers: Headers;
  /** Stand behind those of every answer. */
  readonly lastHeaders?: Headers;
  readonly body: Buffer;
}

export const REASONS: Readonly<Record<Answer['status'], string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
  500: 'Internal Server Error',
};

export const TOKEN_TTL_HEADER = 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds';

/** A leaf or a listing. @param modifiedMs Since the epoch. @param token The header for its holder. */
export function found(content: Content, modifiedMs: number, token: Headers): Answer {
  const body = Buffer.from(content);
  const isText = typeof content === 'string';
  const headers: Headers = [
    ...token,
    ['Content-Type', isText ? 'text/plain' : 'application/octet-stream'],
    ['Accept-Ranges', 'none'],
    ['Last-Modified', new Date(modifiedMs).toUTCString()],
    ['Content-Length', String(body.length)],
  ];
  return { status: 200, headers, body };
}

/** @param ttlS Seconds. */
export function tokenHeader(ttlS: number): Headers {
  return [[TOKEN_TTL_HEADER, String(ttlS)]];
}

export function newToken(token: string, ttlS: number): Answer {
  const body = Buffer.from(token);
  const length = ['Content-Length', String(body.length)] as const;
  return { status: 200, headers: [...tokenHeader(ttlS), length], lastHeaders: PLAIN, body };
}

const PLAIN: Headers = [['Content-Type', 'text/plain']];

/** The metadata of the instance is switched off, or a PUT is for another path, or came by a proxy. */
export const FORBIDDEN: Answer = empty(403);
/** A token is wanted, or the one that came is not good. */
export const UNAUTHORIZED: Answer = empty(401);
export const FAILED: Answer = empty(500);
export const NOT_FOUND: Answer = page(404);
export const BAD_REQUEST: Answer = page(400);

export function notAllowed(...methods: readonly string[]): Answer {
  return empty(405, [['Allow', methods.join(', ')]]);
}

function empty(status: Answer['status'], headers: Headers = []): Answer {
  const length = ['Content-Length', '0'] as const;
  return { status, headers: [...headers, length], lastHeaders: PLAIN, body: Buffer.alloc(0) };
}

/** The page of 404 has 339 bytes, as on AWS. */
function page(status: 400 | 404): Answer {
  const title = `${status} - ${REASONS[status]}`;
  const body = Buffer.from(`<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
    "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>${title}</title>
 </head>
 <body>
  <h1>${title}</h1>
 </body>
</html>`);
  const headers: Headers = [
    ['Content-Type', 'text/html'],
    ['Content-Length', String(body.length)],
  ];
  return { status, headers, body };
}

/** Refusals of requests that never get as far as an action, in AWS's words where AWS has them. */
import { ApiError } from '../actions/api-error.ts';

export function missingAction(): ApiError {
  return new ApiError('MissingAction', 'The request is missing the parameter Action');
}

/** @param reason What is wrong, as a clause. */
export function malformedQuery(reason: string): ApiError {
  return new ApiError(
    'MalformedQueryString',
    `The query string contains a syntax error: ${reason}`,
  );
}

/** @param scope What the credential is for. @param wanted What the lab is. */
export function wrongScope(scope: string, wanted: string): ApiError {
  const message = `Credential is for ${scope}, but this lab is ${wanted}`;
  return new ApiError('AuthFailure', message, 401);
}

/** An interface that is gone may have connections left. */
export function unknownInterface(): ApiError {
  return new ApiError('AuthFailure', 'The request comes from no interface of this lab', 401);
}

export function requestTooLarge(limitBytes: number): ApiError {
  return new ApiError('RequestEntityTooLarge', `The request is over ${limitBytes} bytes`, 413);
}

export function methodNotAllowed(method: string): ApiError {
  return new ApiError('MethodNotAllowed', `The method ${method} is not allowed, use POST`, 405);
}

export function noSuchPath(path: string): ApiError {
  return new ApiError('NoSuchPath', `There is nothing at ${path}, the API is at /`, 404);
}

/** Pages of the web must not reach a lab through the browser of its user. */
export function fromBrowser(origin: string): ApiError {
  return new ApiError('AccessDenied', `Requests of web pages are refused: ${origin}`, 403);
}

/** A defect of the lab, or its end. Clients repeat the request. */
export function internalError(): ApiError {
  return new ApiError('InternalError', 'An internal error has occurred', 500);
}

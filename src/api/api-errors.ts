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

/** A region that AWS has not, or that an account must ask for first. */
export function unusableRegion(region: string): ApiError {
  const message = `AWS was not able to validate the provided access credentials: account has no access to region ${region}`;
  return new ApiError('AuthFailure', message, 401);
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

/** A name of somebody's that leads to the lab. */
export function foreignHost(host: string): ApiError {
  return new ApiError('AccessDenied', `Requests for the host ${host} are refused`, 403);
}

/** What is not a form is not read, so it must not be there. */
export function notAForm(contentType: string): ApiError {
  return malformedQuery(`the body is ${contentType}, not application/x-www-form-urlencoded`);
}

/** A defect of the lab, or its end. Clients repeat the request. */
export function internalError(): ApiError {
  return new ApiError('InternalError', 'An internal error has occurred', 500);
}

/** Refusals of requests that never get as far as an action, in AWS's words where AWS has them. */
import { ApiError } from '../actions/api-error.ts';

/** @param reason What is wrong, as a clause. */
export function malformedQuery(reason: string): ApiError {
  return new ApiError(
    'MalformedQueryString',
    `The query string contains a syntax error: ${reason}`,
  );
}

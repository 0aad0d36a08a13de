/**
 * What the services say to requests that are not signed as they must be: the same faults, in other codes.
 * @source EC2: "Error codes for the Amazon EC2 API"; others: "Common errors"; and what clients have seen
 */
import type { ServiceName } from '../actions/action-names.ts';
import { ApiError } from '../actions/api-error.ts';
import { CLOCK_SKEW_MS, type SignedTime } from './signature.ts';

export interface SignatureRefusals {
  /** As credential scopes name it. */
  readonly service: ServiceName | 'sts';
  /** There is no signature. */
  missing(): ApiError;
  /** There is half of one. */
  incomplete(): ApiError;
  /** The access key, or its token, is nobody's. */
  unknownKey(): ApiError;
  otherService(): ApiError;
  mismatch(): ApiError;
  tooOld(time: SignedTime, nowMs: number): ApiError;
  tooEarly(time: SignedTime, nowMs: number): ApiError;
  /** The credentials are no longer good. */
  expired(): ApiError;
}

const authFailure = (): ApiError =>
  new ApiError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
const requestExpired = (): ApiError => new ApiError('RequestExpired', 'Request has expired.');

/** It does not say what is wrong with a signature. */
export const EC2_REFUSALS: SignatureRefusals = {
  service: 'ec2',
  missing: () =>
    new ApiError('MissingParameter', 'The request must contain the parameter AWSAccessKeyId'),
  incomplete: authFailure,
  unknownKey: authFailure,
  otherService: authFailure,
  mismatch: authFailure,
  tooOld: requestExpired,
  tooEarly: requestExpired,
  expired: requestExpired,
};

const forbidden = (code: string, message: string): ApiError => new ApiError(code, message, 403);
const mismatch = (message: string): ApiError => forbidden('SignatureDoesNotMatch', message);

/** Of all services but EC2. */
function commonRefusals(service: SignatureRefusals['service']): SignatureRefusals {
  return {
    service,
    missing: () =>
      forbidden('MissingAuthenticationToken', 'Request is missing Authentication Token'),
    incomplete: () =>
      new ApiError(
        'IncompleteSignature',
        "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters, and an 'X-Amz-Date' header.",
      ),
    unknownKey: () =>
      forbidden('InvalidClientTokenId', 'The security token included in the request is invalid.'),
    otherService: () => mismatch(`Credential should be scoped to correct service: '${service}'. `),
    mismatch: () =>
      mismatch(
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      ),
    tooOld: ({ dateMs }, nowMs) =>
      mismatch(
        `Signature expired: ${isoBasic(dateMs)} is now earlier than ${isoBasic(nowMs - CLOCK_SKEW_MS)} (${isoBasic(nowMs)} - 15 min.)`,
      ),
    tooEarly: ({ dateMs }, nowMs) =>
      mismatch(
        `Signature not yet current: ${isoBasic(dateMs)} is still later than ${isoBasic(nowMs + CLOCK_SKEW_MS)} (${isoBasic(nowMs)} + 15 min.)`,
      ),
    expired: () =>
      forbidden('ExpiredToken', 'The security token included in the request is expired'),
  };
}

export const STS_REFUSALS = commonRefusals('sts');
export const LOAD_BALANCING_REFUSALS = commonRefusals('elasticloadbalancing');

function isoBasic(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

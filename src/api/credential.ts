/** The region and the account that a request is for, by its signature, which is not verified. */
import type { IncomingHttpHeaders } from 'node:http';
import { wrongScope } from './api-errors.ts';

/** `AKID/20200501/us-east-1/ec2/aws4_request`, in the header or in a URL that is signed in advance. */
const SCOPE = /^([^/]+)\/[^/]+\/([^/]+)\/[^/]+\/aws4_request$/;
const CREDENTIAL = /\bCredential=([^,\s]+)/;
/** An access key that is an account's number asks for that account. */
const ACCOUNT_ID = /^\d{12}$/;

export interface ApiRealm {
  readonly region: string;
  readonly accountId: string;
}

/**
 * Checks that a request means this lab. One without a signature does.
 * @throws ApiError AuthFailure when its credential is for another region or account.
 */
export function checkRealm(
  headers: IncomingHttpHeaders,
  parameters: URLSearchParams,
  { region, accountId }: ApiRealm,
): void {
  const credential =
    CREDENTIAL.exec(headers.authorization ?? '')?.[1] ?? parameters.get('X-Amz-Credential') ?? '';
  const [, key = '', scope = region] = SCOPE.exec(credential) ?? [];
  if (scope !== region) throw wrongScope(`region ${scope}`, `in region ${region}`);
  if (ACCOUNT_ID.test(key) && key !== accountId) {
    throw wrongScope(`account ${key}`, `in account ${accountId}`);
  }
}

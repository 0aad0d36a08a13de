/** The region and the account that a request is for, by its signature, which is not verified. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Realm } from '../model/realm.ts';

/** `AKID/20200501/us-east-1/ec2/aws4_request`, in the header or in a URL that is signed in advance. */
const SCOPE = /^([^/]+)\/[^/]+\/([^/]+)\/[^/]+\/aws4_request$/;
const CREDENTIAL = /\bCredential=([^,\s]+)/;
/** An access key that is an account's number asks for that account. */
const ACCOUNT_ID = /^\d{12}$/;

/** @param home What a request without a signature is for, and one whose key names no account. */
export function realmOf(
  headers: IncomingHttpHeaders,
  parameters: URLSearchParams,
  home: Realm,
): Realm {
  const credential =
    CREDENTIAL.exec(headers.authorization ?? '')?.[1] ?? parameters.get('X-Amz-Credential') ?? '';
  const [, key = '', region = home.region] = SCOPE.exec(credential) ?? [];
  return { region, accountId: ACCOUNT_ID.test(key) ? key : home.accountId };
}

/** The region and the account that a request is for, by the credential that it names. Nothing is verified. */
import type { Realm } from '../model/realm.ts';
import type { QueryRequest } from './parameters.ts';

/** An access key and what it is used for. */
export interface Credential {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

/** `AKID/20200501/us-east-1/ec2/aws4_request`, in the header or in a URL that is signed in advance. */
const SCOPE = /^([^/]+)\/[^/]+\/([^/]+)\/([^/]+)\/aws4_request$/;
const CREDENTIAL = /\bCredential=([^,\s]+)/;
/** An access key that is an account's number asks for that account. */
const ACCOUNT_ID = /^\d{12}$/;

/** @returns true when the request is signed, in whatever way. */
export function isSigned({ headers, query }: QueryRequest): boolean {
  return headers.authorization !== undefined || query.has('X-Amz-Signature');
}

/** @returns null for a request that names none, or one of another form. */
export function credentialOf({ headers, query }: QueryRequest): Credential | null {
  const text =
    CREDENTIAL.exec(headers.authorization ?? '')?.[1] ?? query.get('X-Amz-Credential') ?? '';
  const [, accessKeyId, region, service] = SCOPE.exec(text) ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) return null;
  return { accessKeyId, region, service };
}

/** @param home What a request without a credential is for, and one whose key names no account. */
export function realmOf(credential: Credential | null, { region, accountId }: Realm): Realm {
  if (credential === null) return { region, accountId };
  const { accessKeyId } = credential;
  return {
    region: credential.region,
    accountId: ACCOUNT_ID.test(accessKeyId) ? accessKeyId : accountId,
  };
}

/**
 * The one question of the Security Token Service that clients of EC2 ask first: who am I? It speaks
 * the query protocol, which answers in another form than EC2's.
 */
import type { Realm } from '../model/realm.ts';
import { xmlElement } from './xml.ts';

const VERSION = '2011-06-15';
const NAMESPACE = `https://sts.amazonaws.com/doc/${VERSION}/`;

export function isCallerIdentityRequest(parameters: URLSearchParams): boolean {
  return parameters.get('Action') === 'GetCallerIdentity' && parameters.get('Version') === VERSION;
}

/** Whoever asks is the root of the account. */
export function callerIdentity({ accountId }: Realm, requestId: string): string {
  const result =
    xmlElement('Arn', `arn:aws:iam::${accountId}:root`) +
    xmlElement('UserId', accountId) +
    xmlElement('Account', accountId);
  const metadata = xmlElement('ResponseMetadata', xmlElement('RequestId', requestId));
  const content = xmlElement('GetCallerIdentityResult', result) + metadata;
  return `<GetCallerIdentityResponse xmlns="${NAMESPACE}">${content}</GetCallerIdentityResponse>`;
}

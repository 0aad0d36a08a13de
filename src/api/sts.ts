/**
 * The one question of the Security Token Service that clients of EC2 ask first: who am I? It speaks
 * the query protocol, which answers in another form than EC2's.
 */
import type { ApiError } from '../actions/api-error.ts';
import { invalidAction } from '../actions/errors.ts';
import { roleIdOf, sessionArn } from '../model/roles.ts';
import type { Asker } from './asker.ts';
import { queryAnswerXml, queryErrorXml } from './query-xml.ts';
import { xmlElement, xmlText } from './xml.ts';

const VERSION = '2011-06-15';
const NAMESPACE = `https://sts.amazonaws.com/doc/${VERSION}/`;

/** @returns true for a request to this service, by its version: all services have one address. */
export function isStsRequest(parameters: URLSearchParams): boolean {
  return parameters.get('Version') === VERSION;
}

/** @throws ApiError InvalidAction for another question. */
export function answerSts(parameters: URLSearchParams, asker: Asker, requestId: string): string {
  const action = parameters.get('Action') ?? '';
  if (action !== 'GetCallerIdentity') throw invalidAction(action);
  const { arn, userId, account } = identityOf(asker);
  const content =
    xmlElement('Arn', xmlText(arn)) + xmlElement('UserId', userId) + xmlElement('Account', account);
  return queryAnswerXml(NAMESPACE, { action, content, requestId });
}

export function encodeStsError(error: ApiError, requestId: string): string {
  return queryErrorXml(NAMESPACE, error, requestId);
}

/** Whoever has no role is the root of the account. */
function identityOf({ session, realm: { accountId } }: Asker) {
  if (session === null) {
    return { arn: `arn:aws:iam::${accountId}:root`, userId: accountId, account: accountId };
  }
  const userId = `${roleIdOf(session)}:${session.instanceId}`;
  return { arn: sessionArn(session), userId, account: session.accountId };
}

/**
 * The documents of AWS's query protocol, which most services but EC2 answer with, without a prolog.
 * @source Smithy, "AWS query protocol"
 */
import type { ApiError } from '../actions/api-error.ts';
import { xmlElement, xmlText } from './xml.ts';

interface QueryAnswer {
  readonly action: string;
  /** null when the answer has no members. */
  readonly content: string | null;
  readonly requestId: string;
}

export function queryAnswerXml(
  namespace: string,
  { action, content, requestId }: QueryAnswer,
): string {
  const metadata = xmlElement('ResponseMetadata', xmlElement('RequestId', requestId));
  const result = xmlElement(`${action}Result`, content ?? '');
  const root = `${action}Response`;
  return `<${root} xmlns="${namespace}">${result}${metadata}</${root}>`;
}

export function queryErrorXml(
  namespace: string,
  { code, message, status }: ApiError,
  requestId: string,
): string {
  const error =
    xmlElement('Type', status < 500 ? 'Sender' : 'Receiver') +
    xmlElement('Code', xmlText(code)) +
    xmlElement('Message', xmlText(message));
  const content = xmlElement('Error', error) + xmlElement('RequestId', requestId);
  return `<ErrorResponse xmlns="${namespace}">${content}</ErrorResponse>`;
}

/** The documents that EC2 answers with. */
import type { ApiError } from '../actions/api-error.ts';
import { xmlElement, xmlText } from './xml.ts';

const PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n';

interface Ec2Answer {
  readonly action: string;
  /** null when the answer has no members. */
  readonly content: string | null;
  readonly requestId: string;
}

export function ec2AnswerXml(namespace: string, { action, content, requestId }: Ec2Answer): string {
  const root = `${action}Response`;
  const members = content ?? xmlElement('return', 'true');
  return `${PROLOG}<${root} xmlns="${namespace}">${xmlElement('requestId', requestId)}${members}</${root}>`;
}

export function ec2ErrorXml({ code, message }: ApiError, requestId: string): string {
  const error = xmlElement('Code', xmlText(code)) + xmlElement('Message', xmlText(message));
  const errors = xmlElement('Errors', xmlElement('Error', error));
  return `${PROLOG}${xmlElement('Response', errors + xmlElement('RequestID', requestId))}`;
}

/**
 * The services whose actions a lab has: how each of them speaks. All have one address; a request says by the
 * version of the API whom it is for.
 */

import type { ParameterRefusals } from '../actions/action.ts';
import { type ActionName, partsOfAction, type ServiceName } from '../actions/action-names.ts';
import type { ApiError } from '../actions/api-error.ts';
import { LOAD_BALANCING_SERVICE } from '../actions/load-balancing/balancing-errors.ts';
import { EC2_SERVICE } from '../actions/parameters.ts';
import { EC2_MODEL } from './ec2-model-table.ts';
import { ec2AnswerXml, ec2ErrorXml } from './ec2-xml.ts';
import { LOAD_BALANCING_MODEL } from './load-balancing-model-table.ts';
import { queryAnswerXml, queryErrorXml } from './query-xml.ts';
import {
  EC2_REFUSALS,
  LOAD_BALANCING_REFUSALS,
  type SignatureRefusals,
} from './signature-refusals.ts';
import type { WireModel } from './wire-types.ts';

/** What an answer is made of. */
export interface AnswerParts {
  /** AWS's name. */
  readonly action: string;
  /** The members of the answer; null when it has none. */
  readonly content: string | null;
  readonly requestId: string;
}

export interface WireService {
  readonly name: ServiceName;
  /** The only version of its API that there is. */
  readonly version: string;
  readonly model: WireModel;
  /** What stands before the number in the keys of lists; null: nothing. */
  readonly listSegment: string | null;
  readonly parameterRefusals: ParameterRefusals;
  readonly signatureRefusals: SignatureRefusals;
  /** @returns a document. */
  answerXml(parts: AnswerParts): string;
  /** @returns a document. */
  errorXml(error: ApiError, requestId: string): string;
}

const EC2_VERSION = '2016-11-15';
const EC2_NAMESPACE = `http://ec2.amazonaws.com/doc/${EC2_VERSION}/`;

export const EC2: WireService = {
  name: 'ec2',
  version: EC2_VERSION,
  model: EC2_MODEL,
  listSegment: null,
  parameterRefusals: EC2_SERVICE.refusals,
  signatureRefusals: EC2_REFUSALS,
  answerXml: (parts) => ec2AnswerXml(EC2_NAMESPACE, parts),
  errorXml: ec2ErrorXml,
};

const LOAD_BALANCING_VERSION = '2015-12-01';
const LOAD_BALANCING_NAMESPACE = `http://elasticloadbalancing.amazonaws.com/doc/${LOAD_BALANCING_VERSION}/`;

const LOAD_BALANCING: WireService = {
  name: 'elasticloadbalancing',
  version: LOAD_BALANCING_VERSION,
  model: LOAD_BALANCING_MODEL,
  listSegment: 'member',
  parameterRefusals: LOAD_BALANCING_SERVICE.refusals,
  signatureRefusals: LOAD_BALANCING_REFUSALS,
  answerXml: (parts) => queryAnswerXml(LOAD_BALANCING_NAMESPACE, parts),
  errorXml: (error, requestId) => queryErrorXml(LOAD_BALANCING_NAMESPACE, error, requestId),
};

const SERVICES: Readonly<Record<ServiceName, WireService>> = {
  ec2: EC2,
  elasticloadbalancing: LOAD_BALANCING,
};

/** @returns the service that a request is for: EC2 unless it says another. */
export function serviceOfRequest(parameters: URLSearchParams): WireService {
  const version = parameters.get('Version');
  return Object.values(SERVICES).find((service) => service.version === version) ?? EC2;
}

/** @param action As `performAction` takes it. */
export function serviceOfAction(
  action: string,
): Omit<ActionName, 'service'> & { readonly service: WireService } {
  const { service, name } = partsOfAction(action);
  return { service: SERVICES[service], name };
}

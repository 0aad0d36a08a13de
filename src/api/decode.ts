/**
 * From a request of a query protocol to the input of an action: flat keys with dots, lists
 * that count from 1, everything as text.
 */

import type { ActionInput } from '../actions/action.ts';
import { actionNamed } from '../actions/action-names.ts';
import { invalidAction } from '../actions/errors.ts';
import { malformedQuery, missingAction } from './api-errors.ts';
import { membersByQueryName, membersOf, wireAction } from './model.ts';
import { serviceOfRequest, type WireService } from './wire-services.ts';
import type { Scalar, WireModel, WireType } from './wire-types.ts';
import { isXmlText } from './xml.ts';

export interface ActionRequest {
  /** As `performAction` takes it. */
  readonly action: string;
  readonly input: ActionInput;
}

/** Parameters that say what the request is, and the old ways to sign it; not the action's. */
const FRAME_PARAMETERS: ReadonlySet<string> = new Set([
  ...['Action', 'Version', 'AWSAccessKeyId', 'SecurityToken', 'Signature', 'SignatureMethod'],
  ...['SignatureVersion', 'Timestamp', 'Expires'],
]);
/** The parameters of a URL that is signed in advance. */
const SIGNATURE_PREFIX = 'X-Amz-';

const LIST_INDEX = /^[1-9]\d{0,8}$/;
const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;

/** What is being filled; a list keeps the order of its numbers, which may have gaps. */
type Growing = Map<string, unknown>;

/**
 * Decodes the parameters of a request, from a form or from a query string.
 * @throws ApiError MissingAction, InvalidAction; in the words of the service for a key that AWS does not
 *   know, and for a value of another type or out of no enumeration.
 */
export function decodeRequest(parameters: URLSearchParams): ActionRequest {
  const name = parameters.get('Action');
  if (name === null || name === '') throw missingAction();
  const service = serviceOfRequest(parameters);
  const wire = wireAction(service.model, name);
  const version = parameters.get('Version') ?? service.version;
  if (wire === null || version !== service.version) throw invalidAction(name);
  const input: Growing = new Map();
  const seen = new Set<string>();
  for (const [key, text] of parameters) {
    if (seen.has(key)) throw malformedQuery(`the parameter ${key} is there twice`);
    seen.add(key);
    if (FRAME_PARAMETERS.has(key) || key.startsWith(SIGNATURE_PREFIX)) continue;
    if (!isXmlText(text)) throw service.parameterRefusals.unusableText(key);
    grow(service, input, { structure: wire.input }, key, text);
  }
  const action = actionNamed({ service: service.name, name });
  return { action, input: finishStructure(service.model, input, wire.input) };
}

/** Puts the value of a key at its place, and makes what leads there. */
function grow(
  service: WireService,
  root: Growing,
  rootType: WireType,
  key: string,
  text: string,
): void {
  let place = root;
  let type = rootType;
  const segments = key.split('.');
  for (let index = 0; index < segments.length; index++) {
    if (isList(type) && service.listSegment !== null) {
      if (segments[index] !== service.listSegment) throw service.parameterRefusals.unknown(key);
      index++;
    }
    const step = stepInto(service.model, type, segments[index] ?? '');
    if (step === null) throw service.parameterRefusals.unknown(key);
    type = step.type;
    if (index === segments.length - 1) {
      place.set(step.name, lastValueOf(service, type, key, text));
      return;
    }
    const known = place.get(step.name);
    const next: Growing = known instanceof Map ? known : new Map();
    place.set(step.name, next);
    place = next;
  }
}

interface Step {
  /** A member's name, or an index. */
  readonly name: string;
  readonly type: WireType;
}

function isList(type: WireType): type is Extract<WireType, { list: WireType }> {
  return typeof type !== 'string' && 'list' in type;
}

function stepInto(model: WireModel, type: WireType, segment: string): Step | null {
  if (typeof type === 'string' || 'enum' in type) return null;
  if ('list' in type) return LIST_INDEX.test(segment) ? { name: segment, type: type.list } : null;
  const members = membersOf(model, type.structure);
  const name = membersByQueryName(members).get(segment);
  const member = name === undefined ? undefined : members[name];
  return name === undefined || member === undefined ? null : { name, type: member[0] };
}

/** In the query protocol an empty list is its key without a value; EC2's has no empty lists. */
function lastValueOf(service: WireService, type: WireType, key: string, text: string): unknown {
  const hasEmptyLists = service.listSegment !== null;
  if (hasEmptyLists && isList(type) && text === '') return new Map();
  return scalarOf(service, type, key, text);
}

function scalarOf(
  { model, parameterRefusals }: WireService,
  type: WireType,
  key: string,
  text: string,
): unknown {
  if (typeof type === 'string') {
    const value = plainScalarOf(type, text);
    if (value === null) throw parameterRefusals.wrongType(spoken(key), text, WANTED[type]);
    return value;
  }
  if (!('enum' in type)) throw parameterRefusals.unknown(key);
  const words = model.enums[type.enum] ?? [];
  if (!words.includes(text)) throw parameterRefusals.notOneOf(spoken(key), text, words);
  return text;
}

/** As refusals name them. */
const WANTED: Readonly<Record<Scalar, string>> = {
  boolean: 'boolean',
  number: 'integer',
  string: 'string',
  timestamp: 'string',
  blob: 'string',
};

/** @returns null for a text of another type. */
function plainScalarOf(scalar: Scalar, text: string): unknown {
  switch (scalar) {
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : null;
    case 'number':
      return NUMBER.test(text) ? Number(text) : null;
    case 'string':
    case 'timestamp':
    case 'blob':
      return text;
    default:
      return scalar satisfies never;
  }
}

function finish(model: WireModel, value: unknown, type: WireType): unknown {
  if (!(value instanceof Map) || typeof type === 'string' || 'enum' in type) return value;
  if ('structure' in type) return finishStructure(model, value, type.structure);
  return [...value]
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => finish(model, item, type.list));
}

function finishStructure(model: WireModel, place: Growing, structure: string): ActionInput {
  const members = membersOf(model, structure);
  return Object.fromEntries(
    [...place].map(([name, value]) => [name, finish(model, value, members[name]?.[0] ?? 'string')]),
  );
}

/** AWS's messages begin the names of parameters with a small letter. */
function spoken(key: string): string {
  return `${key.slice(0, 1).toLowerCase()}${key.slice(1)}`;
}

/**
 * From a request of the EC2 query protocol to the input of an action: flat keys with dots, lists
 * that count from 1, everything as text.
 */
import type { ActionInput } from '../actions/action.ts';
import {
  invalidAction,
  invalidValue,
  parameterValue,
  unknownParameter,
} from '../actions/errors.ts';
import { malformedQuery, missingAction } from './api-errors.ts';
import { isEnumValue, membersByQueryName, membersOf, wireAction } from './model.ts';
import type { Scalar, WireType } from './wire-types.ts';
import { isXmlText } from './xml.ts';

/** The only version of the API that there is. */
export const API_VERSION = '2016-11-15';

export interface ActionRequest {
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
 * @throws ApiError MissingAction, InvalidAction, UnknownParameter for a key that AWS does not know,
 *   InvalidParameterValue for a value of another type or out of no enumeration.
 */
export function decodeRequest(parameters: URLSearchParams): ActionRequest {
  const action = parameters.get('Action');
  if (action === null || action === '') throw missingAction();
  const wire = wireAction(action);
  const version = parameters.get('Version') ?? API_VERSION;
  if (wire === null || version !== API_VERSION) throw invalidAction(action);
  const input: Growing = new Map();
  const seen = new Set<string>();
  for (const [key, text] of parameters) {
    if (seen.has(key)) throw malformedQuery(`the parameter ${key} is there twice`);
    seen.add(key);
    if (FRAME_PARAMETERS.has(key) || key.startsWith(SIGNATURE_PREFIX)) continue;
    if (!isXmlText(text))
      throw parameterValue(`Invalid characters in the value for parameter ${key}.`);
    grow(input, { structure: wire.input }, key, text);
  }
  return { action, input: finishStructure(input, wire.input) };
}

/** Puts the value of a key at its place, and makes what leads there. */
function grow(root: Growing, rootType: WireType, key: string, text: string): void {
  let place = root;
  let type = rootType;
  const segments = key.split('.');
  for (const [index, segment] of segments.entries()) {
    const step = stepInto(type, segment);
    if (step === null) throw unknownParameter(key);
    type = step.type;
    if (index === segments.length - 1) {
      place.set(step.name, scalarOf(type, key, text));
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

function stepInto(type: WireType, segment: string): Step | null {
  if (typeof type === 'string' || 'enum' in type) return null;
  if ('list' in type) return LIST_INDEX.test(segment) ? { name: segment, type: type.list } : null;
  const name = membersByQueryName(type.structure).get(segment);
  const member = name === undefined ? undefined : membersOf(type.structure)[name];
  return name === undefined || member === undefined ? null : { name, type: member[0] };
}

function scalarOf(type: WireType, key: string, text: string): unknown {
  if (typeof type === 'string') return plainScalarOf(type, key, text);
  if (!('enum' in type)) throw unknownParameter(key);
  if (!isEnumValue(type.enum, text)) throw invalidValue(spoken(key), text);
  return text;
}

function plainScalarOf(scalar: Scalar, key: string, text: string): unknown {
  switch (scalar) {
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw wrongType(key, text, 'boolean');
      return text === 'true';
    case 'number':
      if (!NUMBER.test(text)) throw wrongType(key, text, 'integer');
      return Number(text);
    case 'string':
    case 'timestamp':
    case 'blob':
      return text;
    default:
      return scalar satisfies never;
  }
}

function finish(value: unknown, type: WireType): unknown {
  if (!(value instanceof Map) || typeof type === 'string' || 'enum' in type) return value;
  if ('structure' in type) return finishStructure(value, type.structure);
  return [...value]
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => finish(item, type.list));
}

function finishStructure(place: Growing, structure: string): ActionInput {
  const members = membersOf(structure);
  return Object.fromEntries(
    [...place].map(([name, value]) => [name, finish(value, members[name]?.[0] ?? 'string')]),
  );
}

function wrongType(key: string, text: string, wanted: string): Error {
  return invalidValue(spoken(key), text, `Expected: a value of type '${wanted}'.`);
}

/** AWS's messages begin the names of parameters with a small letter. */
function spoken(key: string): string {
  return `${key.slice(0, 1).toLowerCase()}${key.slice(1)}`;
}

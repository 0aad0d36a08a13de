/** From the output of an action, or its refusal, to the XML of the EC2 query protocol. */
import assert from 'node:assert/strict';
import type { ActionOutput } from '../actions/action.ts';
import type { ApiError } from '../actions/api-error.ts';
import { isStructure } from '../actions/input.ts';
import { API_VERSION } from './decode.ts';
import { membersOf, wireAction } from './model.ts';
import type { WireType } from './wire-types.ts';
import { xmlElement, xmlText } from './xml.ts';

const PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NAMESPACE = `http://ec2.amazonaws.com/doc/${API_VERSION}/`;

/**
 * Encodes an answer. `undefined` members become no element, `[]` an empty one.
 * @param action One of the model's.
 * @throws AssertionError when the output has what the model has not: an action's mistake.
 */
export function encodeAnswer(action: string, output: ActionOutput, requestId: string): string {
  const wire = wireAction(action);
  assert(wire !== null, `${action} is not in the model`);
  const content =
    wire.output === null ? '<return>true</return>' : structureXml(output, wire.output);
  const root = `${action}Response`;
  return `${PROLOG}<${root} xmlns="${NAMESPACE}">${xmlElement('requestId', requestId)}${content}</${root}>`;
}

export function encodeError({ code, message }: ApiError, requestId: string): string {
  const error = xmlElement('Code', xmlText(code)) + xmlElement('Message', xmlText(message));
  const errors = xmlElement('Errors', xmlElement('Error', error));
  return `${PROLOG}${xmlElement('Response', errors + xmlElement('RequestID', requestId))}`;
}

function structureXml(output: ActionOutput, structure: string): string {
  const members = membersOf(structure);
  let xml = '';
  for (const name of Object.keys(output)) {
    const value = output[name];
    if (value === undefined) continue;
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    // Not `assert`: its message would be made for every member that is there.
    if (member === undefined) assert.fail(`${structure} has no member ${name}`);
    xml += xmlElement(member[2], valueXml(value, member[0]));
  }
  return xml;
}

function valueXml(value: unknown, type: WireType): string {
  if (typeof type === 'string' || 'enum' in type) {
    assert(!isStructure(value) && !Array.isArray(value), 'a scalar is wanted');
    return xmlText(String(value));
  }
  if ('structure' in type) {
    assert(isStructure(value), 'a structure is wanted');
    return structureXml(value, type.structure);
  }
  assert(Array.isArray(value), 'a list is wanted');
  let xml = '';
  for (const item of value) xml += xmlElement(type.item, valueXml(item, type.list));
  return xml;
}

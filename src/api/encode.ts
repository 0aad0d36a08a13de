/** From the output of an action to the XML of its service. */
import assert from 'node:assert/strict';
import type { ActionOutput } from '../actions/action.ts';
import { isStructure } from '../actions/input.ts';
import { membersOf, wireAction } from './model.ts';
import { serviceOfAction } from './wire-services.ts';
import type { WireModel, WireType } from './wire-types.ts';
import { xmlElement, xmlText } from './xml.ts';

/**
 * Encodes an answer. `undefined` members become no element, `[]` an empty one.
 * @param action As `performAction` takes it; it is one of the models'.
 * @throws AssertionError when the output has what the model has not: an action's mistake.
 */
export function encodeAnswer(action: string, output: ActionOutput, requestId: string): string {
  const { service, name } = serviceOfAction(action);
  const { model } = service;
  const wire = wireAction(model, name);
  assert(wire !== null, `${action} is not in the model`);
  const content = wire.output === null ? null : structureXml(model, output, wire.output);
  return service.answerXml({ action: name, content, requestId });
}

function structureXml(model: WireModel, output: ActionOutput, structure: string): string {
  const members = membersOf(model, structure);
  let xml = '';
  for (const name of Object.keys(output)) {
    const value = output[name];
    if (value === undefined) continue;
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    // Not `assert`: its message would be made for every member that is there.
    if (member === undefined) assert.fail(`${structure} has no member ${name}`);
    xml += xmlElement(member[2], valueXml(model, value, member[0]));
  }
  return xml;
}

function valueXml(model: WireModel, value: unknown, type: WireType): string {
  if (typeof type === 'string' || 'enum' in type) {
    assert(!isStructure(value) && !Array.isArray(value), 'a scalar is wanted');
    return xmlText(String(value));
  }
  if ('structure' in type) {
    assert(isStructure(value), 'a structure is wanted');
    return structureXml(model, value, type.structure);
  }
  assert(Array.isArray(value), 'a list is wanted');
  let xml = '';
  for (const item of value) xml += xmlElement(type.item, valueXml(model, item, type.list));
  return xml;
}

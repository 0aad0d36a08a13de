/** From the input of an action to the form that a client sends. */
import { membersOf, wireAction } from '../../src/api/model.ts';
import type { WireType } from '../../src/api/wire-types.ts';

/** @param input With the names of AWS's model; those that it has not are left out. */
export function formOf(action: string, input: object): URLSearchParams {
  const form = new URLSearchParams({ Action: action, Version: '2016-11-15' });
  const wire = wireAction(action);
  if (wire !== null) append(form, '', input, { structure: wire.input });
  return form;
}

function append(form: URLSearchParams, path: string, value: unknown, type: WireType): void {
  if (typeof type === 'string' || 'enum' in type) form.append(path, String(value));
  else if ('list' in type) {
    const items = Array.isArray(value) ? value : [];
    for (const [index, item] of items.entries()) {
      append(form, `${path}.${index + 1}`, item, type.list);
    }
  } else {
    const members = membersOf(type.structure);
    for (const [name, part] of Object.entries(Object(value))) {
      const [memberType, query] = members[name] ?? [];
      if (memberType === undefined || part === undefined) continue;
      append(form, path === '' ? `${query}` : `${path}.${query}`, part, memberType);
    }
  }
}

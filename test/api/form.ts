/** From the input of an action to the form that a client sends. */
import { membersOf, wireAction } from '../../src/api/model.ts';
import { serviceOfAction, type WireService } from '../../src/api/wire-services.ts';
import type { WireType } from '../../src/api/wire-types.ts';

/** @param input With the names of AWS's model; those that it has not are left out. */
export function formOf(action: string, input: object): URLSearchParams {
  const { service, name } = serviceOfAction(action);
  const form = new URLSearchParams({ Action: name, Version: service.version });
  const wire = wireAction(service.model, name);
  if (wire !== null) append(service, form, '', input, { structure: wire.input });
  return form;
}

function append(
  service: WireService,
  form: URLSearchParams,
  path: string,
  value: unknown,
  type: WireType,
): void {
  const { model, listSegment } = service;
  if (typeof type === 'string' || 'enum' in type) form.append(path, String(value));
  else if ('list' in type) {
    const items = Array.isArray(value) ? value : [];
    for (const [index, item] of items.entries()) {
      const key = [path, ...(listSegment === null ? [] : [listSegment]), index + 1].join('.');
      append(service, form, key, item, type.list);
    }
  } else {
    const members = membersOf(model, type.structure);
    for (const [name, part] of Object.entries(Object(value))) {
      const [memberType, query] = members[name] ?? [];
      if (memberType === undefined || part === undefined) continue;
      append(service, form, path === '' ? `${query}` : `${path}.${query}`, part, memberType);
    }
  }
}

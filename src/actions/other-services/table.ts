/**
 * What the lab file asks of services that a lab has no API of. These actions are none of EC2's, so
 * they are in no table of the API, which refuses them as it refuses whatever it does not know.
 */
import type { ActionDefinition } from '../action.ts';
import { HOSTED_ZONE_ACTIONS } from './hosted-zones.ts';
import { ROLE_ACTIONS } from './roles.ts';

export const OTHER_SERVICE_ACTIONS: ReadonlyMap<string, ActionDefinition> = new Map(
  [...HOSTED_ZONE_ACTIONS, ...ROLE_ACTIONS].map((definition) => [definition.name, definition]),
);

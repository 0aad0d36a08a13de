/**
 * What the lab file asks of services that a lab has no API of, and what its health checks find. These
 * actions are in no table of the API, which refuses them as it refuses whatever it does not know.
 */
import type { ActionDefinition } from '../action.ts';
import { HOSTED_ZONE_ACTIONS } from './hosted-zones.ts';
import { ROLE_ACTIONS } from './roles.ts';
import { TARGET_HEALTH_ACTIONS } from './target-health.ts';

export const OTHER_SERVICE_ACTIONS: ReadonlyMap<string, ActionDefinition> = new Map(
  [...HOSTED_ZONE_ACTIONS, ...ROLE_ACTIONS, ...TARGET_HEALTH_ACTIONS].map((definition) => [
    definition.name,
    definition,
  ]),
);

/**
 * The actions of Elastic Load Balancing: Gateway Load Balancers, and the target groups of their appliances.
 * @source Elastic Load Balancing API reference, version 2015-12-01
 */
import type { ActionDefinition } from '../action.ts';
import { actionNamed } from '../action-names.ts';
import { LOAD_BALANCING_SERVICE } from './balancing-errors.ts';
import { BALANCING_TAG_ACTIONS } from './balancing-tags.ts';
import { GROUP_ATTRIBUTE_ACTIONS } from './group-attributes.ts';
import { LISTENER_ACTIONS } from './listeners.ts';
import { LOAD_BALANCER_ACTIONS } from './load-balancers.ts';
import { TARGET_GROUP_ACTIONS } from './target-groups.ts';
import { TARGET_ACTIONS } from './targets.ts';

/** By the names that `action-names.ts` gives them. */
export const LOAD_BALANCING_ACTIONS: ReadonlyMap<string, ActionDefinition> = new Map(
  [
    ...LOAD_BALANCER_ACTIONS,
    ...LISTENER_ACTIONS,
    ...TARGET_GROUP_ACTIONS,
    ...GROUP_ATTRIBUTE_ACTIONS,
    ...TARGET_ACTIONS,
    ...BALANCING_TAG_ACTIONS,
  ].map((definition) => {
    const name = actionNamed({ service: 'elasticloadbalancing', name: definition.name });
    return [name, { ...definition, name, service: LOAD_BALANCING_SERVICE }];
  }),
);

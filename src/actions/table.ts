/** All actions by name, and the one way to perform them: the only writer of the model. */
import type { Draft, DraftOf, Editor } from '../model/store.ts';
import { REGION_ACTIONS } from './account/regions.ts';
import type {
  ActionContext,
  ActionDefinition,
  ActionEnvironment,
  ActionInput,
  ActionOutput,
} from './action.ts';
import { INSTANCE_ACTIONS } from './compute/instances.ts';
import { CUSTOMER_GATEWAY_ACTIONS } from './edges/customer-gateways.ts';
import { EGRESS_ONLY_GATEWAY_ACTIONS } from './edges/egress-only-gateways.ts';
import { ELASTIC_ADDRESS_ACTIONS } from './edges/elastic-addresses.ts';
import { INTERNET_GATEWAY_ACTIONS } from './edges/internet-gateways.ts';
import { NAT_GATEWAY_ACTIONS } from './edges/nat-gateways.ts';
import { PEERING_ACTIONS } from './edges/peerings.ts';
import { VPN_CONNECTION_ACTIONS } from './edges/vpn-connections.ts';
import { VPN_GATEWAY_ACTIONS } from './edges/vpn-gateways.ts';
import { dryRunOperation, invalidAction } from './errors.ts';
import { NETWORK_ACL_ACTIONS } from './filters/network-acls.ts';
import { PREFIX_LIST_ACTIONS } from './filters/prefix-lists.ts';
import { SECURITY_GROUP_RULE_ACTIONS } from './filters/security-group-rules.ts';
import { SECURITY_GROUP_ACTIONS } from './filters/security-groups.ts';
import { optionalBoolean } from './input.ts';
import { FLOW_LOG_ACTIONS } from './insights/flow-logs.ts';
import { ADDRESS_ACTIONS } from './interfaces/addresses.ts';
import { NETWORK_INTERFACE_ACTIONS } from './interfaces/network-interfaces.ts';
import { checkParameters } from './parameters.ts';
import { ROUTE_TABLE_ACTIONS } from './routing/route-tables.ts';
import { ROUTE_ACTIONS } from './routing/routes.ts';
import { TAG_ACTIONS } from './tags.ts';
import { DEFAULT_VPC_ACTIONS } from './vpcs/default-vpc.ts';
import { DHCP_OPTIONS_ACTIONS } from './vpcs/dhcp-options.ts';
import { SUBNET_CIDR_RESERVATION_ACTIONS } from './vpcs/subnet-cidr-reservations.ts';
import { SUBNET_ACTIONS } from './vpcs/subnets.ts';
import { VPC_ACTIONS } from './vpcs/vpcs.ts';

export const ACTIONS: ReadonlyMap<string, ActionDefinition> = new Map(
  [
    ...REGION_ACTIONS,
    ...VPC_ACTIONS,
    ...DEFAULT_VPC_ACTIONS,
    ...SUBNET_ACTIONS,
    ...SUBNET_CIDR_RESERVATION_ACTIONS,
    ...NETWORK_INTERFACE_ACTIONS,
    ...ADDRESS_ACTIONS,
    ...INSTANCE_ACTIONS,
    ...ROUTE_TABLE_ACTIONS,
    ...ROUTE_ACTIONS,
    ...DHCP_OPTIONS_ACTIONS,
    ...SECURITY_GROUP_ACTIONS,
    ...SECURITY_GROUP_RULE_ACTIONS,
    ...NETWORK_ACL_ACTIONS,
    ...PREFIX_LIST_ACTIONS,
    ...FLOW_LOG_ACTIONS,
    ...INTERNET_GATEWAY_ACTIONS,
    ...ELASTIC_ADDRESS_ACTIONS,
    ...EGRESS_ONLY_GATEWAY_ACTIONS,
    ...NAT_GATEWAY_ACTIONS,
    ...CUSTOMER_GATEWAY_ACTIONS,
    ...VPN_GATEWAY_ACTIONS,
    ...VPN_CONNECTION_ACTIONS,
    ...PEERING_ACTIONS,
    ...TAG_ACTIONS,
  ].map((definition) => [definition.name, definition]),
);

/**
 * Performs an action: whole, or not at all when it is refused.
 * @param name AWS's name, such as `ReplaceRoute`.
 * @throws ApiError with AWS's code; InvalidAction, UnknownParameter, MissingParameter and
 *   InvalidParameterValue before the action sees the request, DryRunOperation (412) after it
 *   has accepted a request with DryRun.
 */
export function performAction(
  region: Editor,
  name: string,
  input: ActionInput,
  environment: ActionEnvironment,
): ActionOutput {
  const definition = ACTIONS.get(name);
  if (definition === undefined) throw invalidAction(name);
  checkParameters(definition, input);
  const { DryRun: _flag, ...parameters } = input;
  const isDryRun = optionalBoolean(input, 'DryRun') === true;
  return region.edit((draft, draftOf) => {
    const context = contextOf(environment, draft, draftOf);
    const output = definition.perform(parameters, context);
    if (isDryRun) throw dryRunOperation();
    return output;
  });
}

/** No action sees a transition that is over. */
function contextOf(environment: ActionEnvironment, draft: Draft, draftOf: DraftOf): ActionContext {
  const endMs = environment.isInstant === true ? Number.POSITIVE_INFINITY : environment.nowMs;
  draft.endTransitions(endMs);
  return {
    ...environment,
    draft,
    draftOf(realm) {
      const other = draftOf(realm);
      other?.endTransitions(endMs);
      return other;
    },
  };
}

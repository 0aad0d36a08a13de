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
import { performOnce } from './client-tokens.ts';
import { IMAGE_ACTIONS } from './compute/images.ts';
import { INSTANCE_TYPE_ACTIONS } from './compute/instance-types.ts';
import { INSTANCE_ACTIONS } from './compute/instances.ts';
import { KEY_PAIR_ACTIONS } from './compute/key-pairs.ts';
import { LAUNCH_TEMPLATE_ACTIONS } from './compute/launch-templates.ts';
import { VOLUME_ACTIONS } from './compute/volumes.ts';
import { ADDRESS_ATTRIBUTE_ACTIONS } from './edges/address-attributes.ts';
import { CARRIER_GATEWAY_ACTIONS } from './edges/carrier-gateways.ts';
import { CUSTOMER_GATEWAY_ACTIONS } from './edges/customer-gateways.ts';
import { EGRESS_ONLY_GATEWAY_ACTIONS } from './edges/egress-only-gateways.ts';
import { ELASTIC_ADDRESS_ACTIONS } from './edges/elastic-addresses.ts';
import { INTERNET_GATEWAY_ACTIONS } from './edges/internet-gateways.ts';
import { NAT_ADDRESS_ACTIONS } from './edges/nat-addresses.ts';
import { NAT_GATEWAY_ACTIONS } from './edges/nat-gateways.ts';
import { PEERING_ACTIONS } from './edges/peerings.ts';
import { VPN_CONNECTION_ACTIONS } from './edges/vpn-connections.ts';
import { VPN_GATEWAY_ACTIONS } from './edges/vpn-gateways.ts';
import { CONNECTION_NOTIFICATION_ACTIONS } from './endpoints/connection-notifications.ts';
import { ENDPOINT_SERVICE_ACTIONS } from './endpoints/endpoint-services.ts';
import { SERVICE_CONFIGURATION_ACTIONS } from './endpoints/service-configurations.ts';
import { VPC_ENDPOINT_ACTIONS } from './endpoints/vpc-endpoints.ts';
import { dryRunOperation, invalidAction } from './errors.ts';
import { GROUP_REFERENCE_ACTIONS } from './filters/group-references.ts';
import { NETWORK_ACL_ACTIONS } from './filters/network-acls.ts';
import { PREFIX_LIST_ACTIONS } from './filters/prefix-lists.ts';
import { SECURITY_GROUP_RULE_ACTIONS } from './filters/security-group-rules.ts';
import { SECURITY_GROUP_ACTIONS } from './filters/security-groups.ts';
import { VPC_GROUP_ACTIONS } from './filters/vpc-groups.ts';
import { optionalBoolean } from './input.ts';
import { FLOW_LOG_ACTIONS } from './insights/flow-logs.ts';
import { NETWORK_ANALYSIS_ACTIONS } from './insights/network-analyses.ts';
import { NETWORK_PATH_ACTIONS } from './insights/network-paths.ts';
import { ADDRESS_ACTIONS } from './interfaces/addresses.ts';
import { ENI_ATTRIBUTE_ACTIONS } from './interfaces/eni-attributes.ts';
import { ENI_PERMISSION_ACTIONS } from './interfaces/eni-permissions.ts';
import { NETWORK_INTERFACE_ACTIONS } from './interfaces/network-interfaces.ts';
import { LOAD_BALANCING_ACTIONS } from './load-balancing/table.ts';
import { OTHER_SERVICE_ACTIONS } from './other-services/table.ts';
import { checkParameters } from './parameters.ts';
import { ROUTE_TABLE_ACTIONS } from './routing/route-tables.ts';
import { ROUTE_ACTIONS } from './routing/routes.ts';
import { TAG_ACTIONS } from './tags.ts';
import { TRANSIT_ATTACHMENT_ACTIONS } from './transit-gateways/attachments.ts';
import { CONNECT_PEER_ACTIONS } from './transit-gateways/connect-peers.ts';
import { CONNECT_ACTIONS } from './transit-gateways/connects.ts';
import { MULTICAST_ASSOCIATION_ACTIONS } from './transit-gateways/multicast-associations.ts';
import { MULTICAST_DOMAIN_ACTIONS } from './transit-gateways/multicast-domains.ts';
import { MULTICAST_GROUP_ACTIONS } from './transit-gateways/multicast-groups.ts';
import { PEERING_ATTACHMENT_ACTIONS } from './transit-gateways/peering-attachments.ts';
import { POLICY_TABLE_ACTIONS } from './transit-gateways/policy-tables.ts';
import { PREFIX_LIST_REFERENCE_ACTIONS } from './transit-gateways/prefix-list-references.ts';
import { TRANSIT_ASSOCIATION_ACTIONS } from './transit-gateways/transit-associations.ts';
import { TRANSIT_GATEWAY_ACTIONS } from './transit-gateways/transit-gateways.ts';
import { TRANSIT_ROUTE_TABLE_ACTIONS } from './transit-gateways/transit-route-tables.ts';
import { TRANSIT_ROUTE_ACTIONS } from './transit-gateways/transit-routes.ts';
import { VPC_ATTACHMENT_ACTIONS } from './transit-gateways/vpc-attachments.ts';
import { DEFAULT_VPC_ACTIONS } from './vpcs/default-vpc.ts';
import { DHCP_OPTIONS_ACTIONS } from './vpcs/dhcp-options.ts';
import { SUBNET_CIDR_RESERVATION_ACTIONS } from './vpcs/subnet-cidr-reservations.ts';
import { SUBNET_ACTIONS } from './vpcs/subnets.ts';
import { VPC_ATTRIBUTE_ACTIONS } from './vpcs/vpc-attributes.ts';
import { VPC_ACTIONS } from './vpcs/vpcs.ts';

/** EC2's. */
export const ACTIONS: ReadonlyMap<string, ActionDefinition> = new Map(
  [
    ...REGION_ACTIONS,
    ...VPC_ACTIONS,
    ...DEFAULT_VPC_ACTIONS,
    ...VPC_ATTRIBUTE_ACTIONS,
    ...SUBNET_ACTIONS,
    ...SUBNET_CIDR_RESERVATION_ACTIONS,
    ...NETWORK_INTERFACE_ACTIONS,
    ...ENI_ATTRIBUTE_ACTIONS,
    ...ENI_PERMISSION_ACTIONS,
    ...ADDRESS_ACTIONS,
    ...INSTANCE_ACTIONS,
    ...INSTANCE_TYPE_ACTIONS,
    ...IMAGE_ACTIONS,
    ...KEY_PAIR_ACTIONS,
    ...LAUNCH_TEMPLATE_ACTIONS,
    ...VOLUME_ACTIONS,
    ...ROUTE_TABLE_ACTIONS,
    ...ROUTE_ACTIONS,
    ...DHCP_OPTIONS_ACTIONS,
    ...SECURITY_GROUP_ACTIONS,
    ...VPC_GROUP_ACTIONS,
    ...GROUP_REFERENCE_ACTIONS,
    ...SECURITY_GROUP_RULE_ACTIONS,
    ...NETWORK_ACL_ACTIONS,
    ...PREFIX_LIST_ACTIONS,
    ...FLOW_LOG_ACTIONS,
    ...NETWORK_PATH_ACTIONS,
    ...NETWORK_ANALYSIS_ACTIONS,
    ...INTERNET_GATEWAY_ACTIONS,
    ...ELASTIC_ADDRESS_ACTIONS,
    ...ADDRESS_ATTRIBUTE_ACTIONS,
    ...EGRESS_ONLY_GATEWAY_ACTIONS,
    ...NAT_GATEWAY_ACTIONS,
    ...NAT_ADDRESS_ACTIONS,
    ...CUSTOMER_GATEWAY_ACTIONS,
    ...VPN_GATEWAY_ACTIONS,
    ...VPN_CONNECTION_ACTIONS,
    ...PEERING_ACTIONS,
    ...TRANSIT_GATEWAY_ACTIONS,
    ...TRANSIT_ATTACHMENT_ACTIONS,
    ...VPC_ATTACHMENT_ACTIONS,
    ...PEERING_ATTACHMENT_ACTIONS,
    ...CONNECT_ACTIONS,
    ...CONNECT_PEER_ACTIONS,
    ...TRANSIT_ROUTE_TABLE_ACTIONS,
    ...TRANSIT_ASSOCIATION_ACTIONS,
    ...TRANSIT_ROUTE_ACTIONS,
    ...PREFIX_LIST_REFERENCE_ACTIONS,
    ...POLICY_TABLE_ACTIONS,
    ...MULTICAST_DOMAIN_ACTIONS,
    ...MULTICAST_ASSOCIATION_ACTIONS,
    ...MULTICAST_GROUP_ACTIONS,
    ...CARRIER_GATEWAY_ACTIONS,
    ...VPC_ENDPOINT_ACTIONS,
    ...SERVICE_CONFIGURATION_ACTIONS,
    ...ENDPOINT_SERVICE_ACTIONS,
    ...CONNECTION_NOTIFICATION_ACTIONS,
    ...TAG_ACTIONS,
  ].map((definition) => [definition.name, definition]),
);

/** Those that the API has: EC2's and Elastic Load Balancing's. */
export const API_ACTIONS: ReadonlyMap<string, ActionDefinition> = new Map([
  ...ACTIONS,
  ...LOAD_BALANCING_ACTIONS,
]);

/** @returns undefined when no service of the lab has it. @param name As `performAction` takes it. */
export function findAction(name: string): ActionDefinition | undefined {
  return API_ACTIONS.get(name) ?? OTHER_SERVICE_ACTIONS.get(name);
}

/**
 * Performs an action: whole, or not at all when it is refused.
 * @param name AWS's name, such as `ReplaceRoute`, or that of another service (`action-names.ts`); also one
 *   of those that only the lab file asks for.
 * @throws ApiError with AWS's code; IdempotentParameterMismatch; InvalidAction and those of
 *   `checkParameters` before the action sees the request, DryRunOperation (412) after it has accepted a
 *   request with DryRun.
 */
export function performAction(
  region: Editor,
  name: string,
  input: ActionInput,
  environment: ActionEnvironment,
): ActionOutput {
  const definition = findAction(name);
  if (definition === undefined) throw invalidAction(name);
  checkParameters(definition, input);
  const { DryRun: _flag, ...parameters } = input;
  const isDryRun = optionalBoolean(input, 'DryRun') === true;
  return region.edit((draft, draftOf) => {
    const context = contextOf(environment, draft, draftOf);
    const output = performOnce(definition, parameters, context);
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

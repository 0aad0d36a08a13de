/** All stories. */
import { ACCOUNT_STORIES } from './account.ts';
import { ATTRIBUTE_STORIES } from './attributes.ts';
import { COMPUTE_STORIES } from './compute.ts';
import { ENDPOINT_STORIES } from './endpoints.ts';
import { INSIGHT_STORIES } from './insights.ts';
import { INSTANCE_STORIES } from './instances.ts';
import { INTERFACE_STORIES } from './interfaces.ts';
import { INTERNET_STORIES } from './internet.ts';
import { LOAD_BALANCING_STORIES } from './load-balancing.ts';
import { NETWORK_ACL_STORIES } from './network-acls.ts';
import { PEERING_STORIES } from './peerings.ts';
import { PREFIX_LIST_STORIES } from './prefix-lists.ts';
import { ROUTING_STORIES } from './routing.ts';
import { SECURITY_GROUP_STORIES } from './security-groups.ts';
import type { Story } from './story.ts';
import { SUBNET_STORIES } from './subnets.ts';
import { TAG_STORIES } from './tags.ts';
import { TRANSIT_ATTACHMENT_STORIES } from './transit-attachments.ts';
import { TRANSIT_GATEWAY_STORIES } from './transit-gateways.ts';
import { TRANSIT_SHARED_STORIES } from './transit-shared.ts';
import { VPC_STORIES } from './vpcs.ts';
import { VPN_STORIES } from './vpn.ts';

export const STORIES: readonly Story[] = [
  ...ATTRIBUTE_STORIES,
  ...ENDPOINT_STORIES,
  ...LOAD_BALANCING_STORIES,
  ...ACCOUNT_STORIES,
  ...VPC_STORIES,
  ...SUBNET_STORIES,
  ...INTERFACE_STORIES,
  ...INSTANCE_STORIES,
  ...COMPUTE_STORIES,
  ...ROUTING_STORIES,
  ...SECURITY_GROUP_STORIES,
  ...NETWORK_ACL_STORIES,
  ...PREFIX_LIST_STORIES,
  ...INSIGHT_STORIES,
  ...INTERNET_STORIES,
  ...VPN_STORIES,
  ...PEERING_STORIES,
  ...TRANSIT_GATEWAY_STORIES,
  ...TRANSIT_ATTACHMENT_STORIES,
  ...TRANSIT_SHARED_STORIES,
  ...TAG_STORIES,
];

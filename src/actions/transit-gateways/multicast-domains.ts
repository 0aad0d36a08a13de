/** The actions on multicast domains: which traffic to groups there is, on which transit gateway. */
import {
  multicastAssociationsOf,
  multicastDomainsOf,
} from '../../model/lookups/transit-gateways.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { TransitGatewayMulticastDomain } from '../../model/transit-gateways.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { notTogether } from '../edges/gateway-errors.ts';
import { optionalStructure, stringOf } from '../input.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { findMulticastDomain, findSettledTransitGateway } from './lookup-transit-gateways.ts';
import { optionalSwitch, switchText } from './switches.ts';
import {
  hasNonDeleted,
  multicastDomainLimitExceeded,
  noMulticast,
} from './transit-gateway-errors.ts';

/** Stored ones are available; the others are only ever seen in answers. */
type DomainState = 'pending' | 'available' | 'deleting';

function domainShape(
  domain: TransitGatewayMulticastDomain,
  { region }: Snapshot,
  state: DomainState,
): ActionOutput {
  const { multicastDomainId, ownerId } = domain;
  return {
    TransitGatewayMulticastDomainId: multicastDomainId,
    TransitGatewayId: domain.transitGatewayId,
    TransitGatewayMulticastDomainArn: `arn:aws:ec2:${region}:${ownerId}:transit-gateway-multicast-domain/${multicastDomainId}`,
    OwnerId: ownerId,
    Options: {
      Igmpv2Support: switchText(domain.igmpv2Support),
      StaticSourcesSupport: switchText(domain.staticSourcesSupport),
      AutoAcceptSharedAssociations: switchText(domain.autoAcceptSharedAssociations),
    },
    State: state,
    CreationTime: new Date(domain.creationTimeMs).toISOString(),
    Tags: tagSet(domain.tags),
  };
}

/** @throws InvalidParameterCombination for IGMP with static sources. @source MC-1, MC-7 */
function createDomain(input: ActionInput, { draft, newId, nowMs }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const tags = tagsFor(input, 'transit-gateway-multicast-domain');
  const gateway = findSettledTransitGateway(snapshot, stringOf(input, 'TransitGatewayId'));
  const { transitGatewayId } = gateway;
  if (!gateway.multicastSupport) throw noMulticast(transitGatewayId);
  const present = multicastDomainsOf(snapshot, transitGatewayId).length;
  if (present >= snapshot.quotas.multicastDomainsPerTransitGateway) {
    throw multicastDomainLimitExceeded();
  }
  const options = optionalStructure(input, 'Options') ?? {};
  const igmpv2Support = optionalSwitch(options, 'Igmpv2Support') ?? false;
  const staticSourcesSupport = optionalSwitch(options, 'StaticSourcesSupport') ?? false;
  if (igmpv2Support && staticSourcesSupport) {
    throw notTogether('igmpv2Support', 'staticSourcesSupport');
  }
  const domain: TransitGatewayMulticastDomain = {
    multicastDomainId: newId('tgw-mcast-domain'),
    transitGatewayId,
    ownerId: snapshot.accountId,
    igmpv2Support,
    staticSourcesSupport,
    autoAcceptSharedAssociations: optionalSwitch(options, 'AutoAcceptSharedAssociations') ?? false,
    associations: [],
    memberships: [],
    creationTimeMs: nowMs,
    tags,
  };
  draft.put('transitGatewayMulticastDomains', domain.multicastDomainId, domain);
  return { TransitGatewayMulticastDomain: domainShape(domain, snapshot, 'pending') };
}

/** @throws IncorrectState while subnets are in it. */
function deleteDomain(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const id = stringOf(input, 'TransitGatewayMulticastDomainId');
  const domain = findMulticastDomain(snapshot, id);
  const subnets = multicastAssociationsOf(snapshot, domain);
  if (subnets.length > 0) {
    const ids = subnets.map(({ subnetId }) => subnetId);
    throw hasNonDeleted(id, 'Subnet Associations', ids);
  }
  draft.delete('transitGatewayMulticastDomains', domain.multicastDomainId);
  return { TransitGatewayMulticastDomain: domainShape(domain, snapshot, 'deleting') };
}

const DESCRIBE_DOMAINS: DescribeSpec<'tgw-mcast-domain', TransitGatewayMulticastDomain> = {
  member: 'TransitGatewayMulticastDomains',
  idsParameter: 'TransitGatewayMulticastDomainIds',
  prefix: 'tgw-mcast-domain',
  rows: (snapshot) => snapshot.transitGatewayMulticastDomains,
  shape: (domain, snapshot) => domainShape(domain, snapshot, 'available'),
  filters: {
    state: () => ['available'],
    'transit-gateway-id': (domain) => [domain.transitGatewayId],
    'transit-gateway-multicast-domain-id': (domain) => [domain.multicastDomainId],
  },
};

export const MULTICAST_DOMAIN_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateTransitGatewayMulticastDomain',
    parameters: {
      TransitGatewayId: 'string',
      Options: {
        Igmpv2Support: 'string',
        StaticSourcesSupport: 'string',
        AutoAcceptSharedAssociations: 'string',
      },
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['TransitGatewayId'],
    perform: createDomain,
  },
  {
    name: 'DeleteTransitGatewayMulticastDomain',
    parameters: { TransitGatewayMulticastDomainId: 'string' },
    required: ['TransitGatewayMulticastDomainId'],
    perform: deleteDomain,
  },
  {
    name: 'DescribeTransitGatewayMulticastDomains',
    parameters: { ...PAGE_PARAMETERS, TransitGatewayMulticastDomainIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_DOMAINS, input, draft.snapshot),
  },
];

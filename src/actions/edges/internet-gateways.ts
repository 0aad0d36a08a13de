/** The actions on internet gateways: a VPC has one at most (IGW-5). */
import type { InternetGateway } from '../../model/gateways.ts';
import { elasticAddressesOfVpc } from '../../model/lookups/elastic-addresses.ts';
import { internetGatewayOf } from '../../model/lookups/gateways.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isHeld } from '../../model/transitions.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { stringOf } from '../input.ts';
import { findVpc } from '../lookup.ts';
import { leaveEdgeTable } from '../routing/edge-associations.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import {
  gatewayAttached,
  gatewayNotAttached,
  internetGatewayInUse,
  internetGatewayLimitExceeded,
  mappedAddresses,
  networkHasGateway,
} from './gateway-errors.ts';
import { findInternetGateway } from './lookup-gateways.ts';

/** AWS says `available` of an internet gateway that is attached. */
const ATTACHED = 'available';

function internetGatewayShape(gateway: InternetGateway, snapshot: Snapshot): ActionOutput {
  const { vpcId } = gateway;
  return {
    InternetGatewayId: gateway.internetGatewayId,
    OwnerId: snapshot.accountId,
    Attachments: vpcId === null ? [] : [{ State: ATTACHED, VpcId: vpcId }],
    Tags: tagSet(gateway.tags),
  };
}

function createInternetGateway(input: ActionInput, context: ActionContext): ActionOutput {
  const tags = tagsFor(input, 'internet-gateway');
  const gateway = addInternetGateway(context, { vpcId: null, tags });
  return { InternetGateway: internetGatewayShape(gateway, context.draft.snapshot) };
}

/** @throws InternetGatewayLimitExceeded */
export function addInternetGateway(
  { draft, newId }: ActionContext,
  fields: Pick<InternetGateway, 'vpcId' | 'tags'>,
): InternetGateway {
  const { internetGateways, quotas } = draft.snapshot;
  if (internetGateways.size >= quotas.internetGatewaysPerRegion) {
    throw internetGatewayLimitExceeded();
  }
  const gateway: InternetGateway = { internetGatewayId: newId('igw'), ...fields };
  draft.put('internetGateways', gateway.internetGatewayId, gateway);
  return gateway;
}

function deleteInternetGateway(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const gateway = findInternetGateway(draft.snapshot, stringOf(input, 'InternetGatewayId'));
  const { internetGatewayId, vpcId } = gateway;
  if (vpcId !== null) throw internetGatewayInUse(internetGatewayId);
  draft.delete('internetGateways', internetGatewayId);
  return {};
}

function attachInternetGateway(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const gateway = findInternetGateway(snapshot, stringOf(input, 'InternetGatewayId'));
  const { vpcId } = findVpc(snapshot, stringOf(input, 'VpcId'));
  const { internetGatewayId } = gateway;
  if (gateway.vpcId !== null) throw gatewayAttached(internetGatewayId, gateway.vpcId);
  if (internetGatewayOf(snapshot, vpcId) !== undefined) {
    throw networkHasGateway(vpcId, 'internet gateway');
  }
  draft.put('internetGateways', internetGatewayId, { ...gateway, vpcId });
  return {};
}

/** Routes to the gateway stay, as blackholes (RT-11); its edge table is left. */
function detachInternetGateway(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const gateway = findInternetGateway(snapshot, stringOf(input, 'InternetGatewayId'));
  const { vpcId } = findVpc(snapshot, stringOf(input, 'VpcId'));
  const { internetGatewayId } = gateway;
  if (gateway.vpcId !== vpcId) throw gatewayNotAttached(internetGatewayId, vpcId);
  const isMapped = elasticAddressesOfVpc(snapshot, vpcId).length > 0;
  if (isMapped || isHeld(snapshot, internetGatewayId)) throw mappedAddresses(vpcId);
  leaveEdgeTable(draft, internetGatewayId);
  draft.put('internetGateways', internetGatewayId, { ...gateway, vpcId: null });
  return {};
}

const DESCRIBE_INTERNET_GATEWAYS: DescribeSpec<'igw', InternetGateway> = {
  member: 'InternetGateways',
  idsParameter: 'InternetGatewayIds',
  prefix: 'igw',
  rows: (snapshot) => snapshot.internetGateways,
  shape: internetGatewayShape,
  filters: {
    'attachment.state': ({ vpcId }) => (vpcId === null ? [] : [ATTACHED]),
    'attachment.vpc-id': ({ vpcId }) => (vpcId === null ? [] : [vpcId]),
    'internet-gateway-id': (gateway) => [gateway.internetGatewayId],
    'owner-id': (_gateway, snapshot) => [snapshot.accountId],
  },
};

export const INTERNET_GATEWAY_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateInternetGateway',
    parameters: { TagSpecifications: TAG_SPECIFICATIONS },
    required: [],
    perform: createInternetGateway,
  },
  {
    name: 'DeleteInternetGateway',
    parameters: { InternetGatewayId: 'string' },
    required: ['InternetGatewayId'],
    perform: deleteInternetGateway,
  },
  {
    name: 'AttachInternetGateway',
    parameters: { InternetGatewayId: 'string', VpcId: 'string' },
    required: ['InternetGatewayId', 'VpcId'],
    perform: attachInternetGateway,
  },
  {
    name: 'DetachInternetGateway',
    parameters: { InternetGatewayId: 'string', VpcId: 'string' },
    required: ['InternetGatewayId', 'VpcId'],
    perform: detachInternetGateway,
  },
  {
    name: 'DescribeInternetGateways',
    parameters: { ...PAGE_PARAMETERS, InternetGatewayIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_INTERNET_GATEWAYS, input, draft.snapshot),
  },
];

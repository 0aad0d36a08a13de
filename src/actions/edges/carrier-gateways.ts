/** The actions on carrier gateways: a VPC has one at most. */
import type { CarrierGateway } from '../../model/gateways.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { stringOf } from '../input.ts';
import { findVpc } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { networkHasGateway } from './gateway-errors.ts';
import { findCarrierGateway } from './lookup-gateways.ts';

/** `pending` and `deleting` are only ever seen in the answers of the actions. */
type CarrierGatewayState = 'pending' | 'available' | 'deleting';

function carrierGatewayShape(
  gateway: CarrierGateway,
  snapshot: Snapshot,
  state: CarrierGatewayState,
): ActionOutput {
  return {
    CarrierGatewayId: gateway.carrierGatewayId,
    VpcId: gateway.vpcId,
    State: state,
    OwnerId: snapshot.accountId,
    Tags: tagSet(gateway.tags),
  };
}

function createCarrierGateway(input: ActionInput, { draft, newId }: ActionContext): ActionOutput {
  const tags = tagsFor(input, 'carrier-gateway');
  const { vpcId } = findVpc(draft.snapshot, stringOf(input, 'VpcId'));
  if ([...draft.snapshot.carrierGateways.values()].some((each) => each.vpcId === vpcId)) {
    throw networkHasGateway(vpcId, 'carrier gateway');
  }
  const gateway: CarrierGateway = { carrierGatewayId: newId('cagw'), vpcId, tags };
  draft.put('carrierGateways', gateway.carrierGatewayId, gateway);
  return { CarrierGateway: carrierGatewayShape(gateway, draft.snapshot, 'pending') };
}

/** Routes to the gateway stay, as blackholes (RT-11). */
function deleteCarrierGateway(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const gateway = findCarrierGateway(draft.snapshot, stringOf(input, 'CarrierGatewayId'));
  draft.delete('carrierGateways', gateway.carrierGatewayId);
  return { CarrierGateway: carrierGatewayShape(gateway, draft.snapshot, 'deleting') };
}

const DESCRIBE_CARRIER_GATEWAYS: DescribeSpec<'cagw', CarrierGateway> = {
  member: 'CarrierGateways',
  idsParameter: 'CarrierGatewayIds',
  prefix: 'cagw',
  rows: (snapshot) => snapshot.carrierGateways,
  shape: (gateway, snapshot) => carrierGatewayShape(gateway, snapshot, 'available'),
  filters: {
    'carrier-gateway-id': (gateway) => [gateway.carrierGatewayId],
    'owner-id': (_gateway, snapshot) => [snapshot.accountId],
    state: () => ['available'],
    'vpc-id': (gateway) => [gateway.vpcId],
  },
};

export const CARRIER_GATEWAY_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateCarrierGateway',
    parameters: { VpcId: 'string', ClientToken: 'string', TagSpecifications: TAG_SPECIFICATIONS },
    required: ['VpcId'],
    perform: createCarrierGateway,
  },
  {
    name: 'DeleteCarrierGateway',
    parameters: { CarrierGatewayId: 'string' },
    required: ['CarrierGatewayId'],
    perform: deleteCarrierGateway,
  },
  {
    name: 'DescribeCarrierGateways',
    parameters: { ...PAGE_PARAMETERS, CarrierGatewayIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_CARRIER_GATEWAYS, input, draft.snapshot),
  },
];

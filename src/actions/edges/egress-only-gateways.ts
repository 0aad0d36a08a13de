/** The actions on egress-only internet gateways, which are for IPv6 (EIGW-1). */
import type { EgressOnlyGateway } from '../../model/gateways.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { optionalString, stringOf } from '../input.ts';
import { findVpc } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { egressOnlyLimitExceeded, networkHasGateway } from './gateway-errors.ts';
import { findEgressOnlyGateway } from './lookup-gateways.ts';

function egressOnlyShape(gateway: EgressOnlyGateway): ActionOutput {
  return {
    EgressOnlyInternetGatewayId: gateway.egressOnlyGatewayId,
    Attachments: [{ State: 'attached', VpcId: gateway.vpcId }],
    Tags: tagSet(gateway.tags),
  };
}

function createEgressOnlyGateway(
  input: ActionInput,
  { draft, newId }: ActionContext,
): ActionOutput {
  const { snapshot } = draft;
  const { egressOnlyGateways, quotas } = snapshot;
  const tags = tagsFor(input, 'egress-only-internet-gateway');
  const { vpcId } = findVpc(snapshot, stringOf(input, 'VpcId'));
  if (egressOnlyGateways.size >= quotas.egressOnlyGatewaysPerRegion) {
    throw egressOnlyLimitExceeded();
  }
  if ([...egressOnlyGateways.values()].some((each) => each.vpcId === vpcId)) {
    throw networkHasGateway(vpcId, 'egress only internet gateway');
  }
  const gateway: EgressOnlyGateway = { egressOnlyGatewayId: newId('eigw'), vpcId, tags };
  draft.put('egressOnlyGateways', gateway.egressOnlyGatewayId, gateway);
  return {
    ClientToken: optionalString(input, 'ClientToken'),
    EgressOnlyInternetGateway: egressOnlyShape(gateway),
  };
}

/** Routes to the gateway stay, as blackholes (RT-11). */
function deleteEgressOnlyGateway(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const id = stringOf(input, 'EgressOnlyInternetGatewayId');
  draft.delete('egressOnlyGateways', findEgressOnlyGateway(draft.snapshot, id).egressOnlyGatewayId);
  return { ReturnCode: true };
}

const DESCRIBE_EGRESS_ONLY_GATEWAYS: DescribeSpec<'eigw', EgressOnlyGateway> = {
  member: 'EgressOnlyInternetGateways',
  idsParameter: 'EgressOnlyInternetGatewayIds',
  prefix: 'eigw',
  rows: (snapshot) => snapshot.egressOnlyGateways,
  shape: egressOnlyShape,
  filters: {},
};

export const EGRESS_ONLY_GATEWAY_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateEgressOnlyInternetGateway',
    parameters: { VpcId: 'string', ClientToken: 'string', TagSpecifications: TAG_SPECIFICATIONS },
    required: ['VpcId'],
    perform: createEgressOnlyGateway,
  },
  {
    name: 'DeleteEgressOnlyInternetGateway',
    parameters: { EgressOnlyInternetGatewayId: 'string' },
    required: ['EgressOnlyInternetGatewayId'],
    perform: deleteEgressOnlyGateway,
  },
  {
    name: 'DescribeEgressOnlyInternetGateways',
    parameters: { ...PAGE_PARAMETERS, EgressOnlyInternetGatewayIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_EGRESS_ONLY_GATEWAYS, input, draft.snapshot),
  },
];

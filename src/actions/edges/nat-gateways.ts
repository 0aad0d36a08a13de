/**
 * The actions on NAT gateways. Stored states: available, failed, deleted. `pending` is told in the
 * answer of CreateNatGateway, and as a transition; `deleting` as a transition only, as
 * DeleteNatGateway answers no state.
 */

import type { ElasticAddress } from '../../model/elastic-addresses.ts';
import type { NatGateway, NatGatewayFailure } from '../../model/gateways.ts';
import { internetGatewayOf } from '../../model/lookups/gateways.ts';
import type { Subnet } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, FILTERS } from '../describe.ts';
import { missingParameter } from '../errors.ts';
import { showForAWhile } from '../gone.ts';
import { optionalString, stringOf, stringsOf } from '../input.ts';
import { newManagedEni } from '../interfaces/new-eni.ts';
import { findEni, findSubnet } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { begin } from '../transition.ts';
import { freeElasticAddresses, setAssociation } from './elastic-associations.ts';
import { natGatewayLimitExceeded, notTogether, onlyValue } from './gateway-errors.ts';
import { findElasticAddress, findNatGateway, natGatewayState } from './lookup-gateways.ts';
import { addSecondaryAddresses, natAddressShapes } from './nat-addresses.ts';

type NatGatewayState = NatGateway['state'] | 'pending' | 'deleting';

function timeText(timeMs: number | null): string | undefined {
  return timeMs === null ? undefined : new Date(timeMs).toISOString();
}

function natGatewayShape(
  gateway: NatGateway,
  snapshot: Snapshot,
  state: NatGatewayState,
): ActionOutput {
  const { failure } = gateway;
  return {
    NatGatewayId: gateway.natGatewayId,
    VpcId: gateway.vpcId,
    SubnetId: gateway.subnetId,
    State: state,
    ConnectivityType: gateway.connectivity,
    CreateTime: timeText(gateway.createTimeMs),
    DeleteTime: timeText(gateway.deleteTimeMs),
    FailureCode: state === 'pending' ? undefined : failure?.code,
    FailureMessage: state === 'pending' ? undefined : failure?.message,
    NatGatewayAddresses: natAddressShapes(gateway, snapshot),
    Tags: tagSet(gateway.tags),
  };
}

function readConnectivity(input: ActionInput): NatGateway['connectivity'] {
  const type = optionalString(input, 'ConnectivityType') ?? 'public';
  if (type !== 'public' && type !== 'private') {
    throw onlyValue('connectivityType', type, 'public or private');
  }
  return type;
}

/** @returns null for a private one. @throws InvalidAllocationID.NotFound @source NAT-7 */
function readAllocation(
  input: ActionInput,
  snapshot: Snapshot,
  connectivity: NatGateway['connectivity'],
): ElasticAddress | null {
  const id = optionalString(input, 'AllocationId');
  if (connectivity === 'private') {
    if (id !== undefined) throw notTogether('connectivityType private', 'allocationId');
    return null;
  }
  if (id === undefined) throw missingParameter('AllocationId');
  return findElasticAddress(snapshot, id);
}

/** @returns what AWS tells in the state `failed`, after it has accepted the request. */
function failureOf(
  snapshot: Snapshot,
  { vpcId }: Subnet,
  address: ElasticAddress | null,
): NatGatewayFailure | null {
  if (address === null) return null;
  if (internetGatewayOf(snapshot, vpcId) === undefined) {
    const message = `Network ${vpcId} has no Internet gateway attached`;
    return { code: 'Gateway.NotAttached', message };
  }
  if (address.association === null) return null;
  return {
    code: 'Resource.AlreadyAssociated',
    message: `Elastic IP address [${address.allocationId}] is already associated`,
  };
}

/** @throws NatGatewayLimitExceeded: the quota counts what is available in a zone. */
function checkQuota(
  { natGateways, subnets, quotas }: Snapshot,
  { availabilityZone }: Subnet,
): void {
  const used = [...natGateways.values()].filter(
    ({ subnetId, state }) =>
      state === 'available' && subnets.get(subnetId)?.availabilityZone === availabilityZone,
  );
  if (used.length >= quotas.natGatewaysPerZone) {
    throw natGatewayLimitExceeded(quotas.natGatewaysPerZone);
  }
}

/** Makes the interface of the gateway, with the elastic address of a public one. */
function withInterface(
  gateway: NatGateway,
  subnet: Subnet,
  address: ElasticAddress | null,
  privateIp: string | undefined,
  context: ActionContext,
): NatGateway {
  const { draft, newId } = context;
  const { natGatewayId } = gateway;
  const Description = `Interface for NAT Gateway ${natGatewayId}`;
  const request = { Description, PrivateIpAddress: privateIp, Ipv6AddressCount: 0 };
  const { eniId, addresses } = newManagedEni(request, context, subnet, natGatewayId);
  const [privateAddr = null] = addresses;
  if (address !== null && privateAddr !== null) {
    setAssociation(draft, address, { associationId: newId('eipassoc'), eniId, privateAddr });
  }
  return { ...gateway, eniId, privateAddr, publicAddr: address?.publicAddr ?? null };
}

function createNatGateway(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId, nowMs } = context;
  const { snapshot } = draft;
  const tags = tagsFor(input, 'natgateway');
  const connectivity = readConnectivity(input);
  const subnet = findSubnet(snapshot, stringOf(input, 'SubnetId'));
  const address = readAllocation(input, snapshot, connectivity);
  checkQuota(snapshot, subnet);
  const failure = failureOf(snapshot, subnet, address);
  const wanted: NatGateway = {
    natGatewayId: newId('nat'),
    vpcId: subnet.vpcId,
    subnetId: subnet.subnetId,
    connectivity,
    state: failure === null ? 'available' : 'failed',
    failure,
    eniId: null,
    privateAddr: null,
    publicAddr: null,
    allocationId: address?.allocationId ?? null,
    createTimeMs: nowMs,
    deleteTimeMs: null,
    tags,
  };
  const privateIp = optionalString(input, 'PrivateIpAddress');
  const gateway =
    failure === null ? withInterface(wanted, subnet, address, privateIp, context) : wanted;
  draft.put('natGateways', gateway.natGatewayId, gateway);
  if (failure === null) addSecondaryAddresses(input, context, gateway);
  else showForAWhile(draft, nowMs, 'natGateways', gateway.natGatewayId);
  return {
    ClientToken: optionalString(input, 'ClientToken'),
    NatGateway: natGatewayShape(
      gateway,
      draft.snapshot,
      begin(context, gateway.natGatewayId, 'pending', 'createNatGateway'),
    ),
  };
}

/** Its elastic address is free again; routes to it stay, as blackholes (RT-11). */
function deleteNatGateway(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, nowMs } = context;
  const { snapshot } = draft;
  const gateway = findNatGateway(draft.snapshot, stringOf(input, 'NatGatewayId'));
  const { natGatewayId, eniId, state, subnetId, vpcId, allocationId } = gateway;
  if (eniId !== null) {
    freeElasticAddresses(draft, eniId, findEni(draft.snapshot, eniId).addresses);
    draft.delete('enis', eniId);
  }
  if (state !== 'deleted') {
    const deleted = { ...gateway, state: 'deleted', eniId: null, deleteTimeMs: nowMs } as const;
    draft.put('natGateways', natGatewayId, deleted);
    showForAWhile(draft, nowMs, 'natGateways', natGatewayId);
    const holds = [subnetId, allocationId, internetGatewayOf(snapshot, vpcId)?.internetGatewayId];
    begin(context, natGatewayId, 'deleting', 'deleteNatGateway', {
      holds: holds.filter((id) => id != null),
    });
  }
  return { NatGatewayId: natGatewayId };
}

const DESCRIBE_NAT_GATEWAYS: DescribeSpec<'nat', NatGateway> = {
  member: 'NatGateways',
  idsParameter: 'NatGatewayIds',
  prefix: 'nat',
  rows: (snapshot) => snapshot.natGateways,
  shape: (gateway, snapshot) =>
    natGatewayShape(gateway, snapshot, natGatewayState(snapshot, gateway)),
  filters: {
    'connectivity-type': (gateway) => [gateway.connectivity],
    'nat-gateway-id': (gateway) => [gateway.natGatewayId],
    state: (gateway, snapshot) => [natGatewayState(snapshot, gateway)],
    'subnet-id': (gateway) => [gateway.subnetId],
    'vpc-id': (gateway) => [gateway.vpcId],
  },
};

/** AWS calls the filters of this action `Filter`. */
function describeNatGateways(
  { Filter, ...input }: ActionInput,
  { draft }: ActionContext,
): ActionOutput {
  for (const id of stringsOf(input, 'NatGatewayIds')) findNatGateway(draft.snapshot, id);
  return describe(DESCRIBE_NAT_GATEWAYS, { ...input, Filters: Filter }, draft.snapshot);
}

export const NAT_GATEWAY_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateNatGateway',
    parameters: {
      SubnetId: 'string',
      AllocationId: 'string',
      ConnectivityType: 'string',
      PrivateIpAddress: 'string',
      SecondaryAllocationIds: ['string'],
      SecondaryPrivateIpAddresses: ['string'],
      SecondaryPrivateIpAddressCount: 'integer',
      ClientToken: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['SubnetId'],
    perform: createNatGateway,
  },
  {
    name: 'DeleteNatGateway',
    parameters: { NatGatewayId: 'string' },
    required: ['NatGatewayId'],
    perform: deleteNatGateway,
  },
  {
    name: 'DescribeNatGateways',
    parameters: {
      Filter: FILTERS,
      NatGatewayIds: ['string'],
      MaxResults: 'integer',
      NextToken: 'string',
    },
    required: [],
    perform: describeNatGateways,
  },
];

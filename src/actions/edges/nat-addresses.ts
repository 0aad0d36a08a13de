/**
 * The addresses of NAT gateways, and the actions on those beside the first. They are addresses of the
 * gateway's interface; a public gateway has an elastic address at each.
 */
import { formatIpv4, type Ipv4Addr, parseIpv4 } from '../../addr/ipv4.ts';
import type { ElasticAddress } from '../../model/elastic-addresses.ts';
import type { NatGateway } from '../../model/gateways.ts';
import { elasticAddressAt } from '../../model/lookups/elastic-addresses.ts';
import type { Eni } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { addressNotAssigned, invalidAddress, parameterValue, unknownId } from '../errors.ts';
import { stringOf, stringsOf } from '../input.ts';
import { countOf, uniqueOf } from '../interfaces/new-eni.ts';
import { chooseIpv4, parseFreeIpv4 } from '../interfaces/subnet-addresses.ts';
import { findEni, subnetOf } from '../lookup.ts';
import { freeElasticAddresses, setAssociation } from './elastic-associations.ts';
import { addressAssociated, natAddressLimitExceeded, notTogether } from './gateway-errors.ts';
import { findAvailableNatGateway, findElasticAddress } from './lookup-gateways.ts';

/** @source NAT-1 */
const MAX_ADDRESSES = 8;

/** AWS's `NatGatewayAddress`es; of a gateway that is gone, the first. */
export function natAddressShapes(gateway: NatGateway, snapshot: Snapshot): ActionOutput[] {
  const { eniId, privateAddr, publicAddr, allocationId } = gateway;
  const eni = eniId === null ? undefined : snapshot.enis.get(eniId);
  if (eni !== undefined) {
    return eni.addresses.map((addr) => addressShape(snapshot, eni, addr, 'succeeded'));
  }
  return [
    {
      AllocationId: allocationId ?? undefined,
      PrivateIp: privateAddr === null ? undefined : formatIpv4(privateAddr),
      PublicIp: publicAddr === null ? undefined : formatIpv4(publicAddr),
      IsPrimary: true,
    },
  ];
}

/** `succeeded`, or what an answer says that it goes on. */
type AddressStatus = 'succeeded' | 'assigning' | 'unassigning' | 'associating' | 'disassociating';

function addressShape(
  snapshot: Snapshot,
  eni: Eni,
  addr: Ipv4Addr,
  status: AddressStatus,
): ActionOutput {
  const elastic = elasticAddressAt(snapshot, eni.eniId, addr);
  return {
    AllocationId: elastic?.allocationId,
    AssociationId: elastic?.association?.associationId,
    NetworkInterfaceId: eni.eniId,
    PrivateIp: formatIpv4(addr),
    PublicIp: elastic === undefined ? undefined : formatIpv4(elastic.publicAddr),
    IsPrimary: addr === eni.addresses[0],
    Status: status,
  };
}

/** @throws Resource.AlreadyAssociated */
function freeAllocation(snapshot: Snapshot, id: string): ElasticAddress {
  const address = findElasticAddress(snapshot, id);
  const { association } = address;
  if (association !== null) throw addressAssociated(id, association.associationId);
  return address;
}

/**
 * Gives the gateway's interface more addresses.
 * @param texts Those that the request names. @param count How many there are to be in all.
 * @throws NatGatewayAddressLimitExceeded; the refusals of `subnet-addresses.ts`.
 * @source NAT-1
 */
function addPrivate(
  context: ActionContext,
  gateway: NatGateway,
  texts: readonly string[],
  count: number,
): Ipv4Addr[] {
  const { draft } = context;
  const eni = eniOf(draft.snapshot, gateway);
  if (eni.addresses.length + count > MAX_ADDRESSES) throw natAddressLimitExceeded(MAX_ADDRESSES);
  const subnet = subnetOf(draft.snapshot, eni);
  const given = uniqueOf(texts, 'privateIpAddress').map((text) =>
    parseFreeIpv4(draft.snapshot, subnet, text),
  );
  const added = [...given, ...chooseIpv4(context, subnet, count - given.length, given)];
  draft.put('enis', eni.eniId, { ...eni, addresses: [...eni.addresses, ...added] });
  return added;
}

/** Adds addresses with an elastic one each. @throws as `addPrivate`; Resource.AlreadyAssociated */
function addPublic(
  context: ActionContext,
  gateway: NatGateway,
  allocationIds: readonly string[],
  texts: readonly string[],
): Ipv4Addr[] {
  const { draft, newId } = context;
  const elastic = uniqueOf(allocationIds, 'allocationId').map((id) =>
    freeAllocation(draft.snapshot, id),
  );
  if (texts.length > elastic.length) {
    throw parameterValue('There are more private IP addresses than allocation IDs.');
  }
  const added = addPrivate(context, gateway, texts, elastic.length);
  const { eniId } = eniOf(draft.snapshot, gateway);
  for (const [index, privateAddr] of added.entries()) {
    const address = elastic[index];
    if (address === undefined) continue;
    setAssociation(draft, address, { associationId: newId('eipassoc'), eniId, privateAddr });
  }
  return added;
}

function removeAddresses({ draft }: ActionContext, eni: Eni, removed: readonly Ipv4Addr[]): void {
  if (removed.some((addr) => addr === eni.addresses[0])) {
    throw parameterValue('The primary IP address of a NAT gateway cannot be removed.');
  }
  freeElasticAddresses(draft, eni.eniId, removed);
  const addresses = eni.addresses.filter((addr) => !removed.includes(addr));
  draft.put('enis', eni.eniId, { ...eni, addresses });
}

function eniOf(snapshot: Snapshot, { eniId, natGatewayId }: NatGateway): Eni {
  if (eniId === null) throw unknownId('nat', natGatewayId);
  return findEni(snapshot, eniId);
}

/** @throws InvalidParameterValue when the gateway is of the other kind. */
function findGateway(
  input: ActionInput,
  snapshot: Snapshot,
  connectivity: NatGateway['connectivity'],
): NatGateway {
  const gateway = findAvailableNatGateway(snapshot, stringOf(input, 'NatGatewayId'));
  if (gateway.connectivity === connectivity) return gateway;
  throw parameterValue(
    `The NAT gateway ${gateway.natGatewayId} is not a ${connectivity} NAT gateway.`,
  );
}

/** Reads the secondary addresses of a gateway that is made, and adds them. */
export function addSecondaryAddresses(
  input: ActionInput,
  context: ActionContext,
  gateway: NatGateway,
): void {
  const allocationIds = stringsOf(input, 'SecondaryAllocationIds');
  const texts = stringsOf(input, 'SecondaryPrivateIpAddresses');
  const count = countOf(input, 'SecondaryPrivateIpAddressCount');
  if (gateway.connectivity === 'public') {
    if (count > 0) throw notTogether('connectivityType public', 'secondaryPrivateIpAddressCount');
    addPublic(context, gateway, allocationIds, texts);
    return;
  }
  if (allocationIds.length > 0) {
    throw notTogether('connectivityType private', 'secondaryAllocationIds');
  }
  addOrCount(context, gateway, texts, count, 'secondaryPrivateIpAddressCount');
}

/** @throws InvalidParameterCombination when addresses and a count are given. */
function addOrCount(
  context: ActionContext,
  gateway: NatGateway,
  texts: readonly string[],
  count: number,
  parameter: string,
): Ipv4Addr[] {
  if (texts.length > 0 && count > 0) throw notTogether('privateIpAddresses', parameter);
  return addPrivate(context, gateway, texts, texts.length + count);
}

function answer(
  { draft }: ActionContext,
  gateway: NatGateway,
  addrs: readonly Ipv4Addr[],
  status: AddressStatus,
): ActionOutput {
  const eni = eniOf(draft.snapshot, gateway);
  return {
    NatGatewayId: gateway.natGatewayId,
    NatGatewayAddresses: addrs.map((addr) => addressShape(draft.snapshot, eni, addr, status)),
  };
}

function associateAddress(input: ActionInput, context: ActionContext): ActionOutput {
  const gateway = findGateway(input, context.draft.snapshot, 'public');
  const texts = stringsOf(input, 'PrivateIpAddresses');
  const added = addPublic(context, gateway, stringsOf(input, 'AllocationIds'), texts);
  return answer(context, gateway, added, 'associating');
}

/** `MaxDrainDurationSeconds` changes nothing: there are no connections to wait for. */
function disassociateAddress(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const gateway = findGateway(input, snapshot, 'public');
  const eni = eniOf(snapshot, gateway);
  const removed = stringsOf(input, 'AssociationIds').map((id) => {
    const addr = eni.addresses.find(
      (each) => elasticAddressAt(snapshot, eni.eniId, each)?.association?.associationId === id,
    );
    if (addr === undefined) throw unknownId('eipassoc', id);
    return addr;
  });
  const output = answer(context, gateway, removed, 'disassociating');
  removeAddresses(context, eni, removed);
  return output;
}

function assignAddress(input: ActionInput, context: ActionContext): ActionOutput {
  const gateway = findGateway(input, context.draft.snapshot, 'private');
  const texts = stringsOf(input, 'PrivateIpAddresses');
  const count = countOf(input, 'PrivateIpAddressCount');
  const added = addOrCount(context, gateway, texts, count, 'privateIpAddressCount');
  return answer(context, gateway, added, 'assigning');
}

function unassignAddress(input: ActionInput, context: ActionContext): ActionOutput {
  const gateway = findGateway(input, context.draft.snapshot, 'private');
  const eni = eniOf(context.draft.snapshot, gateway);
  const removed = stringsOf(input, 'PrivateIpAddresses').map((text) => {
    const addr = parseIpv4(text);
    if (addr === null) throw invalidAddress(text);
    if (!eni.addresses.includes(addr)) throw addressNotAssigned(eni.eniId);
    return addr;
  });
  const output = answer(context, gateway, removed, 'unassigning');
  removeAddresses(context, eni, removed);
  return output;
}

export const NAT_ADDRESS_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'AssociateNatGatewayAddress',
    parameters: {
      NatGatewayId: 'string',
      AllocationIds: ['string'],
      PrivateIpAddresses: ['string'],
    },
    required: ['NatGatewayId', 'AllocationIds'],
    perform: associateAddress,
  },
  {
    name: 'DisassociateNatGatewayAddress',
    parameters: {
      NatGatewayId: 'string',
      AssociationIds: ['string'],
      MaxDrainDurationSeconds: 'integer',
    },
    required: ['NatGatewayId', 'AssociationIds'],
    perform: disassociateAddress,
  },
  {
    name: 'AssignPrivateNatGatewayAddress',
    parameters: {
      NatGatewayId: 'string',
      PrivateIpAddresses: ['string'],
      PrivateIpAddressCount: 'integer',
    },
    required: ['NatGatewayId'],
    perform: assignAddress,
  },
  {
    name: 'UnassignPrivateNatGatewayAddress',
    parameters: {
      NatGatewayId: 'string',
      PrivateIpAddresses: ['string'],
      MaxDrainDurationSeconds: 'integer',
    },
    required: ['NatGatewayId', 'PrivateIpAddresses'],
    perform: unassignAddress,
  },
];

/** The actions on elastic IP addresses (ENI-10). */
import { ipv4Contains } from '../../addr/cidr.ts';
import { formatIpv4, type Ipv4Addr, parseIpv4 } from '../../addr/ipv4.ts';
import type { ElasticAddress } from '../../model/elastic-addresses.ts';
import { elasticAddressAt } from '../../model/lookups/elastic-addresses.ts';
import { internetGatewayOf } from '../../model/lookups/gateways.ts';
import type { Eni } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isHeld } from '../../model/transitions.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { instanceState } from '../compute/instance-shapes.ts';
import { type DescribeSpec, FILTERS, selectRows } from '../describe.ts';
import {
  addressInUse,
  addressNotAssigned,
  incorrectInstanceState,
  invalidAddress,
  missingOneOf,
  noIpv4Block,
  unknownId,
} from '../errors.ts';
import { optionalBoolean, optionalString, stringsOf } from '../input.ts';
import { singleEni } from '../interfaces/single-eni.ts';
import { findEni, findInstance } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { setAssociation } from './elastic-associations.ts';
import {
  addressAssociated,
  addressLimitExceeded,
  networkNotAttached,
  noSuchAddress,
  notTogether,
  notYours,
  onlyValue,
  pendingInstance,
  vpcAddressById,
} from './gateway-errors.ts';
import { findElasticAddress } from './lookup-gateways.ts';
import {
  drawPublicAddress,
  elasticAddressOf,
  isPublicAddressTaken,
  releasePublicAddress,
  renewPublicAddress,
} from './public-addresses.ts';

const AMAZON_POOL = 'amazon';

function addressShape(address: ElasticAddress, snapshot: Snapshot): ActionOutput {
  const { association } = address;
  const eni = association === null ? undefined : snapshot.enis.get(association.eniId);
  return {
    PublicIp: formatIpv4(address.publicAddr),
    AllocationId: address.allocationId,
    Domain: 'vpc',
    PublicIpv4Pool: AMAZON_POOL,
    NetworkBorderGroup: snapshot.region,
    AssociationId: association?.associationId,
    NetworkInterfaceId: association?.eniId,
    NetworkInterfaceOwnerId: association === null ? undefined : snapshot.accountId,
    PrivateIpAddress: association === null ? undefined : formatIpv4(association.privateAddr),
    InstanceId: eni?.attachment?.instanceId,
    Tags: tagSet(address.tags),
  };
}

/** @throws InvalidAddress.NotFound for an address outside the pool; InvalidIPAddress.InUse. */
function readWanted(context: ActionContext, text: string): Ipv4Addr {
  const { snapshot } = context.draft;
  const addr = parseIpv4(text);
  if (addr === null) throw invalidAddress(text);
  if (!ipv4Contains(snapshot.settings.elasticAddressPool, addr)) throw noSuchAddress(text);
  if (isPublicAddressTaken(context, addr)) throw addressInUse(text);
  return addr;
}

function allocateAddress(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId } = context;
  const { elasticAddresses, quotas, region } = draft.snapshot;
  const tags = tagsFor(input, 'elastic-ip');
  const domain = optionalString(input, 'Domain') ?? 'vpc';
  const pool = optionalString(input, 'PublicIpv4Pool') ?? AMAZON_POOL;
  const group = optionalString(input, 'NetworkBorderGroup') ?? region;
  if (domain !== 'vpc') throw onlyValue('domain', domain, 'vpc');
  if (pool !== AMAZON_POOL) throw onlyValue('publicIpv4Pool', pool, AMAZON_POOL);
  if (group !== region) throw onlyValue('networkBorderGroup', group, region);
  if (elasticAddresses.size >= quotas.elasticAddressesPerRegion) throw addressLimitExceeded();
  const wanted = optionalString(input, 'Address');
  const publicAddr =
    wanted === undefined ? drawPublicAddress(context) : readWanted(context, wanted);
  const allocationId = newId('eipalloc');
  draft.put('elasticAddresses', allocationId, {
    allocationId,
    publicAddr,
    association: null,
    ptrRecord: null,
    tags,
  });
  return {
    PublicIp: formatIpv4(publicAddr),
    AllocationId: allocationId,
    PublicIpv4Pool: AMAZON_POOL,
    NetworkBorderGroup: region,
    Domain: domain,
  };
}

function releaseAddress(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const id = optionalString(input, 'AllocationId');
  const publicIp = optionalString(input, 'PublicIp');
  if (id === undefined && publicIp === undefined) throw missingOneOf(['publicIp', 'allocationId']);
  if (id === undefined) throw vpcAddressById('an allocation id when releasing');
  const { allocationId, publicAddr, association } = findElasticAddress(draft.snapshot, id);
  if (association !== null || isHeld(draft.snapshot, allocationId)) {
    throw addressInUse(formatIpv4(publicAddr));
  }
  draft.delete('elasticAddresses', allocationId);
  return {};
}

/** @throws InvalidAddress.NotFound when the account has no such address. */
function findByPublicIp(snapshot: Snapshot, text: string): ElasticAddress {
  const addr = parseIpv4(text);
  if (addr === null) throw invalidAddress(text);
  const address = elasticAddressOf(snapshot, addr);
  if (address === undefined) throw noSuchAddress(text);
  return address;
}

function readAddress(input: ActionInput, snapshot: Snapshot): ElasticAddress {
  const id = optionalString(input, 'AllocationId');
  const publicIp = optionalString(input, 'PublicIp');
  if (id !== undefined && publicIp !== undefined) throw notTogether('allocationId', 'publicIp');
  if (id !== undefined) return findElasticAddress(snapshot, id);
  if (publicIp === undefined) throw missingOneOf(['publicIp', 'allocationId']);
  return findByPublicIp(snapshot, publicIp);
}

/** Reads the interface that is to have the address. @throws InvalidInstanceID as `singleEni`. */
function readEni(input: ActionInput, snapshot: Snapshot): Eni {
  const eniId = optionalString(input, 'NetworkInterfaceId');
  const instanceId = optionalString(input, 'InstanceId');
  if (eniId !== undefined && instanceId !== undefined) {
    throw notTogether('instanceId', 'networkInterfaceId');
  }
  if (eniId !== undefined) return findEni(snapshot, eniId);
  if (instanceId === undefined) throw missingOneOf(['instanceId', 'networkInterfaceId']);
  const instance = findInstance(snapshot, instanceId);
  const state = instanceState(instance, snapshot);
  if (state === 'pending') throw pendingInstance(instanceId);
  if (state === 'terminated' || state === 'shutting-down') {
    throw incorrectInstanceState(instanceId, 'associated');
  }
  return singleEni(snapshot, instance);
}

/** @returns the address of the interface that is named, or its primary one. */
function readPrivateAddr(input: ActionInput, eni: Eni): Ipv4Addr {
  const text = optionalString(input, 'PrivateIpAddress');
  const [primary] = eni.addresses;
  if (primary === undefined) throw noIpv4Block(eni.subnetId);
  if (text === undefined) return primary;
  const addr = parseIpv4(text);
  if (addr === null) throw invalidAddress(text);
  if (!eni.addresses.includes(addr)) throw addressNotAssigned(eni.eniId);
  return addr;
}

/** @throws AuthFailure when the address serves a NAT gateway, which nobody takes it from. */
function checkOwn(snapshot: Snapshot, { association }: ElasticAddress): void {
  const eni = association === null ? undefined : snapshot.enis.get(association.eniId);
  if ((eni?.madeFor ?? null) !== null) throw notYours();
}

/**
 * Takes the address from where it was, unless AllowReassociation is false; another address that the
 * private one had is free again.
 * @source ENI-10
 */
function associateAddress(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId } = context;
  const { snapshot } = draft;
  const address = readAddress(input, snapshot);
  const eni = readEni(input, snapshot);
  const privateAddr = readPrivateAddr(input, eni);
  const { allocationId, association } = address;
  if (eni.madeFor !== null) throw notYours();
  checkOwn(snapshot, address);
  if (internetGatewayOf(snapshot, eni.vpcId) === undefined) throw networkNotAttached(eni.vpcId);
  if (association?.eniId === eni.eniId && association.privateAddr === privateAddr) {
    return { AssociationId: association.associationId };
  }
  const other = elasticAddressAt(snapshot, eni.eniId, privateAddr);
  if (optionalBoolean(input, 'AllowReassociation') === false) {
    if (association !== null) throw addressAssociated(allocationId, association.associationId);
    const taken = other?.association;
    if (taken) throw addressAssociated(eni.eniId, taken.associationId);
  }
  if (other !== undefined) setAssociation(draft, other, null);
  const associationId = newId('eipassoc');
  setAssociation(draft, address, { associationId, eniId: eni.eniId, privateAddr });
  if (privateAddr === eni.addresses[0]) releasePublicAddress(draft, eni.eniId);
  if (association !== null) renewPublicAddress(context, association.eniId);
  return { AssociationId: associationId };
}

function disassociateAddress(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const id = optionalString(input, 'AssociationId');
  const publicIp = optionalString(input, 'PublicIp');
  if (id === undefined && publicIp === undefined) throw missingOneOf(['publicIp', 'associationId']);
  if (id === undefined) throw vpcAddressById('an association id when unmapping');
  const address = [...draft.snapshot.elasticAddresses.values()].find(
    (each) => each.association?.associationId === id,
  );
  if (address === undefined) throw unknownId('eipassoc', id);
  checkOwn(draft.snapshot, address);
  setAssociation(draft, address, null);
  if (address.association !== null) renewPublicAddress(context, address.association.eniId);
  return {};
}

const DESCRIBE_ADDRESSES: Omit<DescribeSpec<'eipalloc', ElasticAddress>, 'member' | 'shape'> = {
  idsParameter: 'AllocationIds',
  prefix: 'eipalloc',
  rows: (snapshot) => snapshot.elasticAddresses,
  filters: {
    'allocation-id': (address) => [address.allocationId],
    'association-id': ({ association }) =>
      association === null ? [] : [association.associationId],
    domain: () => ['vpc'],
    'instance-id': ({ association }, { enis }) =>
      [association].flatMap(
        (each) => enis.get(each?.eniId ?? 'eni-')?.attachment?.instanceId ?? [],
      ),
    'network-border-group': (_address, snapshot) => [snapshot.region],
    'network-interface-id': ({ association }) => (association === null ? [] : [association.eniId]),
    'network-interface-owner-id': ({ association }, snapshot) =>
      association === null ? [] : [snapshot.accountId],
    'private-ip-address': ({ association }) =>
      association === null ? [] : [formatIpv4(association.privateAddr)],
    'public-ip': (address) => [formatIpv4(address.publicAddr)],
  },
};

/** The one Describe action without pages. */
function describeAddresses(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const named = stringsOf(input, 'PublicIps').map((text) => findByPublicIp(snapshot, text));
  const { rows } = selectRows(DESCRIBE_ADDRESSES, input, snapshot);
  const chosen = named.length === 0 ? rows : rows.filter((row) => named.includes(row));
  return { Addresses: chosen.map((address) => addressShape(address, snapshot)) };
}

export const ELASTIC_ADDRESS_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'AllocateAddress',
    parameters: {
      Domain: 'string',
      Address: 'string',
      PublicIpv4Pool: 'string',
      NetworkBorderGroup: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: [],
    perform: allocateAddress,
  },
  {
    name: 'ReleaseAddress',
    parameters: { AllocationId: 'string', PublicIp: 'string', NetworkBorderGroup: 'string' },
    required: [],
    perform: releaseAddress,
  },
  {
    name: 'AssociateAddress',
    parameters: {
      AllocationId: 'string',
      PublicIp: 'string',
      InstanceId: 'string',
      NetworkInterfaceId: 'string',
      PrivateIpAddress: 'string',
      AllowReassociation: 'boolean',
    },
    required: [],
    perform: associateAddress,
  },
  {
    name: 'DisassociateAddress',
    parameters: { AssociationId: 'string', PublicIp: 'string' },
    required: [],
    perform: disassociateAddress,
  },
  {
    name: 'DescribeAddresses',
    parameters: { Filters: FILTERS, PublicIps: ['string'], AllocationIds: ['string'] },
    required: [],
    perform: describeAddresses,
  },
];

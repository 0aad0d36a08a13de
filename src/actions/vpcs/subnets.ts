/** The actions on subnets and their IPv6 blocks. */
import {
  cidrContains,
  cidrsOverlap,
  formatCidr,
  type Ipv4Cidr,
  type Ipv6Cidr,
  ipv6Contains,
  parseIpv4Cidr,
  parseIpv6Cidr,
} from '../../addr/cidr.ts';
import type { Ipv6CidrAssociation, Subnet, Vpc } from '../../model/records.ts';
import { associatedRouteTable } from '../../model/routes.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isIpv6Only } from '../../model/subnets.ts';
import { cidrState, isHeld } from '../../model/transitions.ts';
import { zoneId } from '../../model/zones.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import {
  assignIpv6Fixed,
  dependencyViolation,
  invalidCidr,
  invalidZone,
  missingBlock,
  noIpv4Block,
  parameterCombination,
  parameterValue,
  subnetAssignsIpv6,
  subnetCidrInUse,
  subnetConflict,
  subnetLimitExceeded,
  subnetRange,
  unknownId,
} from '../errors.ts';
import { joinDefaultNetworkAcl, leaveNetworkAcl } from '../filters/default-filters.ts';
import { optionalBoolean, optionalString, stringOf } from '../input.ts';
import { newMac } from '../interfaces/macs.ts';
import { availableIpv4Count, ipv6PrefixesOf } from '../interfaces/subnet-addresses.ts';
import { enisOfSubnet, findSubnet, findVpc } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagsFor } from '../tag-set.ts';
import { begin } from '../transition.ts';
import { ipv6CidrShape, subnetShape } from './subnet-shapes.ts';
import { isAllowedSize } from './vpc-cidrs.ts';

/** The classic size of an IPv6 subnet (SUB-9). */
const IPV6_PREFIX_LENGTH = 64;

function subnetsOf(snapshot: Snapshot, vpc: Vpc): Subnet[] {
  return [...snapshot.subnets.values()].filter((subnet) => subnet.vpcId === vpc.vpcId);
}

/**
 * Reads a block of the VPC that no subnet has.
 * @throws InvalidSubnet.Range when the size is not allowed or the block is not the VPC's.
 * @throws InvalidSubnet.Conflict when it overlaps another subnet.
 * @source SUB-1, SUB-4, SUB-5
 */
function parseSubnetCidr(snapshot: Snapshot, vpc: Vpc, text: string): Ipv4Cidr {
  const cidr = parseIpv4Cidr(text);
  if (cidr === null) throw invalidCidr('cidrBlock', text);
  const inVpc = vpc.cidrs.some((each) => cidrContains(each.cidr, cidr));
  if (!isAllowedSize(cidr) || !inVpc) throw subnetRange(text);
  const conflict = subnetsOf(snapshot, vpc).some(
    (each) => each.cidr !== null && cidrsOverlap(each.cidr, cidr),
  );
  if (conflict) throw subnetConflict(text);
  return cidr;
}

/** As `parseSubnetCidr`, for a /64. @source SUB-9 */
function parseSubnetIpv6Cidr(snapshot: Snapshot, vpc: Vpc, text: string): Ipv6Cidr {
  const cidr = parseIpv6Cidr(text);
  if (cidr === null) throw invalidCidr('ipv6CidrBlock', text);
  const inVpc = vpc.ipv6Cidrs.some((each) => cidrContains(each.cidr, cidr));
  if (cidr.prefixLength !== IPV6_PREFIX_LENGTH || !inVpc) throw subnetRange(text);
  const conflict = subnetsOf(snapshot, vpc).some((subnet) =>
    subnet.ipv6Cidrs.some((each) => cidrsOverlap(each.cidr, cidr)),
  );
  if (conflict) throw subnetConflict(text);
  return cidr;
}

/** @returns the zone asked for, or else the first one: AWS chooses one too. */
function chooseZone(input: ActionInput, snapshot: Snapshot): string {
  const zones = snapshot.availabilityZones;
  const name = optionalString(input, 'AvailabilityZone');
  const id = optionalString(input, 'AvailabilityZoneId');
  if (name !== undefined && id !== undefined) {
    throw parameterCombination(
      "The parameters 'availabilityZone' and 'availabilityZoneId' cannot be used together",
    );
  }
  const chosen =
    id === undefined ? (name ?? zones[0]) : zones.find((each) => zoneId(snapshot, each) === id);
  if (chosen === undefined || !zones.includes(chosen)) throw invalidZone(id ?? name ?? '', zones);
  return chosen;
}

/**
 * Reads the blocks of a new subnet, of which `Ipv6Native` tells the kind.
 * @throws MissingParameter for an IPv6-only subnet without an IPv6 block, or another one without an IPv4 block.
 * @throws InvalidParameterCombination for an IPv6-only subnet with an IPv4 block.
 * @source SUB-5
 */
function readBlocks(
  input: ActionInput,
  snapshot: Snapshot,
  vpc: Vpc,
): { readonly cidr: Ipv4Cidr | null; readonly ipv6: Ipv6Cidr | null } {
  const text = optionalString(input, 'CidrBlock');
  const ipv6Text = optionalString(input, 'Ipv6CidrBlock');
  const readIpv6 = (block: string): Ipv6Cidr => parseSubnetIpv6Cidr(snapshot, vpc, block);
  if (optionalBoolean(input, 'Ipv6Native') === true) {
    if (text !== undefined) {
      throw parameterCombination(
        "The parameter 'cidrBlock' cannot be used when 'ipv6Native' is set to true",
      );
    }
    if (ipv6Text === undefined) throw missingBlock('ipv6CidrBlock', 'ipv6IpamPoolId');
    return { cidr: null, ipv6: readIpv6(ipv6Text) };
  }
  if (text === undefined) throw missingBlock('cidrBlock', 'ipv4IpamPoolId');
  const cidr = parseSubnetCidr(snapshot, vpc, text);
  return { cidr, ipv6: ipv6Text === undefined ? null : readIpv6(ipv6Text) };
}

function createSubnet(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const { snapshot } = draft;
  const tags = tagsFor(input, 'subnet');
  const vpc = findVpc(snapshot, stringOf(input, 'VpcId'));
  const availabilityZone = chooseZone(input, snapshot);
  const { cidr, ipv6 } = readBlocks(input, snapshot, vpc);
  if (subnetsOf(snapshot, vpc).length >= snapshot.quotas.subnetsPerVpc) throw subnetLimitExceeded();
  const subnet = addSubnet(context, { vpcId: vpc.vpcId, availabilityZone, cidr, ipv6, tags });
  return { Subnet: subnetShape(subnet, draft.snapshot) };
}

/** What a new subnet is told; the rest is as AWS has it at first. */
export interface NewSubnet extends Pick<Subnet, 'vpcId' | 'availabilityZone' | 'cidr' | 'tags'> {
  readonly ipv6: Ipv6Cidr | null;
  readonly isDefault?: boolean;
}

/** Makes a subnet with the default ACL of its VPC. A default subnet gives public addresses away. */
export function addSubnet(context: ActionContext, settings: NewSubnet): Subnet {
  const { draft, newId } = context;
  const { ipv6, isDefault = false, ...fields } = settings;
  const subnet: Subnet = {
    subnetId: newId('subnet'),
    ...fields,
    ipv6Cidrs: ipv6 === null ? [] : [{ associationId: newId('subnet-cidr-assoc'), cidr: ipv6 }],
    assignIpv6AddressOnCreation: fields.cidr === null,
    mapPublicIpOnLaunch: isDefault,
    enableDns64: false,
    isDefault,
    routerMac: newMac(context),
    reservations: [],
  };
  draft.put('subnets', subnet.subnetId, subnet);
  joinDefaultNetworkAcl(context, subnet);
  return subnet;
}

/** An association with a route table ends with the subnet; an interface bars the deletion. */
function deleteSubnet(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { subnetId } = findSubnet(draft.snapshot, stringOf(input, 'SubnetId'));
  if (enisOfSubnet(draft.snapshot, subnetId).length > 0 || isHeld(draft.snapshot, subnetId)) {
    throw dependencyViolation('subnet', subnetId);
  }
  const table = associatedRouteTable(draft.snapshot, subnetId);
  if (table !== undefined) {
    const associations = table.associations.filter((each) => each.subnetId !== subnetId);
    draft.put('routeTables', table.routeTableId, { ...table, associations });
  }
  leaveNetworkAcl(draft, subnetId);
  draft.delete('subnets', subnetId);
  return {};
}

const cidrText = ({ cidr }: Subnet): string[] => (cidr === null ? [] : [formatCidr(cidr)]);
const zoneText = (subnet: Subnet): string[] => [subnet.availabilityZone];
const zoneIdText = (subnet: Subnet, snapshot: Snapshot): string[] => [
  zoneId(snapshot, subnet.availabilityZone),
];

const DESCRIBE_SUBNETS: DescribeSpec<'subnet', Subnet> = {
  member: 'Subnets',
  idsParameter: 'SubnetIds',
  prefix: 'subnet',
  rows: (snapshot) => snapshot.subnets,
  shape: subnetShape,
  filters: {
    'availability-zone': zoneText,
    availabilityZone: zoneText,
    'available-ip-address-count': (subnet, snapshot) => [availableIpv4Count(snapshot, subnet)],
    'cidr-block': cidrText,
    cidr: cidrText,
    cidrBlock: cidrText,
    'availability-zone-id': zoneIdText,
    availabilityZoneId: zoneIdText,
    'enable-dns64': ({ enableDns64 }) => [enableDns64],
    'default-for-az': ({ isDefault }) => [isDefault],
    defaultForAz: ({ isDefault }) => [isDefault],
    'ipv6-cidr-block-association.ipv6-cidr-block': (subnet) =>
      subnet.ipv6Cidrs.map((each) => formatCidr(each.cidr)),
    'ipv6-cidr-block-association.association-id': (subnet) =>
      subnet.ipv6Cidrs.map((each) => each.associationId),
    'ipv6-cidr-block-association.state': (subnet, snapshot) =>
      subnet.ipv6Cidrs.map((each) => cidrState(each, snapshot)),
    'ipv6-native': (subnet) => [isIpv6Only(subnet)],
    'map-public-ip-on-launch': (subnet) => [subnet.mapPublicIpOnLaunch],
    'owner-id': (_subnet, snapshot) => [snapshot.accountId],
    state: () => ['available'],
    'subnet-id': (subnet) => [subnet.subnetId],
    'vpc-id': (subnet) => [subnet.vpcId],
  },
};

function associateSubnetCidrBlock(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId } = context;
  const subnet = findSubnet(draft.snapshot, stringOf(input, 'SubnetId'));
  const vpc = findVpc(draft.snapshot, subnet.vpcId);
  const cidr = parseSubnetIpv6Cidr(draft.snapshot, vpc, stringOf(input, 'Ipv6CidrBlock'));
  if (subnet.ipv6Cidrs.length > 0) {
    throw parameterValue(`The subnet '${subnet.subnetId}' already has an IPv6 CIDR block`);
  }
  const association: Ipv6CidrAssociation = { associationId: newId('subnet-cidr-assoc'), cidr };
  draft.put('subnets', subnet.subnetId, { ...subnet, ipv6Cidrs: [association] });
  const state = begin(context, association.associationId, 'associating', 'associateCidr');
  return {
    SubnetId: subnet.subnetId,
    Ipv6CidrBlockAssociation: ipv6CidrShape(association, state),
  };
}

function disassociateSubnetCidrBlock(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const associationId = stringOf(input, 'AssociationId');
  const hasIt = (each: Ipv6CidrAssociation): boolean => each.associationId === associationId;
  const subnet = [...snapshot.subnets.values()].find((each) => each.ipv6Cidrs.some(hasIt));
  const association = subnet?.ipv6Cidrs.find(hasIt);
  if (subnet === undefined || association === undefined) {
    throw unknownId('subnet-cidr-assoc', associationId);
  }
  const inUse = enisOfSubnet(snapshot, subnet.subnetId).some((eni) =>
    [...eni.ipv6Addresses, ...ipv6PrefixesOf(eni).map((prefix) => prefix.addr)].some((addr) =>
      ipv6Contains(association.cidr, addr),
    ),
  );
  if (subnet.assignIpv6AddressOnCreation) throw subnetAssignsIpv6(associationId);
  if (inUse) throw subnetCidrInUse(subnet.subnetId, formatCidr(association.cidr));
  draft.put('subnets', subnet.subnetId, {
    ...subnet,
    ipv6Cidrs: subnet.ipv6Cidrs.filter((each) => !hasIt(each)),
    reservations: subnet.reservations.filter((each) => each.cidr.family === 4),
  });
  return {
    SubnetId: subnet.subnetId,
    Ipv6CidrBlockAssociation: ipv6CidrShape(association, 'disassociating'),
  };
}

/** @throws InvalidParameterValue for a subnet without an IPv6 block, or without anything else. */
function modifySubnetAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const subnet = findSubnet(draft.snapshot, stringOf(input, 'SubnetId'));
  const assigns = optionalBoolean(input, 'AssignIpv6AddressOnCreation');
  const mapPublicIpOnLaunch = optionalBoolean(input, 'MapPublicIpOnLaunch');
  const enableDns64 = optionalBoolean(input, 'EnableDns64');
  const given = [assigns, mapPublicIpOnLaunch, enableDns64].filter((each) => each !== undefined);
  if (given.length > 1) {
    throw parameterCombination('Fields for multiple attribute types specified');
  }
  if (mapPublicIpOnLaunch !== undefined) {
    if (mapPublicIpOnLaunch && isIpv6Only(subnet)) throw noIpv4Block(subnet.subnetId);
    draft.put('subnets', subnet.subnetId, { ...subnet, mapPublicIpOnLaunch });
    return {};
  }
  if (enableDns64 !== undefined) {
    draft.put('subnets', subnet.subnetId, { ...subnet, enableDns64 });
    return {};
  }
  if (assigns === undefined) throw parameterCombination('No attributes specified.');
  const isFixed = assigns ? subnet.ipv6Cidrs.length === 0 : isIpv6Only(subnet);
  if (isFixed) throw assignIpv6Fixed(subnet.subnetId, assigns);
  draft.put('subnets', subnet.subnetId, { ...subnet, assignIpv6AddressOnCreation: assigns });
  return {};
}

export const SUBNET_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateSubnet',
    parameters: {
      VpcId: 'string',
      CidrBlock: 'string',
      Ipv6CidrBlock: 'string',
      Ipv6Native: 'boolean',
      AvailabilityZone: 'string',
      AvailabilityZoneId: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['VpcId'],
    perform: createSubnet,
  },
  {
    name: 'DeleteSubnet',
    parameters: { SubnetId: 'string' },
    required: ['SubnetId'],
    perform: deleteSubnet,
  },
  {
    name: 'DescribeSubnets',
    parameters: { ...PAGE_PARAMETERS, SubnetIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_SUBNETS, input, draft.snapshot),
  },
  {
    name: 'ModifySubnetAttribute',
    parameters: {
      SubnetId: 'string',
      AssignIpv6AddressOnCreation: 'attributeBoolean',
      MapPublicIpOnLaunch: 'attributeBoolean',
      EnableDns64: 'attributeBoolean',
    },
    required: ['SubnetId'],
    perform: modifySubnetAttribute,
  },
  {
    name: 'AssociateSubnetCidrBlock',
    parameters: { SubnetId: 'string', Ipv6CidrBlock: 'string' },
    required: ['SubnetId', 'Ipv6CidrBlock'],
    perform: associateSubnetCidrBlock,
  },
  {
    name: 'DisassociateSubnetCidrBlock',
    parameters: { AssociationId: 'string' },
    required: ['AssociationId'],
    perform: disassociateSubnetCidrBlock,
  },
];

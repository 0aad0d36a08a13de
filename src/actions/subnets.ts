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
} from '../addr/cidr.ts';
import type { Ipv6CidrAssociation, Snapshot, Subnet, Vpc } from '../model/records.ts';
import { associatedRouteTable } from '../model/routes.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from './action.ts';
import { joinDefaultNetworkAcl, leaveNetworkAcl } from './default-filters.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from './describe.ts';
import {
  dependencyViolation,
  invalidCidr,
  invalidZone,
  noIpv6Block,
  parameterCombination,
  parameterValue,
  subnetCidrInUse,
  subnetConflict,
  subnetLimitExceeded,
  subnetRange,
  unknownId,
} from './errors.ts';
import { optionalBoolean, optionalString, stringOf } from './input.ts';
import { enisOfSubnet, findSubnet, findVpc } from './lookup.ts';
import { newMac } from './macs.ts';
import { availableIpv4Count, ipv6PrefixesOf } from './subnet-addresses.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from './tag-set.ts';
import { isAllowedSize } from './vpc-cidrs.ts';

/** The classic size of an IPv6 subnet (SUB-9). */
const IPV6_PREFIX_LENGTH = 64;

function subnetShape(subnet: Subnet, snapshot: Snapshot): ActionOutput {
  return {
    SubnetId: subnet.subnetId,
    SubnetArn: `arn:aws:ec2:${snapshot.region}:${snapshot.accountId}:subnet/${subnet.subnetId}`,
    VpcId: subnet.vpcId,
    State: 'available',
    CidrBlock: formatCidr(subnet.cidr),
    AvailabilityZone: subnet.availabilityZone,
    AvailableIpAddressCount: availableIpv4Count(snapshot, subnet),
    DefaultForAz: false,
    MapPublicIpOnLaunch: false,
    AssignIpv6AddressOnCreation: subnet.assignIpv6AddressOnCreation,
    Ipv6Native: false,
    Ipv6CidrBlockAssociationSet: subnet.ipv6Cidrs.map((each) => ipv6CidrShape(each, 'associated')),
    OwnerId: snapshot.accountId,
    Tags: tagSet(subnet.tags),
  };
}

function ipv6CidrShape(association: Ipv6CidrAssociation, state: string): ActionOutput {
  return {
    AssociationId: association.associationId,
    Ipv6CidrBlock: formatCidr(association.cidr),
    Ipv6CidrBlockState: { State: state },
  };
}

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
  const conflict = subnetsOf(snapshot, vpc).some((each) => cidrsOverlap(each.cidr, cidr));
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
function chooseZone(snapshot: Snapshot, zone: string | undefined): string {
  const zones = snapshot.availabilityZones;
  const chosen = zone ?? zones[0];
  if (chosen === undefined || !zones.includes(chosen)) throw invalidZone(chosen ?? '', zones);
  return chosen;
}

function createSubnet(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId } = context;
  const { snapshot } = draft;
  const tags = tagsFor(input, 'subnet');
  const vpc = findVpc(snapshot, stringOf(input, 'VpcId'));
  const availabilityZone = chooseZone(snapshot, optionalString(input, 'AvailabilityZone'));
  const cidr = parseSubnetCidr(snapshot, vpc, stringOf(input, 'CidrBlock'));
  const ipv6Text = optionalString(input, 'Ipv6CidrBlock');
  const ipv6 = ipv6Text === undefined ? null : parseSubnetIpv6Cidr(snapshot, vpc, ipv6Text);
  if (subnetsOf(snapshot, vpc).length >= snapshot.quotas.subnetsPerVpc) throw subnetLimitExceeded();
  const subnet: Subnet = {
    subnetId: newId('subnet'),
    vpcId: vpc.vpcId,
    availabilityZone,
    cidr,
    ipv6Cidrs: ipv6 === null ? [] : [{ associationId: newId('subnet-cidr-assoc'), cidr: ipv6 }],
    assignIpv6AddressOnCreation: false,
    routerMac: newMac(context),
    reservations: [],
    tags,
  };
  draft.put('subnets', subnet.subnetId, subnet);
  joinDefaultNetworkAcl(context, subnet);
  return { Subnet: subnetShape(subnet, draft.snapshot) };
}

/** An association with a route table ends with the subnet; an interface bars the deletion. */
function deleteSubnet(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { subnetId } = findSubnet(draft.snapshot, stringOf(input, 'SubnetId'));
  if (enisOfSubnet(draft.snapshot, subnetId).length > 0) {
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

const cidrText = (subnet: Subnet): string[] => [formatCidr(subnet.cidr)];
const zoneText = (subnet: Subnet): string[] => [subnet.availabilityZone];

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
    'default-for-az': () => [false],
    defaultForAz: () => [false],
    'ipv6-cidr-block-association.ipv6-cidr-block': (subnet) =>
      subnet.ipv6Cidrs.map((each) => formatCidr(each.cidr)),
    'ipv6-cidr-block-association.association-id': (subnet) =>
      subnet.ipv6Cidrs.map((each) => each.associationId),
    'ipv6-cidr-block-association.state': (subnet) => subnet.ipv6Cidrs.map(() => 'associated'),
    'map-public-ip-on-launch': () => [false],
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
  return {
    SubnetId: subnet.subnetId,
    Ipv6CidrBlockAssociation: ipv6CidrShape(association, 'associating'),
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
  if (inUse) throw subnetCidrInUse(subnet.subnetId, formatCidr(association.cidr));
  draft.put('subnets', subnet.subnetId, {
    ...subnet,
    ipv6Cidrs: subnet.ipv6Cidrs.filter((each) => !hasIt(each)),
    assignIpv6AddressOnCreation: false,
    reservations: subnet.reservations.filter((each) => each.cidr.family === 4),
  });
  return {
    SubnetId: subnet.subnetId,
    Ipv6CidrBlockAssociation: ipv6CidrShape(association, 'disassociating'),
  };
}

/** @throws InvalidParameterValue when the subnet has no IPv6 block. */
function modifySubnetAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const subnet = findSubnet(draft.snapshot, stringOf(input, 'SubnetId'));
  const assigns = optionalBoolean(input, 'AssignIpv6AddressOnCreation');
  if (assigns === undefined) throw parameterCombination('No attributes specified.');
  if (assigns && subnet.ipv6Cidrs.length === 0) throw noIpv6Block(subnet.subnetId);
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
      AvailabilityZone: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['VpcId', 'CidrBlock'],
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
    parameters: { SubnetId: 'string', AssignIpv6AddressOnCreation: 'attributeBoolean' },
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

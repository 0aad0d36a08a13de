/** The actions on VPCs and their CIDR blocks. */
import { cidrsOverlap, formatCidr, type Ipv4Cidr } from '../../addr/cidr.ts';
import type { CidrAssociationId } from '../../model/ids.ts';
import { hasGateway } from '../../model/lookups/gateways.ts';
import type {
  Ipv4CidrAssociation,
  RouteTable,
  Vpc,
  VpcIpv6CidrAssociation,
} from '../../model/records.ts';
import { isMainTable } from '../../model/routes.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { subnetBlocks } from '../../model/subnets.ts';
import { cidrState, stateOf } from '../../model/transitions.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { deletePeeringsOf } from '../edges/peerings.ts';
import {
  dependencyViolation,
  invalidValue,
  missingOneOf,
  operationNotPermitted,
  parameterCombination,
  unknownId,
  vpcCidrInUse,
  vpcLimitExceeded,
} from '../errors.ts';
import {
  addDefaultFilters,
  addIpv6Filters,
  hasOwnFilters,
  removeDefaultFilters,
} from '../filters/default-filters.ts';
import { optionalBoolean, optionalString, stringOf } from '../input.ts';
import { findVpc } from '../lookup.ts';
import { addLocalRoute, localRoutes, removeLocalRoute } from '../routing/local-routes.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { begin } from '../transition.ts';
import { regionDhcpOptionsId } from './dhcp-options.ts';
import {
  checkAddedCidr,
  checkCount,
  checkPeers,
  drawIpv6Cidr,
  parseVpcCidr,
  parseVpcIpv6Cidr,
} from './vpc-cidrs.ts';

type VpcState = 'pending' | 'available';

function vpcState({ vpcId }: Vpc, snapshot: Snapshot): VpcState {
  return stateOf<VpcState>(snapshot, vpcId, 'available');
}

export function vpcShape(vpc: Vpc, snapshot: Snapshot, state: VpcState): ActionOutput {
  return {
    VpcId: vpc.vpcId,
    State: state,
    CidrBlock: formatCidr(vpc.cidrs[0].cidr),
    DhcpOptionsId: vpc.dhcpOptionsId,
    OwnerId: snapshot.accountId,
    InstanceTenancy: 'default',
    IsDefault: vpc.isDefault,
    CidrBlockAssociationSet: vpc.cidrs.map((each) => cidrShape(each, cidrState(each, snapshot))),
    Ipv6CidrBlockAssociationSet: vpc.ipv6Cidrs.map((each) =>
      ipv6CidrShape(each, snapshot, cidrState(each, snapshot)),
    ),
    Tags: tagSet(vpc.tags),
  };
}

function cidrShape(association: Ipv4CidrAssociation, state: string): ActionOutput {
  return {
    AssociationId: association.associationId,
    CidrBlock: formatCidr(association.cidr),
    CidrBlockState: { State: state },
  };
}

function ipv6CidrShape(
  association: VpcIpv6CidrAssociation,
  snapshot: Snapshot,
  state: string,
): ActionOutput {
  return {
    AssociationId: association.associationId,
    Ipv6CidrBlock: formatCidr(association.cidr),
    Ipv6CidrBlockState: { State: state },
    NetworkBorderGroup: snapshot.region,
    Ipv6Pool: association.pool,
  };
}

function createVpc(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const tags = tagsFor(input, 'vpc');
  const tenancy = optionalString(input, 'InstanceTenancy') ?? 'default';
  if (tenancy !== 'default') throw invalidValue('instanceTenancy', tenancy);
  const cidr = parseVpcCidr(stringOf(input, 'CidrBlock'));
  const ipv6 = newIpv6Association(input, context);
  const { vpc } = addVpc(context, { cidr, ipv6, tags });
  const state = begin(context, vpc.vpcId, 'pending', 'createVpc');
  return { Vpc: vpcShape(vpc, draft.snapshot, state) };
}

/** What a new VPC is told; the rest is as AWS has it at first. */
export interface NewVpc extends Pick<Vpc, 'tags'> {
  readonly cidr: Ipv4Cidr;
  readonly ipv6: VpcIpv6CidrAssociation | null;
  readonly isDefault?: boolean;
}

/**
 * Makes a VPC with its main route table, default group and default ACL. Only the default VPC gives
 * names to public addresses from the start.
 * @throws VpcLimitExceeded
 */
export function addVpc(
  context: ActionContext,
  { cidr, ipv6, isDefault = false, tags }: NewVpc,
): { readonly vpc: Vpc; readonly mainTable: RouteTable } {
  const { draft, newId } = context;
  const { accountId, region, vpcs, quotas } = draft.snapshot;
  if (vpcs.size >= quotas.vpcsPerRegion) throw vpcLimitExceeded();
  const vpc: Vpc = {
    vpcId: newId('vpc'),
    cidrs: [{ associationId: newId('vpc-cidr-assoc'), cidr }],
    ipv6Cidrs: ipv6 === null ? [] : [ipv6],
    dhcpOptionsId: regionDhcpOptionsId(context),
    enableDnsSupport: true,
    enableDnsHostnames: isDefault,
    isDefault,
    realm: { accountId, region },
    tags,
  };
  draft.put('vpcs', vpc.vpcId, vpc);
  const mainTable: RouteTable = {
    routeTableId: newId('rtb'),
    vpcId: vpc.vpcId,
    routes: localRoutes(vpc),
    prefixListRoutes: [],
    associations: [{ associationId: newId('rtbassoc'), subnetId: null, gatewayId: null }],
    propagatingVpnGatewayIds: [],
    tags: new Map(),
  };
  draft.put('routeTables', mainTable.routeTableId, mainTable);
  addDefaultFilters(context, vpc);
  return { vpc, mainTable };
}

/**
 * Makes the association that a request asks for: with a block of Amazon's, or with the given one out
 * of a pool of one's own.
 * @returns null when it asks for none.
 * @throws InvalidParameterCombination when block and pool do not come together, or with Amazon's.
 */
function newIpv6Association(
  input: ActionInput,
  context: ActionContext,
): VpcIpv6CidrAssociation | null {
  const amazon = optionalBoolean(input, 'AmazonProvidedIpv6CidrBlock') ?? false;
  const pool = optionalString(input, 'Ipv6Pool');
  const text = optionalString(input, 'Ipv6CidrBlock');
  if (amazon && (pool !== undefined || text !== undefined)) {
    throw parameterCombination(
      'The parameters amazonProvidedIpv6CidrBlock and ipv6Pool or ipv6CidrBlock cannot be used together',
    );
  }
  if (text !== undefined && pool === undefined) {
    throw parameterCombination('The parameter ipv6CidrBlock needs the parameter ipv6Pool');
  }
  if (!amazon && pool === undefined) return null;
  const cidr =
    text === undefined ? drawIpv6Cidr(context) : parseVpcIpv6Cidr(context.draft.snapshot, text);
  return { associationId: context.newId('vpc-cidr-assoc'), cidr, pool: pool ?? 'Amazon' };
}

/** The main route table, the default group and the default ACL go with their VPC; anything else must be deleted before. */
function deleteVpc(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const { snapshot } = draft;
  const vpc = findVpc(snapshot, stringOf(input, 'VpcId'));
  const tables = [...snapshot.routeTables.values()].filter((each) => each.vpcId === vpc.vpcId);
  const hasOthers =
    [...snapshot.subnets.values()].some((each) => each.vpcId === vpc.vpcId) ||
    hasOwnFilters(snapshot, vpc.vpcId) ||
    hasGateway(snapshot, vpc.vpcId) ||
    !tables.every(isMainTable);
  if (hasOthers) throw dependencyViolation('vpc', vpc.vpcId);
  for (const table of tables) draft.delete('routeTables', table.routeTableId);
  removeDefaultFilters(draft, vpc.vpcId);
  deletePeeringsOf(context, vpc.vpcId);
  draft.delete('vpcs', vpc.vpcId);
  return {};
}

const DESCRIBE_VPCS: DescribeSpec<'vpc', Vpc> = {
  member: 'Vpcs',
  idsParameter: 'VpcIds',
  prefix: 'vpc',
  rows: (snapshot) => snapshot.vpcs,
  shape: (vpc, snapshot) => vpcShape(vpc, snapshot, vpcState(vpc, snapshot)),
  filters: {
    cidr: (vpc) => [formatCidr(vpc.cidrs[0].cidr)],
    'cidr-block-association.cidr-block': (vpc) => vpc.cidrs.map((each) => formatCidr(each.cidr)),
    'cidr-block-association.association-id': (vpc) => vpc.cidrs.map((each) => each.associationId),
    'cidr-block-association.state': (vpc, snapshot) =>
      vpc.cidrs.map((each) => cidrState(each, snapshot)),
    'ipv6-cidr-block-association.ipv6-cidr-block': (vpc) =>
      vpc.ipv6Cidrs.map((each) => formatCidr(each.cidr)),
    'ipv6-cidr-block-association.association-id': (vpc) =>
      vpc.ipv6Cidrs.map((each) => each.associationId),
    'ipv6-cidr-block-association.state': (vpc, snapshot) =>
      vpc.ipv6Cidrs.map((each) => cidrState(each, snapshot)),
    'dhcp-options-id': (vpc) => [vpc.dhcpOptionsId],
    'is-default': ({ isDefault }) => [isDefault],
    isDefault: ({ isDefault }) => [isDefault],
    'owner-id': (_vpc, snapshot) => [snapshot.accountId],
    state: (vpc, snapshot) => [vpcState(vpc, snapshot)],
    'vpc-id': (vpc) => [vpc.vpcId],
  },
};

/** AWS takes one attribute a request. */
function modifyVpcAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const vpc = findVpc(draft.snapshot, stringOf(input, 'VpcId'));
  const support = optionalBoolean(input, 'EnableDnsSupport');
  const hostnames = optionalBoolean(input, 'EnableDnsHostnames');
  if (support !== undefined && hostnames !== undefined) {
    throw parameterCombination('Fields for multiple attribute types specified');
  }
  if (support === undefined && hostnames === undefined) {
    throw parameterCombination('No attributes specified.');
  }
  draft.put('vpcs', vpc.vpcId, {
    ...vpc,
    enableDnsSupport: support ?? vpc.enableDnsSupport,
    enableDnsHostnames: hostnames ?? vpc.enableDnsHostnames,
  });
  return {};
}

function associateVpcCidrBlock(input: ActionInput, context: ActionContext): ActionOutput {
  const vpc = findVpc(context.draft.snapshot, stringOf(input, 'VpcId'));
  const text = optionalString(input, 'CidrBlock');
  const ipv6 = newIpv6Association(input, context);
  if (text !== undefined && ipv6 !== null) {
    throw parameterCombination(
      'The parameters cidrBlock and amazonProvidedIpv6CidrBlock cannot be used together',
    );
  }
  if (ipv6 !== null) return addIpv6Cidr(vpc, ipv6, context);
  if (text === undefined) throw missingOneOf(['cidrBlock', 'amazonProvidedIpv6CidrBlock']);
  return addIpv4Cidr(vpc, text, context);
}

function addIpv4Cidr(vpc: Vpc, text: string, context: ActionContext): ActionOutput {
  const { draft, newId } = context;
  const cidr = parseVpcCidr(text);
  checkAddedCidr(draft.snapshot, vpc, cidr);
  checkPeers(context, vpc, cidr);
  const association: Ipv4CidrAssociation = { associationId: newId('vpc-cidr-assoc'), cidr };
  draft.put('vpcs', vpc.vpcId, { ...vpc, cidrs: [...vpc.cidrs, association] });
  addLocalRoute(draft, vpc.vpcId, cidr);
  const state = begin(context, association.associationId, 'associating', 'associateCidr');
  return { VpcId: vpc.vpcId, CidrBlockAssociation: cidrShape(association, state) };
}

function addIpv6Cidr(
  vpc: Vpc,
  association: VpcIpv6CidrAssociation,
  context: ActionContext,
): ActionOutput {
  const { draft } = context;
  checkCount(draft.snapshot.quotas, vpc, 6);
  checkPeers(context, vpc, association.cidr);
  const changed: Vpc = { ...vpc, ipv6Cidrs: [...vpc.ipv6Cidrs, association] };
  draft.put('vpcs', vpc.vpcId, changed);
  if (vpc.ipv6Cidrs.length === 0) addIpv6Filters(context, changed);
  addLocalRoute(draft, vpc.vpcId, association.cidr);
  const state = begin(context, association.associationId, 'associating', 'associateCidr');
  return {
    VpcId: vpc.vpcId,
    Ipv6CidrBlockAssociation: ipv6CidrShape(association, draft.snapshot, state),
  };
}

/** @source SUB-6 */
function disassociateVpcCidrBlock(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const associationId = stringOf(input, 'AssociationId');
  const hasIt = (each: { readonly associationId: CidrAssociationId }): boolean =>
    each.associationId === associationId;
  const vpc = [...snapshot.vpcs.values()].find(
    (each) => each.cidrs.some(hasIt) || each.ipv6Cidrs.some(hasIt),
  );
  const association = vpc?.cidrs.find(hasIt) ?? vpc?.ipv6Cidrs.find(hasIt);
  if (vpc === undefined || association === undefined) {
    throw unknownId('vpc-cidr-assoc', associationId);
  }
  const [primary, ...secondary] = vpc.cidrs;
  if (association === primary) {
    throw operationNotPermitted(
      `The vpc CIDR block with association ID ${associationId} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
    );
  }
  const { cidr } = association;
  for (const subnet of snapshot.subnets.values()) {
    const inVpc = subnet.vpcId === vpc.vpcId;
    if (inVpc && subnetBlocks(subnet).some((each) => cidrsOverlap(each, cidr)))
      throw vpcCidrInUse(vpc.vpcId, formatCidr(cidr));
  }
  draft.put('vpcs', vpc.vpcId, {
    ...vpc,
    cidrs: [primary, ...secondary.filter((each) => !hasIt(each))],
    ipv6Cidrs: vpc.ipv6Cidrs.filter((each) => !hasIt(each)),
  });
  removeLocalRoute(draft, vpc.vpcId, cidr);
  const ipv4 = secondary.find(hasIt);
  const ipv6 = vpc.ipv6Cidrs.find(hasIt);
  return {
    VpcId: vpc.vpcId,
    CidrBlockAssociation: ipv4 && cidrShape(ipv4, 'disassociating'),
    Ipv6CidrBlockAssociation: ipv6 && ipv6CidrShape(ipv6, snapshot, 'disassociating'),
  };
}

export const VPC_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateVpc',
    parameters: {
      CidrBlock: 'string',
      AmazonProvidedIpv6CidrBlock: 'boolean',
      Ipv6Pool: 'string',
      Ipv6CidrBlock: 'string',
      InstanceTenancy: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['CidrBlock'],
    perform: createVpc,
  },
  { name: 'DeleteVpc', parameters: { VpcId: 'string' }, required: ['VpcId'], perform: deleteVpc },
  {
    name: 'DescribeVpcs',
    parameters: { ...PAGE_PARAMETERS, VpcIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_VPCS, input, draft.snapshot),
  },
  {
    name: 'ModifyVpcAttribute',
    parameters: {
      VpcId: 'string',
      EnableDnsSupport: 'attributeBoolean',
      EnableDnsHostnames: 'attributeBoolean',
    },
    required: ['VpcId'],
    perform: modifyVpcAttribute,
  },
  {
    name: 'AssociateVpcCidrBlock',
    parameters: {
      VpcId: 'string',
      CidrBlock: 'string',
      AmazonProvidedIpv6CidrBlock: 'boolean',
      Ipv6Pool: 'string',
      Ipv6CidrBlock: 'string',
    },
    required: ['VpcId'],
    perform: associateVpcCidrBlock,
  },
  {
    name: 'DisassociateVpcCidrBlock',
    parameters: { AssociationId: 'string' },
    required: ['AssociationId'],
    perform: disassociateVpcCidrBlock,
  },
];

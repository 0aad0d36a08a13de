/**
 * The default VPC: a subnet in each zone, an internet gateway and a route to it, so that instances
 * can be run in a new account without any network being made first.
 */
import { cidrsOverlap, type Ipv4Cidr, ipv4Cidr } from '../../addr/cidr.ts';
import type { Subnet, Vpc } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { addInternetGateway } from '../edges/internet-gateways.ts';
import {
  defaultSubnetExists,
  defaultVpcExists,
  defaultVpcMissing,
  invalidZone,
  subnetFull,
} from '../errors.ts';
import { stringOf } from '../input.ts';
import { subnetShape } from './subnet-shapes.ts';
import { addSubnet } from './subnets.ts';
import { addVpc, vpcShape } from './vpcs.ts';

/** 172.31.0.0/16, of which each default subnet has a /20. */
const DEFAULT_VPC_CIDR = ipv4Cidr(0xac1f_0000, 16);
const DEFAULT_SUBNET_PREFIX_LENGTH = 20;
const DEFAULT_SUBNET_SIZE = 2 ** (32 - DEFAULT_SUBNET_PREFIX_LENGTH);
const ANYWHERE = ipv4Cidr(0, 0);

/** @returns the default VPC of the region. */
function defaultVpc({ vpcs }: Snapshot): Vpc | undefined {
  return [...vpcs.values()].find(({ isDefault }) => isDefault);
}

/** Makes the default VPC of a region with all that belongs to it. @throws VpcLimitExceeded and others. */
export function addDefaultVpc(context: ActionContext): Vpc {
  const { draft } = context;
  const tags = new Map<string, string>();
  const cidr = DEFAULT_VPC_CIDR;
  const { vpc, mainTable } = addVpc(context, { cidr, ipv6: null, isDefault: true, tags });
  const { internetGatewayId } = addInternetGateway(context, { vpcId: vpc.vpcId, tags });
  const target = { kind: 'internet-gateway', gatewayId: internetGatewayId } as const;
  draft.put('routeTables', mainTable.routeTableId, {
    ...mainTable,
    routes: [...mainTable.routes, { destination: ANYWHERE, target, origin: 'CreateRoute' }],
  });
  for (const zone of draft.snapshot.availabilityZones) addDefaultSubnet(context, vpc, zone);
  return vpc;
}

function addDefaultSubnet(context: ActionContext, { vpcId }: Vpc, zone: string): Subnet {
  const cidr = freeBlock(context.draft.snapshot, vpcId);
  return addSubnet(context, {
    vpcId,
    availabilityZone: zone,
    cidr,
    ipv6: null,
    isDefault: true,
    tags: new Map(),
  });
}

/** @throws InsufficientFreeAddressesInSubnet when other subnets have taken all of the VPC. */
function freeBlock({ subnets }: Snapshot, vpcId: Vpc['vpcId']): Ipv4Cidr {
  const taken = [...subnets.values()].flatMap((each) =>
    each.vpcId === vpcId && each.cidr !== null ? [each.cidr] : [],
  );
  const last = DEFAULT_VPC_CIDR.addr + 2 ** (32 - DEFAULT_VPC_CIDR.prefixLength);
  for (let addr = DEFAULT_VPC_CIDR.addr as number; addr < last; addr += DEFAULT_SUBNET_SIZE) {
    const cidr = ipv4Cidr(addr, DEFAULT_SUBNET_PREFIX_LENGTH);
    if (!taken.some((each) => cidrsOverlap(each, cidr))) return cidr;
  }
  throw subnetFull();
}

function createDefaultVpc(_input: ActionInput, context: ActionContext): ActionOutput {
  if (defaultVpc(context.draft.snapshot) !== undefined) throw defaultVpcExists();
  const vpc = addDefaultVpc(context);
  return { Vpc: vpcShape(vpc, context.draft.snapshot, 'pending') };
}

function createDefaultSubnet(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const zone = stringOf(input, 'AvailabilityZone');
  const { availabilityZones } = snapshot;
  if (!availabilityZones.includes(zone)) throw invalidZone(zone, availabilityZones);
  const vpc = defaultVpc(snapshot);
  if (vpc === undefined) throw defaultVpcMissing();
  const there = [...snapshot.subnets.values()].find(
    ({ isDefault, availabilityZone }) => isDefault && availabilityZone === zone,
  );
  if (there !== undefined) throw defaultSubnetExists(there.subnetId, zone);
  const subnet = addDefaultSubnet(context, vpc, zone);
  return { Subnet: subnetShape(subnet, context.draft.snapshot) };
}

export const DEFAULT_VPC_ACTIONS: readonly ActionDefinition[] = [
  { name: 'CreateDefaultVpc', parameters: {}, required: [], perform: createDefaultVpc },
  {
    name: 'CreateDefaultSubnet',
    parameters: { AvailabilityZone: 'string' },
    required: ['AvailabilityZone'],
    perform: createDefaultSubnet,
  },
];

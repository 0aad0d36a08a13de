/** The actions on Gateway Load Balancers. A lab has none of the other types. */
import type { GatewayLoadBalancer } from '../../model/load-balancers.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { stateOf } from '../../model/transitions.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { optionalString, stringOf, stringsOf } from '../input.ts';
import { TAG_LIST } from '../tag-set.ts';
import { begin } from '../transition.ts';
import { checkName, findLoadBalancer, isLoadBalancerArn, newBalancerArn } from './arns.ts';
import {
  ATTRIBUTE_LIST,
  type Attributes,
  attributeShapes,
  readAttributes,
  switchOf,
  withAttributes,
} from './attributes.ts';
import {
  addNodes,
  readSubnets,
  removeNodes,
  SUBNET_PARAMETERS,
  zoneShapes,
} from './balancer-nodes.ts';
import {
  balancerInUse,
  balancerProtected,
  duplicateLoadBalancer,
  invalidConfiguration,
  loadBalancersNotFound,
  malformedArn,
  notOfGateway,
  onlyGatewayBalancers,
  schemeNotOfGateway,
  tooMany,
  validationError,
} from './balancing-errors.ts';
import { readBalancingTags } from './balancing-tags.ts';
import { PAGE_PARAMETERS, pageOf } from './pages.ts';

type BalancerState = 'provisioning' | 'active';

function balancerShape(balancer: GatewayLoadBalancer, snapshot: Snapshot): ActionOutput {
  const { loadBalancerArn, name, vpcId, createTimeMs } = balancer;
  return {
    LoadBalancerArn: loadBalancerArn,
    CreatedTime: new Date(createTimeMs).toISOString(),
    LoadBalancerName: name,
    VpcId: vpcId,
    State: { Code: stateOf<BalancerState>(snapshot, loadBalancerArn, 'active') },
    Type: 'gateway',
    AvailabilityZones: zoneShapes(balancer, snapshot),
    IpAddressType: 'ipv4',
  };
}

/** @throws InvalidConfigurationRequest for addresses that the dataplane has no nodes for. */
function checkAddressType(input: ActionInput): void {
  const type = optionalString(input, 'IpAddressType') ?? 'ipv4';
  if (type !== 'ipv4') {
    throw invalidConfiguration(`IP address type '${type}' is not supported: a lab has 'ipv4'`);
  }
}

/** @throws OperationNotPermitted, InvalidScheme, InvalidConfigurationRequest for what is not for gateways. */
function checkType(input: ActionInput): void {
  const type = optionalString(input, 'Type') ?? 'application';
  if (type !== 'gateway') throw onlyGatewayBalancers(type);
  if (optionalString(input, 'Scheme') !== undefined) throw schemeNotOfGateway();
  if (stringsOf(input, 'SecurityGroups').length > 0) throw notOfGateway('Security groups');
  checkAddressType(input);
}

/** Whether a request that comes again asks for what there is. */
function isSame(present: GatewayLoadBalancer, wanted: GatewayLoadBalancer): boolean {
  const settingsOf = ({ subnetIds, tags }: GatewayLoadBalancer): string =>
    JSON.stringify([subnetIds.toSorted(), [...tags].toSorted()]);
  return settingsOf(present) === settingsOf(wanted);
}

/** A request that comes again changes nothing. */
function createLoadBalancer(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, nowMs } = context;
  const { loadBalancers, quotas } = draft.snapshot;
  checkType(input);
  const name = stringOf(input, 'Name');
  checkName(name, 'Load balancer');
  if (name.startsWith('internal-')) {
    throw validationError(`Load balancer name '${name}' cannot begin with 'internal-'`);
  }
  const subnets = readSubnets(input, draft.snapshot);
  const balancer: GatewayLoadBalancer = {
    loadBalancerArn: newBalancerArn(context, name),
    name,
    vpcId: subnets[0].vpcId,
    subnetIds: subnets.map(({ subnetId }) => subnetId),
    isCrossZone: false,
    isDeletionProtected: false,
    listener: null,
    createTimeMs: nowMs,
    tags: readBalancingTags(input),
  };
  const present = [...loadBalancers.values()].find((each) => each.name === name);
  if (present !== undefined) {
    if (!isSame(present, balancer)) throw duplicateLoadBalancer(name);
    return { LoadBalancers: [balancerShape(present, draft.snapshot)] };
  }
  if (loadBalancers.size >= quotas.gatewayLoadBalancersPerRegion) {
    throw tooMany('TooManyLoadBalancers', 'load balancers');
  }
  draft.put('loadBalancers', balancer.loadBalancerArn, balancer);
  addNodes(context, balancer, subnets);
  const Code = begin(context, balancer.loadBalancerArn, 'provisioning', 'createLoadBalancer');
  return { LoadBalancers: [{ ...balancerShape(balancer, draft.snapshot), State: { Code } }] };
}

/** One that is not there is as good as deleted. Its targets stay in their group. */
function deleteLoadBalancer(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const arn = stringOf(input, 'LoadBalancerArn');
  if (!isLoadBalancerArn(arn)) throw malformedArn(arn, 'load balancer');
  const balancer = draft.snapshot.loadBalancers.get(arn);
  if (balancer === undefined) return {};
  if (balancer.isDeletionProtected) throw balancerProtected(arn);
  const services = [...draft.snapshot.endpointServices.values()];
  if (services.some((service) => service.gatewayLoadBalancerArns.includes(arn))) {
    throw balancerInUse(arn);
  }
  removeNodes(context, balancer);
  draft.delete('loadBalancers', arn);
  return {};
}

/** @throws LoadBalancerNotFound when an ARN or a name is none's. */
function chosenBalancers(
  input: ActionInput,
  { loadBalancers }: Snapshot,
): readonly GatewayLoadBalancer[] {
  const all = [...loadBalancers.values()];
  const arns = stringsOf(input, 'LoadBalancerArns');
  const names = stringsOf(input, 'Names');
  if (arns.length > 0 && names.length > 0) {
    throw validationError(
      'Load balancer names and load balancer ARNs cannot be specified together',
    );
  }
  const malformed = arns.find((arn) => !isLoadBalancerArn(arn));
  if (malformed !== undefined) throw malformedArn(malformed, 'load balancer');
  if (arns.length + names.length === 0) return all;
  const chosen = all.filter(
    ({ loadBalancerArn, name }) => arns.includes(loadBalancerArn) || names.includes(name),
  );
  if (chosen.length < new Set([...arns, ...names]).size) throw loadBalancersNotFound();
  return chosen;
}

function describeLoadBalancers(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { rows, nextMarker } = pageOf(chosenBalancers(input, draft.snapshot), input);
  return {
    LoadBalancers: rows.map((balancer) => balancerShape(balancer, draft.snapshot)),
    NextMarker: nextMarker,
  };
}

/** Of this type a balancer keeps the subnets that it has. @throws InvalidConfigurationRequest */
function setSubnets(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const balancer = findLoadBalancer(draft.snapshot, stringOf(input, 'LoadBalancerArn'));
  checkAddressType(input);
  const subnets = readSubnets(input, draft.snapshot);
  const subnetIds = subnets.map(({ subnetId }) => subnetId);
  if (subnets[0].vpcId !== balancer.vpcId) {
    throw invalidConfiguration(`The subnets must belong to the VPC '${balancer.vpcId}'`);
  }
  if (balancer.subnetIds.some((id) => !subnetIds.includes(id))) {
    throw invalidConfiguration(
      "Subnet removal is not supported for load balancers of type 'gateway'",
    );
  }
  const changed = { ...balancer, subnetIds };
  draft.put('loadBalancers', balancer.loadBalancerArn, changed);
  addNodes(context, changed, subnets);
  return { AvailabilityZones: zoneShapes(changed, draft.snapshot), IpAddressType: 'ipv4' };
}

const CROSS_ZONE = 'load_balancing.cross_zone.enabled';
const PROTECTION = 'deletion_protection.enabled';

/** @source GWLB-7; "Load balancer attributes", Gateway Load Balancers guide */
const BALANCER_ATTRIBUTES: Attributes<GatewayLoadBalancer> = {
  [CROSS_ZONE]: {
    read: ({ isCrossZone }) => String(isCrossZone),
    write: (balancer, value) => ({ ...balancer, isCrossZone: switchOf(CROSS_ZONE, value) }),
  },
  [PROTECTION]: {
    read: ({ isDeletionProtected }) => String(isDeletionProtected),
    write: (balancer, value) => ({ ...balancer, isDeletionProtected: switchOf(PROTECTION, value) }),
  },
};

function modifyAttributes(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const balancer = findLoadBalancer(draft.snapshot, stringOf(input, 'LoadBalancerArn'));
  const changed = withAttributes(BALANCER_ATTRIBUTES, balancer, readAttributes(input));
  draft.put('loadBalancers', balancer.loadBalancerArn, changed);
  return { Attributes: attributeShapes(BALANCER_ATTRIBUTES, changed) };
}

function describeAttributes(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const balancer = findLoadBalancer(draft.snapshot, stringOf(input, 'LoadBalancerArn'));
  return { Attributes: attributeShapes(BALANCER_ATTRIBUTES, balancer) };
}

export const LOAD_BALANCER_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateLoadBalancer',
    parameters: {
      Name: 'string',
      ...SUBNET_PARAMETERS,
      SecurityGroups: ['string'],
      Scheme: 'string',
      Tags: TAG_LIST,
      Type: 'string',
      IpAddressType: 'string',
    },
    required: ['Name'],
    perform: createLoadBalancer,
  },
  {
    name: 'DeleteLoadBalancer',
    parameters: { LoadBalancerArn: 'string' },
    required: ['LoadBalancerArn'],
    perform: deleteLoadBalancer,
  },
  {
    name: 'DescribeLoadBalancers',
    parameters: { ...PAGE_PARAMETERS, LoadBalancerArns: ['string'], Names: ['string'] },
    required: [],
    perform: describeLoadBalancers,
  },
  {
    name: 'SetSubnets',
    parameters: { LoadBalancerArn: 'string', ...SUBNET_PARAMETERS, IpAddressType: 'string' },
    required: ['LoadBalancerArn'],
    perform: setSubnets,
  },
  {
    name: 'ModifyLoadBalancerAttributes',
    parameters: { LoadBalancerArn: 'string', Attributes: ATTRIBUTE_LIST },
    required: ['LoadBalancerArn', 'Attributes'],
    perform: modifyAttributes,
  },
  {
    name: 'DescribeLoadBalancerAttributes',
    parameters: { LoadBalancerArn: 'string' },
    required: ['LoadBalancerArn'],
    perform: describeAttributes,
  },
];

/** How a VPC endpoint is made. */
import type { EndpointType, VpcEndpoint } from '../../model/endpoints.ts';
import type { Vpc } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionInput, ActionOutput } from '../action.ts';
import { invalidValue } from '../errors.ts';
import { optionalBoolean, optionalString, stringOf, stringsOf, structuresOf } from '../input.ts';
import { findVpc } from '../lookup.ts';
import { tagsFor } from '../tag-set.ts';
import { begin } from '../transition.ts';
import {
  endpointLimitExceeded,
  endpointParameter,
  endpointTypeMismatch,
} from './endpoint-errors.ts';
import { addInterfaces, subnetIdsOf } from './endpoint-interfaces.ts';
import {
  checkEndpointParameters,
  checkPrivateDns,
  DEFAULT_POLICY,
  endpointGroups,
  readAddressType,
  readDnsOptions,
  readEndpointGroups,
  readPolicy,
  takesPolicy,
} from './endpoint-options.ts';
import { addEndpointRoutes } from './endpoint-routes.ts';
import { endpointShape } from './endpoint-shapes.ts';
import { type OfferedService, servicesNamed } from './offered-services.ts';

const TYPES: readonly EndpointType[] = ['Gateway', 'Interface', 'GatewayLoadBalancer'];
const LABEL_DIGITS = 36;
const LABEL_LENGTH = 8;

/** @throws InvalidServiceName; InvalidParameter when the service is not reached in this way. */
function readOffer(input: ActionInput, snapshot: Snapshot): OfferedService {
  const text = optionalString(input, 'VpcEndpointType') ?? 'Gateway';
  const type = TYPES.find((each) => each === text);
  if (type === undefined) throw invalidValue('vpcEndpointType', text);
  const offers = servicesNamed(snapshot, stringOf(input, 'ServiceName'));
  const offer = offers.find((each) => each.type === type);
  if (offer !== undefined) return offer;
  throw endpointTypeMismatch(
    type,
    offers.map((each) => each.type),
  );
}

/** @throws VpcEndpointLimitExceeded */
function checkQuota({ vpcEndpoints, quotas }: Snapshot, type: EndpointType, vpc: Vpc): void {
  const all = [...vpcEndpoints.values()];
  const isGateway = type === 'Gateway';
  const used = isGateway
    ? all.filter((each) => each.type === type)
    : all.filter((each) => each.type !== 'Gateway' && each.vpcId === vpc.vpcId);
  const limit = isGateway ? quotas.gatewayEndpointsPerRegion : quotas.interfaceEndpointsPerVpc;
  if (used.length >= limit) throw endpointLimitExceeded();
}

/** Without a word of the request the name is used when the service has one. */
function readPrivateDns(
  input: ActionInput,
  snapshot: Snapshot,
  vpc: Vpc,
  offer: OfferedService,
): boolean {
  if (offer.type !== 'Interface') return false;
  const isEnabled = optionalBoolean(input, 'PrivateDnsEnabled') ?? offer.privateDnsName !== null;
  if (isEnabled) checkPrivateDns(snapshot, vpc, offer, null);
  return isEnabled;
}

function drawLabel(random: ActionContext['random']): string {
  return Array.from({ length: LABEL_LENGTH }, () =>
    random(LABEL_DIGITS).toString(LABEL_DIGITS),
  ).join('');
}

function readEndpoint(
  input: ActionInput,
  { draft, newId, random, nowMs }: ActionContext,
  vpc: Vpc,
  offer: OfferedService,
): VpcEndpoint {
  const { snapshot } = draft;
  const { vpcId } = vpc;
  const { type, serviceName } = offer;
  const groupIds = readEndpointGroups(input, 'SecurityGroupIds', snapshot, vpcId);
  return {
    vpcEndpointId: newId('vpce'),
    vpcId,
    type,
    serviceName,
    state: offer.own?.acceptanceRequired === true ? 'pendingAcceptance' : 'available',
    policyDocument:
      readPolicy(input, takesPolicy(offer)) ?? (takesPolicy(offer) ? DEFAULT_POLICY : null),
    addressType: readAddressType(input, offer) ?? 'ipv4',
    groupIds: type === 'Interface' ? endpointGroups(groupIds, snapshot, vpcId) : [],
    privateDnsEnabled: readPrivateDns(input, snapshot, vpc, offer),
    dnsRecordType: type === 'Gateway' ? 'service-defined' : 'ipv4',
    privateDnsOnlyForInboundResolver: false,
    ...readDnsOptions(input, snapshot, { type, vpcId, serviceName }),
    dnsLabel: drawLabel(random),
    createTimeMs: nowMs,
    tags: tagsFor(input, 'vpc-endpoint'),
  };
}

/** @throws as `readOffer`, `endpoint-options.ts`, `endpoint-interfaces.ts`, `endpoint-routes.ts`. */
export function createVpcEndpoint(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const vpc = findVpc(draft.snapshot, stringOf(input, 'VpcId'));
  const offer = readOffer(input, draft.snapshot);
  const { type } = offer;
  checkEndpointParameters(input, type);
  checkQuota(draft.snapshot, type, vpc);
  const endpoint = readEndpoint(input, context, vpc, offer);
  draft.put('vpcEndpoints', endpoint.vpcEndpointId, endpoint);
  const configurations = structuresOf(input, 'SubnetConfigurations');
  const subnetIds = subnetIdsOf(stringsOf(input, 'SubnetIds'), configurations);
  if (type === 'GatewayLoadBalancer' && new Set(subnetIds).size !== 1) {
    throw endpointParameter('A GatewayLoadBalancer VPC endpoint must have exactly one subnet.');
  }
  if (type === 'Gateway') addEndpointRoutes(draft, endpoint, stringsOf(input, 'RouteTableIds'));
  else addInterfaces(context, endpoint, subnetIds, configurations);
  const isPending = type !== 'Gateway' && endpoint.state === 'available';
  const state = isPending
    ? begin(context, endpoint.vpcEndpointId, 'pending', 'createVpcEndpoint')
    : endpoint.state;
  return {
    ClientToken: optionalString(input, 'ClientToken'),
    VpcEndpoint: endpointShape(endpoint, draft.snapshot, state),
  };
}

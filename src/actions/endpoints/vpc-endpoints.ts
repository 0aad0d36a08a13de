/** The actions on VPC endpoints. */
import type { VpcEndpoint } from '../../model/endpoints.ts';
import type { VpcEndpointId } from '../../model/ids.ts';
import { enisOfEndpoint } from '../../model/lookups/endpoints.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { optionalBoolean, stringOf, stringsOf, structuresOf } from '../input.ts';
import { findRouteTable, findVpc } from '../lookup.ts';
import { TAG_SPECIFICATIONS } from '../tag-set.ts';
import { begin } from '../transition.ts';
import { forEachId } from '../unsuccessful.ts';
import { dropNotifications } from './connection-notifications.ts';
import { endpointParameter } from './endpoint-errors.ts';
import {
  addInterfaces,
  changeAddressType,
  regroupInterfaces,
  removeInterfaces,
  subnetIdsOf,
} from './endpoint-interfaces.ts';
import {
  checkEndpointParameters,
  checkPrivateDns,
  DEFAULT_POLICY,
  DNS_OPTIONS,
  endpointGroups,
  readAddressType,
  readDnsOptions,
  readEndpointGroups,
  readPolicy,
  takesPolicy,
} from './endpoint-options.ts';
import { addEndpointRoutes, removeEndpointRoutes } from './endpoint-routes.ts';
import { endpointShape, endpointState } from './endpoint-shapes.ts';
import { findVpcEndpoint } from './lookup-endpoints.ts';
import { createVpcEndpoint } from './new-endpoint.ts';
import { serviceOfEndpoint } from './offered-services.ts';

/** @returns the endpoint with what the request says of it, apart from its tables and subnets. */
function changedEndpoint(
  input: ActionInput,
  snapshot: Snapshot,
  endpoint: VpcEndpoint,
): VpcEndpoint {
  const { vpcId, type } = endpoint;
  const offer = serviceOfEndpoint(snapshot, endpoint);
  if (offer === undefined) return endpoint;
  const policy = readPolicy(input, takesPolicy(offer));
  const isReset = optionalBoolean(input, 'ResetPolicy') === true;
  if (isReset && policy !== undefined) {
    throw endpointParameter('ResetPolicy and PolicyDocument cannot be used together.');
  }
  const privateDnsEnabled =
    optionalBoolean(input, 'PrivateDnsEnabled') ?? endpoint.privateDnsEnabled;
  if (privateDnsEnabled && !endpoint.privateDnsEnabled) {
    checkPrivateDns(snapshot, findVpc(snapshot, vpcId), offer, endpoint);
  }
  const added = readEndpointGroups(input, 'AddSecurityGroupIds', snapshot, vpcId);
  const removed = readEndpointGroups(input, 'RemoveSecurityGroupIds', snapshot, vpcId);
  const kept = endpoint.groupIds.filter((groupId) => !removed.includes(groupId));
  const groupIds = [...new Set([...kept, ...added])];
  return {
    ...endpoint,
    policyDocument:
      policy ?? (isReset && takesPolicy(offer) ? DEFAULT_POLICY : endpoint.policyDocument),
    addressType: readAddressType(input, offer) ?? endpoint.addressType,
    groupIds: type === 'Interface' ? endpointGroups(groupIds, snapshot, vpcId) : [],
    privateDnsEnabled,
    ...readDnsOptions(input, snapshot, endpoint),
  };
}

function modifyVpcEndpoint(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const before = findVpcEndpoint(draft.snapshot, stringOf(input, 'VpcEndpointId'));
  const { vpcEndpointId, type } = before;
  checkEndpointParameters(input, type);
  const endpoint = changedEndpoint(input, draft.snapshot, before);
  draft.put('vpcEndpoints', vpcEndpointId, endpoint);
  if (type === 'Gateway') {
    const removed = stringsOf(input, 'RemoveRouteTableIds');
    const tables = removed.map((id) => findRouteTable(draft.snapshot, id));
    removeEndpointRoutes(draft, vpcEndpointId, tables);
    addEndpointRoutes(draft, endpoint, stringsOf(input, 'AddRouteTableIds'));
    return { Return: true };
  }
  removeInterfaces(context, endpoint, stringsOf(input, 'RemoveSubnetIds'));
  if (endpoint.addressType !== before.addressType) {
    changeAddressType(context, endpoint, endpoint.addressType);
  }
  const configurations = structuresOf(input, 'SubnetConfigurations');
  const added = subnetIdsOf(stringsOf(input, 'AddSubnetIds'), configurations);
  if (type === 'GatewayLoadBalancer' && added.length > 0) {
    throw endpointParameter('A GatewayLoadBalancer VPC endpoint must have exactly one subnet.');
  }
  addInterfaces(context, endpoint, added, configurations);
  regroupInterfaces(context, endpoint);
  return { Return: true };
}

/**
 * Routes to a Gateway Load Balancer endpoint stay, as blackholes (RT-11); a gateway's go (GWEP-1).
 * With `timing: aws` its subnets and groups are in use for a while.
 */
function removeEndpoint(context: ActionContext, vpcEndpointId: VpcEndpointId): void {
  const { draft } = context;
  const { type } = findVpcEndpoint(draft.snapshot, vpcEndpointId);
  if (type === 'Gateway') removeEndpointRoutes(draft, vpcEndpointId);
  const enis = enisOfEndpoint(draft.snapshot, vpcEndpointId);
  for (const { eniId } of enis) draft.delete('enis', eniId);
  const holds = enis.flatMap(({ subnetId, groupIds }) => [subnetId, ...groupIds]);
  begin(context, vpcEndpointId, 'deleting', 'deleteVpcEndpoint', { holds });
  dropNotifications(draft, vpcEndpointId);
  draft.delete('vpcEndpoints', vpcEndpointId);
}

function deleteVpcEndpoints(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const unsuccessful = forEachId(stringsOf(input, 'VpcEndpointIds'), (id) => {
    removeEndpoint(context, findVpcEndpoint(snapshot, id).vpcEndpointId);
  });
  return { Unsuccessful: unsuccessful };
}

const DESCRIBE_ENDPOINTS: DescribeSpec<'vpce', VpcEndpoint> = {
  member: 'VpcEndpoints',
  idsParameter: 'VpcEndpointIds',
  prefix: 'vpce',
  rows: (snapshot) => snapshot.vpcEndpoints,
  shape: (endpoint, snapshot) => endpointShape(endpoint, snapshot),
  filters: {
    'ip-address-type': (endpoint) => [endpoint.addressType],
    'service-name': (endpoint) => [endpoint.serviceName],
    'service-region': (_endpoint, snapshot) => [snapshot.region],
    'vpc-id': (endpoint) => [endpoint.vpcId],
    'vpc-endpoint-id': (endpoint) => [endpoint.vpcEndpointId],
    'vpc-endpoint-state': (endpoint, snapshot) => [endpointState(endpoint, snapshot)],
    'vpc-endpoint-type': (endpoint) => [endpoint.type],
  },
};

const SUBNET_CONFIGURATIONS = [{ SubnetId: 'string', Ipv4: 'string', Ipv6: 'string' }] as const;

export const VPC_ENDPOINT_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateVpcEndpoint',
    parameters: {
      VpcEndpointType: 'string',
      VpcId: 'string',
      ServiceName: 'string',
      PolicyDocument: 'string',
      RouteTableIds: ['string'],
      SubnetIds: ['string'],
      SecurityGroupIds: ['string'],
      IpAddressType: 'string',
      DnsOptions: DNS_OPTIONS,
      ClientToken: 'string',
      PrivateDnsEnabled: 'boolean',
      TagSpecifications: TAG_SPECIFICATIONS,
      SubnetConfigurations: SUBNET_CONFIGURATIONS,
    },
    required: ['VpcId'],
    perform: createVpcEndpoint,
  },
  {
    name: 'ModifyVpcEndpoint',
    parameters: {
      VpcEndpointId: 'string',
      ResetPolicy: 'boolean',
      PolicyDocument: 'string',
      AddRouteTableIds: ['string'],
      RemoveRouteTableIds: ['string'],
      AddSubnetIds: ['string'],
      RemoveSubnetIds: ['string'],
      AddSecurityGroupIds: ['string'],
      RemoveSecurityGroupIds: ['string'],
      IpAddressType: 'string',
      DnsOptions: DNS_OPTIONS,
      PrivateDnsEnabled: 'boolean',
      SubnetConfigurations: SUBNET_CONFIGURATIONS,
    },
    required: ['VpcEndpointId'],
    perform: modifyVpcEndpoint,
  },
  {
    name: 'DeleteVpcEndpoints',
    parameters: { VpcEndpointIds: ['string'] },
    required: ['VpcEndpointIds'],
    perform: deleteVpcEndpoints,
  },
  {
    name: 'DescribeVpcEndpoints',
    parameters: { ...PAGE_PARAMETERS, VpcEndpointIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_ENDPOINTS, input, draft.snapshot),
  },
];

/** What others see of endpoint services: all of them, who may use one, and who does. */
import type { AllowedPrincipal, EndpointService, VpcEndpoint } from '../../model/endpoints.ts';
import { endpointsOfService, ownServiceNamed } from '../../model/lookups/endpoints.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type Filters, filterRows, PAGE_PARAMETERS, pageOf, tagFilters } from '../describe.ts';
import { unknownId } from '../errors.ts';
import { stringOf, stringsOf } from '../input.ts';
import { forEachId } from '../unsuccessful.ts';
import { connectionState, invalidPrincipal, unknownService } from './endpoint-errors.ts';
import { connectionShape } from './endpoint-shapes.ts';
import { findEndpointService } from './lookup-endpoints.ts';
import { type OfferedService, offeredServices } from './offered-services.ts';
import { offerShape, ownerOfOffer } from './service-shapes.ts';

const OFFER_FILTERS: Filters<OfferedService> = {
  owner: (offer, snapshot) => [ownerOfOffer(offer, snapshot)],
  'service-name': (offer) => [offer.serviceName],
  'service-region': (_offer, snapshot) => [snapshot.region],
  'service-type': (offer) => [offer.type],
  'supported-ip-address-types': (offer) => offer.addressTypes,
};

/** A service that is reached in two ways is there twice. */
function describeServices(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const names = stringsOf(input, 'ServiceNames');
  const regions = stringsOf(input, 'ServiceRegions');
  const all = offeredServices(snapshot);
  for (const name of names) {
    if (!all.some(({ serviceName }) => serviceName === name)) throw unknownService(name);
  }
  const isHere = regions.length === 0 || regions.includes(snapshot.region);
  const asked = all.filter(
    ({ serviceName }) => isHere && (names.length === 0 || names.includes(serviceName)),
  );
  const filters = { ...tagFilters<OfferedService>(input), ...OFFER_FILTERS };
  const { rows, nextToken } = pageOf(filterRows(asked, filters, input, snapshot), input);
  return {
    ServiceNames: [...new Set(rows.map(({ serviceName }) => serviceName))],
    ServiceDetails: rows.map((offer) => offerShape(offer, snapshot)),
    NextToken: nextToken,
  };
}

/** What a principal may be, and AWS's word for it. */
const PRINCIPALS: readonly (readonly [pattern: RegExp, type: string])[] = [
  [/^\*$/, 'All'],
  [/^(?:\d{12}|arn:aws[\w-]*:iam::\d{12}:root)$/, 'Account'],
  [/^arn:aws[\w-]*:iam::\d{12}:user\/.+$/, 'User'],
  [/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/, 'Role'],
  [/^arn:aws[\w-]*:organizations::\d{12}:ou\/.+$/, 'OrganizationUnit'],
  [/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com$/, 'Service'],
];

/** @throws InvalidPrincipal */
function principalType(principal: string): string {
  const known = PRINCIPALS.find(([pattern]) => pattern.test(principal));
  if (known === undefined) throw invalidPrincipal(principal);
  return known[1];
}

function principalShape(
  { permissionId, principal }: AllowedPrincipal,
  { serviceId }: EndpointService,
): ActionOutput {
  return {
    PrincipalType: principalType(principal),
    Principal: principal,
    ServicePermissionId: permissionId,
    ServiceId: serviceId,
  };
}

function modifyPermissions(input: ActionInput, { draft, newId }: ActionContext): ActionOutput {
  const service = findEndpointService(draft.snapshot, stringOf(input, 'ServiceId'));
  const wanted = new Set(stringsOf(input, 'AddAllowedPrincipals'));
  const removed = stringsOf(input, 'RemoveAllowedPrincipals');
  for (const principal of [...wanted, ...removed]) principalType(principal);
  const kept = service.principals.filter(({ principal }) => !removed.includes(principal));
  const added = [...wanted]
    .filter((principal) => kept.every((each) => each.principal !== principal))
    .map((principal) => ({ permissionId: newId('vpce-svc-perm'), principal }));
  const changed = { ...service, principals: [...kept, ...added] };
  draft.put('endpointServices', service.serviceId, changed);
  return {
    AddedPrincipals: added.map((each) => principalShape(each, service)),
    ReturnValue: true,
  };
}

function describePermissions(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const service = findEndpointService(draft.snapshot, stringOf(input, 'ServiceId'));
  const filters: Filters<AllowedPrincipal> = {
    principal: ({ principal }) => [principal],
    'principal-type': ({ principal }) => [principalType(principal)],
  };
  const found = filterRows(service.principals, filters, input, draft.snapshot);
  const { rows, nextToken } = pageOf(found, input);
  return {
    AllowedPrincipals: rows.map((each) => ({ ...principalShape(each, service), Tags: [] })),
    NextToken: nextToken,
  };
}

/** From which states an endpoint comes to another by its service's word. */
const TRANSITIONS = {
  accept: { from: ['pendingAcceptance', 'rejected'], to: 'available' },
  reject: { from: ['pendingAcceptance', 'available'], to: 'rejected' },
} as const satisfies Record<
  string,
  { readonly from: readonly VpcEndpoint['state'][]; readonly to: VpcEndpoint['state'] }
>;

function answerConnections(
  input: ActionInput,
  { draft }: ActionContext,
  answer: keyof typeof TRANSITIONS,
): ActionOutput {
  const service = findEndpointService(draft.snapshot, stringOf(input, 'ServiceId'));
  const { from, to } = TRANSITIONS[answer];
  const unsuccessful = forEachId(stringsOf(input, 'VpcEndpointIds'), (id) => {
    const endpoint = endpointsOfService(draft.snapshot, service).find(
      ({ vpcEndpointId }) => vpcEndpointId === id,
    );
    if (endpoint === undefined) throw unknownId('vpce', id);
    const { vpcEndpointId, state } = endpoint;
    if (!from.some((each) => each === state)) throw connectionState(id, state, answer);
    draft.put('vpcEndpoints', vpcEndpointId, { ...endpoint, state: to });
  });
  return { Unsuccessful: unsuccessful };
}

const CONNECTION_FILTERS: Filters<VpcEndpoint> = {
  'ip-address-type': (endpoint) => [endpoint.addressType],
  'service-id': (endpoint, snapshot) => {
    const service = ownServiceNamed(snapshot, endpoint.serviceName);
    return service === undefined ? [] : [service.serviceId];
  },
  'vpc-endpoint-id': (endpoint) => [endpoint.vpcEndpointId],
  'vpc-endpoint-owner': (_endpoint, snapshot) => [snapshot.accountId],
  'vpc-endpoint-region': (_endpoint, snapshot) => [snapshot.region],
  'vpc-endpoint-state': (endpoint) => [endpoint.state],
};

/** The endpoints of the account's own services. */
function connectionsOfAll(snapshot: Snapshot): VpcEndpoint[] {
  return [...snapshot.endpointServices.values()].flatMap((service) =>
    endpointsOfService(snapshot, service),
  );
}

function describeConnections(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const found = filterRows(connectionsOfAll(snapshot), CONNECTION_FILTERS, input, snapshot);
  const { rows, nextToken } = pageOf(found, input);
  return {
    VpcEndpointConnections: rows.map((each) => connectionShape(each, snapshot)),
    NextToken: nextToken,
  };
}

export const ENDPOINT_SERVICE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'DescribeVpcEndpointServices',
    parameters: { ...PAGE_PARAMETERS, ServiceNames: ['string'], ServiceRegions: ['string'] },
    required: [],
    perform: describeServices,
  },
  {
    name: 'ModifyVpcEndpointServicePermissions',
    parameters: {
      ServiceId: 'string',
      AddAllowedPrincipals: ['string'],
      RemoveAllowedPrincipals: ['string'],
    },
    required: ['ServiceId'],
    perform: modifyPermissions,
  },
  {
    name: 'DescribeVpcEndpointServicePermissions',
    parameters: { ...PAGE_PARAMETERS, ServiceId: 'string' },
    required: ['ServiceId'],
    perform: describePermissions,
  },
  ...(
    [
      ['AcceptVpcEndpointConnections', 'accept'],
      ['RejectVpcEndpointConnections', 'reject'],
    ] as const
  ).map(
    ([name, answer]): ActionDefinition => ({
      name,
      parameters: { ServiceId: 'string', VpcEndpointIds: ['string'] },
      required: ['ServiceId', 'VpcEndpointIds'],
      perform: (input, context) => answerConnections(input, context, answer),
    }),
  ),
  {
    name: 'DescribeVpcEndpointConnections',
    parameters: PAGE_PARAMETERS,
    required: [],
    perform: describeConnections,
  },
];

/** The actions on endpoint services of one's own. */
import type { EndpointService, ServicePrivateDns } from '../../model/endpoints.ts';
import {
  endpointsOfService,
  ownServiceName,
  ownServiceType,
} from '../../model/lookups/endpoints.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { invalidValue } from '../errors.ts';
import { optionalBoolean, optionalString, stringOf, stringsOf } from '../input.ts';
import { TAG_SPECIFICATIONS, tagsFor } from '../tag-set.ts';
import { forEachId } from '../unsuccessful.ts';
import { dropNotifications } from './connection-notifications.ts';
import { endpointParameter, serviceInUse } from './endpoint-errors.ts';
import {
  checkBalancers,
  checkKnown,
  readBalancers,
  readServiceAddressTypes,
} from './load-balancers.ts';
import { findEndpointService } from './lookup-endpoints.ts';
import { configurationShape } from './service-shapes.ts';

const DOMAIN = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i;

/** A new name is to be verified before endpoints have it. @throws InvalidParameter */
function readPrivateDns(
  input: ActionInput,
  { newId }: Pick<ActionContext, 'newId'>,
): ServicePrivateDns | undefined {
  const name = optionalString(input, 'PrivateDnsName');
  if (name === undefined || name === '') return undefined;
  if (!DOMAIN.test(name)) throw endpointParameter(`Invalid private DNS name: ${name}`);
  const digits = (): string => newId('txt').slice('txt-'.length);
  return { name, isVerified: false, recordName: `_${digits()}`, recordValue: `vpce:${digits()}` };
}

/** @throws InvalidParameter when the balancers are not there, do not fit together, or not the name. */
function checkService(service: EndpointService, snapshot: Snapshot): void {
  checkBalancers(service);
  checkKnown(service.gatewayLoadBalancerArns, snapshot);
  if (service.privateDns !== null && ownServiceType(service) !== 'Interface') {
    throw endpointParameter('Private DNS names are for services with Network Load Balancers only.');
  }
  if (service.addressTypes.length === 0) {
    throw endpointParameter('An endpoint service supports at least one IP address type.');
  }
}

function createConfiguration(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId } = context;
  const addressTypes = readServiceAddressTypes(input, 'SupportedIpAddressTypes');
  const service: EndpointService = {
    serviceId: newId('vpce-svc'),
    acceptanceRequired: optionalBoolean(input, 'AcceptanceRequired') ?? true,
    networkLoadBalancerArns: readBalancers(input, 'NetworkLoadBalancerArns'),
    gatewayLoadBalancerArns: readBalancers(input, 'GatewayLoadBalancerArns'),
    addressTypes: addressTypes.length === 0 ? ['ipv4'] : [...new Set(addressTypes)],
    privateDns: readPrivateDns(input, context) ?? null,
    principals: [],
    payerResponsibility: null,
    tags: tagsFor(input, 'vpc-endpoint-service'),
  };
  checkService(service, draft.snapshot);
  draft.put('endpointServices', service.serviceId, service);
  return {
    ClientToken: optionalString(input, 'ClientToken'),
    ServiceConfiguration: configurationShape(service, draft.snapshot),
  };
}

function merged<T>(present: readonly T[], added: readonly T[], removed: readonly T[]): T[] {
  return [...new Set([...present, ...added])].filter((each) => !removed.includes(each));
}

function modifyConfiguration(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const service = findEndpointService(draft.snapshot, stringOf(input, 'ServiceId'));
  const balancers = (
    kind: 'NetworkLoadBalancerArns' | 'GatewayLoadBalancerArns',
    present: readonly string[],
  ): string[] =>
    merged(present, readBalancers(input, kind, 'Add'), readBalancers(input, kind, 'Remove'));
  const privateDns = readPrivateDns(input, context);
  const removesName = optionalBoolean(input, 'RemovePrivateDnsName') === true;
  if (removesName && privateDns !== undefined) {
    throw endpointParameter('PrivateDnsName and RemovePrivateDnsName cannot be used together.');
  }
  const isSameName = privateDns?.name === service.privateDns?.name;
  const changed: EndpointService = {
    ...service,
    acceptanceRequired: optionalBoolean(input, 'AcceptanceRequired') ?? service.acceptanceRequired,
    networkLoadBalancerArns: balancers('NetworkLoadBalancerArns', service.networkLoadBalancerArns),
    gatewayLoadBalancerArns: balancers('GatewayLoadBalancerArns', service.gatewayLoadBalancerArns),
    addressTypes: merged(
      service.addressTypes,
      readServiceAddressTypes(input, 'AddSupportedIpAddressTypes'),
      readServiceAddressTypes(input, 'RemoveSupportedIpAddressTypes'),
    ),
    privateDns: removesName
      ? null
      : ((isSameName ? service.privateDns : privateDns) ?? service.privateDns),
  };
  checkService(changed, draft.snapshot);
  draft.put('endpointServices', changed.serviceId, changed);
  return { Return: true };
}

/** A service with endpoints that were not rejected stays. */
function deleteConfigurations(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const unsuccessful = forEachId(stringsOf(input, 'ServiceIds'), (id) => {
    const service = findEndpointService(draft.snapshot, id);
    const isUsed = endpointsOfService(draft.snapshot, service).some(
      ({ state }) => state !== 'rejected',
    );
    if (isUsed) throw serviceInUse(id);
    dropNotifications(draft, service.serviceId);
    draft.delete('endpointServices', service.serviceId);
  });
  return { Unsuccessful: unsuccessful };
}

/** There is no public DNS to ask for the TXT record: the name of whoever asks is verified. */
function startVerification(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const service = findEndpointService(draft.snapshot, stringOf(input, 'ServiceId'));
  const { serviceId, privateDns } = service;
  if (privateDns === null) {
    throw endpointParameter(`The service ${serviceId} does not have a private DNS name.`);
  }
  const verified = { ...privateDns, isVerified: true };
  draft.put('endpointServices', serviceId, { ...service, privateDns: verified });
  return { ReturnValue: true };
}

function modifyPayer(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const service = findEndpointService(draft.snapshot, stringOf(input, 'ServiceId'));
  const payer = stringOf(input, 'PayerResponsibility');
  if (payer !== 'ServiceOwner') throw invalidValue('payerResponsibility', payer);
  draft.put('endpointServices', service.serviceId, { ...service, payerResponsibility: payer });
  return { ReturnValue: true };
}

const DESCRIBE_CONFIGURATIONS: DescribeSpec<'vpce-svc', EndpointService> = {
  member: 'ServiceConfigurations',
  idsParameter: 'ServiceIds',
  prefix: 'vpce-svc',
  rows: (snapshot: Snapshot) => snapshot.endpointServices,
  shape: configurationShape,
  filters: {
    'service-id': (service) => [service.serviceId],
    'service-name': (service, snapshot) => [ownServiceName(snapshot, service)],
    'service-state': () => ['Available'],
    'supported-ip-address-types': (service) => service.addressTypes,
  },
};

export const SERVICE_CONFIGURATION_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateVpcEndpointServiceConfiguration',
    parameters: {
      AcceptanceRequired: 'boolean',
      PrivateDnsName: 'string',
      NetworkLoadBalancerArns: ['string'],
      GatewayLoadBalancerArns: ['string'],
      SupportedIpAddressTypes: ['string'],
      ClientToken: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: [],
    perform: createConfiguration,
  },
  {
    name: 'ModifyVpcEndpointServiceConfiguration',
    parameters: {
      ServiceId: 'string',
      PrivateDnsName: 'string',
      RemovePrivateDnsName: 'boolean',
      AcceptanceRequired: 'boolean',
      AddNetworkLoadBalancerArns: ['string'],
      RemoveNetworkLoadBalancerArns: ['string'],
      AddGatewayLoadBalancerArns: ['string'],
      RemoveGatewayLoadBalancerArns: ['string'],
      AddSupportedIpAddressTypes: ['string'],
      RemoveSupportedIpAddressTypes: ['string'],
    },
    required: ['ServiceId'],
    perform: modifyConfiguration,
  },
  {
    name: 'DeleteVpcEndpointServiceConfigurations',
    parameters: { ServiceIds: ['string'] },
    required: ['ServiceIds'],
    perform: deleteConfigurations,
  },
  {
    name: 'DescribeVpcEndpointServiceConfigurations',
    parameters: { ...PAGE_PARAMETERS, ServiceIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_CONFIGURATIONS, input, draft.snapshot),
  },
  {
    name: 'StartVpcEndpointServicePrivateDnsVerification',
    parameters: { ServiceId: 'string' },
    required: ['ServiceId'],
    perform: startVerification,
  },
  {
    name: 'ModifyVpcEndpointServicePayerResponsibility',
    parameters: { ServiceId: 'string', PayerResponsibility: 'string' },
    required: ['ServiceId', 'PayerResponsibility'],
    perform: modifyPayer,
  },
];

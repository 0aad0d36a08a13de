/** The services that a VPC endpoint can ask for: AWS's own, and those of the account. */
import type { EndpointService, VpcEndpoint } from '../../model/endpoints.ts';
import type { PrefixList } from '../../model/filters.ts';
import { ownServiceName, ownServiceType } from '../../model/lookups/endpoints.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Tags } from '../../model/tags.ts';
import { type AwsService, awsServices } from './aws-services.ts';
import { unknownService } from './endpoint-errors.ts';

/** A service, reached in one way; the same service may be reached in two. */
export interface OfferedService extends AwsService {
  /** null: AWS's own. */
  readonly own: EndpointService | null;
  readonly tags: Tags;
}

/** @returns AWS's services in the order of their names, then the account's own. */
export function offeredServices(snapshot: Snapshot): OfferedService[] {
  return [
    ...awsServices(snapshot).map((service) => ({ ...service, own: null, tags: new Map() })),
    ...[...snapshot.endpointServices.values()].map((own) => offerOf(snapshot, own)),
  ];
}

/** The private name leads to endpoints once it is verified. */
function offerOf(snapshot: Snapshot, own: EndpointService): OfferedService {
  const { serviceId, addressTypes, privateDns, tags } = own;
  return {
    serviceName: ownServiceName(snapshot, own),
    serviceId,
    type: ownServiceType(own),
    baseDnsName: ownBaseDnsName(snapshot, own),
    privateDnsName: privateDns?.isVerified === true ? privateDns.name : null,
    addressTypes,
    own,
    tags,
  };
}

/** @returns what the DNS names of the endpoints of a service of one's own end in. */
export function ownBaseDnsName({ region }: Snapshot, { serviceId }: EndpointService): string {
  return `${serviceId}.${region}.vpce.amazonaws.com`;
}

/**
 * @returns the ways in which a service is offered, at least one.
 * @throws InvalidServiceName when there is none.
 */
export function servicesNamed(snapshot: Snapshot, name: string): OfferedService[] {
  const offers = offeredServices(snapshot).filter(({ serviceName }) => serviceName === name);
  if (offers.length === 0) throw unknownService(name);
  return offers;
}

/** @returns what an endpoint reaches; undefined when the service is gone. */
export function serviceOfEndpoint(
  snapshot: Snapshot,
  { serviceName, type }: Pick<VpcEndpoint, 'serviceName' | 'type'>,
): OfferedService | undefined {
  return offeredServices(snapshot).find(
    (offer) => offer.serviceName === serviceName && offer.type === type,
  );
}

/** @returns the prefix list of a service that has a gateway. @throws InvalidServiceName */
export function listOfService({ prefixLists }: Snapshot, serviceName: string): PrefixList {
  const list = [...prefixLists.values()].find(({ name }) => name === serviceName);
  if (list === undefined) throw unknownService(serviceName);
  return list;
}

/** The ends of a network insights path: which resources they are, and the packets between them. */
import { type Ipv4Addr, parseIpv4 } from '../../addr/ipv4.ts';
import { type Ipv6Addr, parseIpv6 } from '../../addr/ipv6.ts';
import type { NetworkInsightsPath, PathAddresses } from '../../model/network-insights.ts';
import type { Eni } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { findInternetGateway, findPeering, findVpnGateway } from '../edges/lookup-gateways.ts';
import { findEndpointService, findVpcEndpoint } from '../endpoints/lookup-endpoints.ts';
import { invalidAddress, invalidValue } from '../errors.ts';
import { enisOfInstance, findEni, findInstance } from '../lookup.ts';

/** What may be an end, by the prefix of its id. */
const ENDS: Readonly<Record<string, (snapshot: Snapshot, id: string) => unknown>> = {
  i: findInstance,
  eni: findEni,
  igw: findInternetGateway,
  vgw: findVpnGateway,
  pcx: findPeering,
  vpce: findVpcEndpoint,
  'vpce-svc': findEndpointService,
};

/**
 * Reads an id or an ARN.
 * @returns the id. @throws NotFound; InvalidParameterValue for a resource that is no end of a path.
 */
export function readEnd(snapshot: Snapshot, parameter: string, text: string): string {
  const id = text.startsWith('arn:') ? (text.split('/').at(-1) ?? '') : text;
  const prefix = id.slice(0, Math.max(0, id.lastIndexOf('-')));
  const find = Object.hasOwn(ENDS, prefix) ? ENDS[prefix] : undefined;
  if (find === undefined) throw invalidValue(parameter, text);
  find(snapshot, id);
  return id;
}

/** @throws InvalidParameterValue */
export function checkAddress(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (parseIpv4(text) === null && parseIpv6(text) === null) throw invalidAddress(text);
  return text;
}

/** What an end is now: interfaces, by the index of their devices; or why it is none. */
export type End = { readonly kind: 'interfaces'; readonly enis: readonly Eni[] } | EndWithout;
/** `gone`: it is deleted. `gateway`: nothing in this network sends or takes packets by it. */
type EndWithout = { readonly kind: 'gone' | 'gateway' };

export function endOf(snapshot: Snapshot, id: string): End {
  const instance = [...snapshot.instances.values()].find((each) => each.instanceId === id);
  const enis =
    instance === undefined
      ? [...snapshot.enis.values()].filter(({ eniId }) => eniId === id)
      : enisOfInstance(snapshot, instance);
  if (enis.length > 0) return { kind: 'interfaces', enis };
  return { kind: id.startsWith('i-') || id.startsWith('eni-') ? 'gone' : 'gateway' };
}

/**
 * Chooses the addresses of the packets: those that the path names, or else those of its ends.
 * @param destination null when the path names an address only.
 * @returns null when the ends have no addresses of one family.
 */
export function addressesOf(
  { sourceIp, destinationIp, filterAtSource }: NetworkInsightsPath,
  source: Eni,
  destination: Eni | null,
): PathAddresses | null {
  const from = filterAtSource?.sourceAddress ?? sourceIp;
  const to = filterAtSource?.destinationAddress ?? destinationIp;
  const from4 = from === null ? source.addresses[0] : (parseIpv4(from) ?? undefined);
  const to4 = to === null ? destination?.addresses[0] : (parseIpv4(to) ?? undefined);
  if (isGiven<Ipv4Addr>(from4) && isGiven<Ipv4Addr>(to4)) {
    return { family: 4, source: from4, destination: to4 };
  }
  const from6 = from === null ? source.ipv6Addresses[0] : (parseIpv6(from) ?? undefined);
  const to6 = to === null ? destination?.ipv6Addresses[0] : (parseIpv6(to) ?? undefined);
  if (isGiven<Ipv6Addr>(from6) && isGiven<Ipv6Addr>(to6)) {
    return { family: 6, source: from6, destination: to6 };
  }
  return null;
}

function isGiven<T>(value: T | undefined): value is T {
  return value !== undefined;
}

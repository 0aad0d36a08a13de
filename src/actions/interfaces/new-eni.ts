/** How a network interface is made: by CreateNetworkInterface, or as a part of RunInstances. */
import type { Ipv4Addr } from '../../addr/ipv4.ts';
import type { Ipv6Addr } from '../../addr/ipv6.ts';
import type { Eni, Subnet } from '../../model/records.ts';
import { isIpv6Only } from '../../model/subnets.ts';
import type { Tags } from '../../model/tags.ts';
import type { ActionContext, ActionInput, ParameterType } from '../action.ts';
import {
  eniLimitExceeded,
  invalidValue,
  noIpv6Block,
  oneWayToIpv6,
  parameterCombination,
  parameterValue,
} from '../errors.ts';
import {
  optionalBoolean,
  optionalInteger,
  optionalString,
  stringOf,
  structuresOf,
} from '../input.ts';
import { findEni } from '../lookup.ts';
import {
  CONNECTION_TRACKING,
  DEFAULT_TRACKING,
  groupsOfNewEni,
  readConnectionTracking,
} from './eni-groups.ts';
import { newMac } from './macs.ts';
import { delegatePrefixes } from './prefixes.ts';
import { chooseIpv4, chooseIpv6, parseFreeIpv4, parseFreeIpv6 } from './subnet-addresses.ts';

/** The parameters of an interface that is to be made. */
export const NEW_ENI_PARAMETERS = {
  Description: 'string',
  PrivateIpAddress: 'string',
  PrivateIpAddresses: [{ PrivateIpAddress: 'string', Primary: 'boolean' }],
  SecondaryPrivateIpAddressCount: 'integer',
  Ipv6Addresses: [{ Ipv6Address: 'string' }],
  Ipv6AddressCount: 'integer',
  Groups: ['string'],
  ConnectionTrackingSpecification: CONNECTION_TRACKING,
  Ipv4Prefixes: [{ Ipv4Prefix: 'string' }],
  Ipv4PrefixCount: 'integer',
  Ipv6Prefixes: [{ Ipv6Prefix: 'string' }],
  Ipv6PrefixCount: 'integer',
} as const satisfies Readonly<Record<string, ParameterType>>;

/**
 * Makes an unattached interface with the addresses that the request names; the others are chosen.
 * @throws NetworkInterfaceLimitExceeded when the region has all that it can have (SUB-12).
 * @throws the refusals of `subnet-addresses.ts` and `eni-groups.ts`.
 */
export function newEni(
  input: ActionInput,
  context: ActionContext,
  subnet: Subnet,
  tags: Tags,
): Eni {
  const { draft, newId } = context;
  const { enis, quotas } = draft.snapshot;
  if (enis.size >= quotas.enisPerRegion) throw eniLimitExceeded();
  const eni: Eni = {
    eniId: newId('eni'),
    vpcId: subnet.vpcId,
    subnetId: subnet.subnetId,
    description: optionalString(input, 'Description') ?? '',
    mac: newMac(context),
    addresses: readIpv4(input, context, subnet),
    ipv6Addresses: readIpv6(input, context, subnet),
    hasPrimaryIpv6: false,
    prefixes: [],
    sourceDestCheck: true,
    groupIds: groupsOfNewEni(input, draft.snapshot, subnet),
    connectionTracking: readConnectionTracking(input, DEFAULT_TRACKING),
    attachment: null,
    madeFor: null,
    autoPublicAddress: null,
    tags,
  };
  draft.put('enis', eni.eniId, eni);
  for (const family of [4, 6] as const) {
    const { texts, count } = readPrefixes(input, family);
    delegatePrefixes(context, eni.eniId, family, texts, count);
  }
  return findEni(draft.snapshot, eni.eniId);
}

/**
 * Makes an interface for a resource of AWS: without security groups, and for packets of others.
 * @throws as `newEni`.
 */
export function newManagedEni(
  input: ActionInput,
  context: ActionContext,
  subnet: Subnet,
  madeFor: Eni['madeFor'],
): Eni {
  const made = newEni(input, context, subnet, new Map());
  const eni: Eni = { ...made, madeFor, groupIds: [], sourceDestCheck: false };
  context.draft.put('enis', eni.eniId, eni);
  return eni;
}

/** @returns what the request says of prefixes of a family (ENI-11). */
function readPrefixes(
  input: ActionInput,
  family: 4 | 6,
): { readonly texts: readonly string[]; readonly count: number } {
  const entries = structuresOf(input, `Ipv${family}Prefixes`);
  const texts = entries.map((entry) => stringOf(entry, `Ipv${family}Prefix`));
  return {
    texts: uniqueOf(texts, `ipv${family}Prefix`),
    count: countOf(input, `Ipv${family}PrefixCount`),
  };
}

/** @returns true when the request asks for prefixes of the family; it may do so in one way. */
function asksForPrefixes(input: ActionInput, family: 4 | 6): boolean {
  const { texts, count } = readPrefixes(input, family);
  if (texts.length > 0 && count > 0) {
    throw parameterCombination(
      `The parameters ipv${family}Prefixes and ipv${family}PrefixCount cannot be used together`,
    );
  }
  return texts.length + count > 0;
}

/** @returns the primary address first; none in an IPv6-only subnet (SUB-5). */
function readIpv4(input: ActionInput, context: ActionContext, subnet: Subnet): Ipv4Addr[] {
  const { snapshot } = context.draft;
  const entries = structuresOf(input, 'PrivateIpAddresses');
  const count = countOf(input, 'SecondaryPrivateIpAddressCount');
  const isPrimary = (entry: ActionInput): boolean => optionalBoolean(entry, 'Primary') ?? false;
  const addressOf = (entry: ActionInput): string => stringOf(entry, 'PrivateIpAddress');
  const single = optionalString(input, 'PrivateIpAddress');
  const primaries = entries.filter(isPrimary).map(addressOf);
  if (single !== undefined) primaries.push(single);
  if (primaries.length > 1) {
    throw parameterValue('Only one primary private IP address can be specified.');
  }
  const secondary = entries.filter((entry) => !isPrimary(entry)).map(addressOf);
  if (secondary.length > 0 && count > 0) {
    throw parameterCombination(
      'The parameters privateIpAddresses and secondaryPrivateIpAddressCount cannot be used together',
    );
  }
  if (asksForPrefixes(input, 4) && secondary.length + count > 0) {
    throw parameterCombination(
      'IPv4 prefixes and secondary private IPv4 addresses may not be specified on the same request',
    );
  }
  const given = uniqueOf([...primaries, ...secondary], 'privateIpAddress').map((text) =>
    parseFreeIpv4(snapshot, subnet, text),
  );
  if (isIpv6Only(subnet) && given.length + count === 0) return [];
  const chosen = chooseIpv4(context, subnet, count + 1 - primaries.length, given);
  if (primaries.length > 0) return [...given, ...chosen];
  return [...chosen.slice(0, 1), ...given, ...chosen.slice(1)];
}

function readIpv6(input: ActionInput, context: ActionContext, subnet: Subnet): Ipv6Addr[] {
  const { snapshot } = context.draft;
  const texts = structuresOf(input, 'Ipv6Addresses').map((entry) => stringOf(entry, 'Ipv6Address'));
  // Zero, when it is given, keeps the subnet's own setting from giving one.
  const isCounted = optionalInteger(input, 'Ipv6AddressCount') !== undefined;
  const hasPrefixes = asksForPrefixes(input, 6);
  const isAsked = isCounted || hasPrefixes || texts.length > 0;
  const isAutomatic = subnet.assignIpv6AddressOnCreation && !isAsked;
  const count = isAutomatic ? 1 : countOf(input, 'Ipv6AddressCount');
  if (texts.length > 0 && count > 0) {
    throw parameterCombination(
      'IPv6 addresses and IPv6 address count may not be specified on the same request',
    );
  }
  if (hasPrefixes && texts.length + count > 0) throw oneWayToIpv6();
  if (texts.length > 0 && subnet.ipv6Cidrs.length === 0) throw noIpv6Block(subnet.subnetId);
  const given = texts.map((text) => parseFreeIpv6(snapshot, subnet, text));
  uniqueOf(given.map(String), 'ipv6Address');
  return [...given, ...chooseIpv6(context, subnet, count)];
}

/** Reads how many addresses are to be chosen. @throws InvalidParameterValue when negative. */
export function countOf(input: ActionInput, name: string): number {
  const count = optionalInteger(input, name) ?? 0;
  if (count < 0) throw invalidValue(lowerCamel(name), String(count));
  return count;
}

/** @throws InvalidParameterValue when a text is in the list twice. */
export function uniqueOf(texts: readonly string[], parameter: string): readonly string[] {
  const seen = new Set<string>();
  for (const text of texts) {
    if (seen.has(text)) throw invalidValue(parameter, text, 'The value is given more than once.');
    seen.add(text);
  }
  return texts;
}

function lowerCamel(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

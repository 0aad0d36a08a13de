/** How a network interface is made: by CreateNetworkInterface, or as a part of RunInstances. */
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { Ipv6Addr } from '../addr/ipv6.ts';
import type { Eni, Subnet, Tags } from '../model/records.ts';
import type { ActionContext, ActionInput, ParameterType } from './action.ts';
import {
  CONNECTION_TRACKING,
  DEFAULT_TRACKING,
  groupsOfNewEni,
  readConnectionTracking,
} from './eni-groups.ts';
import {
  eniLimitExceeded,
  invalidValue,
  noIpv6Block,
  parameterCombination,
  parameterValue,
} from './errors.ts';
import {
  optionalBoolean,
  optionalInteger,
  optionalString,
  stringOf,
  structuresOf,
} from './input.ts';
import { newMac } from './macs.ts';
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
    prefixes: [],
    sourceDestCheck: true,
    groupIds: groupsOfNewEni(input, draft.snapshot, subnet),
    connectionTracking: readConnectionTracking(input, DEFAULT_TRACKING),
    attachment: null,
    tags,
  };
  draft.put('enis', eni.eniId, eni);
  return eni;
}

/** @returns the primary address first. */
function readIpv4(
  input: ActionInput,
  context: ActionContext,
  subnet: Subnet,
): [Ipv4Addr, ...Ipv4Addr[]] {
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
  const given = uniqueOf([...primaries, ...secondary], 'privateIpAddress').map((text) =>
    parseFreeIpv4(snapshot, subnet, text),
  );
  const chosen = chooseIpv4(context, subnet, count + 1 - primaries.length, given);
  const [primary, ...others] = primaries.length > 0 ? given : [...chosen.slice(0, 1), ...given];
  if (primary === undefined) throw invalidValue('privateIpAddress', '');
  return [primary, ...others, ...chosen.slice(1 - primaries.length)];
}

function readIpv6(input: ActionInput, context: ActionContext, subnet: Subnet): Ipv6Addr[] {
  const { snapshot } = context.draft;
  const texts = structuresOf(input, 'Ipv6Addresses').map((entry) => stringOf(entry, 'Ipv6Address'));
  // Zero, when it is given, keeps the subnet's own setting from giving one.
  const isCounted = optionalInteger(input, 'Ipv6AddressCount') !== undefined;
  const isAutomatic = subnet.assignIpv6AddressOnCreation && !isCounted && texts.length === 0;
  const count = isAutomatic ? 1 : countOf(input, 'Ipv6AddressCount');
  if (texts.length > 0 && count > 0) {
    throw parameterCombination(
      'The parameters ipv6Addresses and ipv6AddressCount cannot be used together',
    );
  }
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

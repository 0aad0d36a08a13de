/** The actions that give addresses to network interfaces, take them away and move them. */
import { cidrEquals, formatCidr, parseIpv4Cidr, parseIpv6Cidr } from '../../addr/cidr.ts';
import { formatIpv4, type Ipv4Addr, parseIpv4 } from '../../addr/ipv4.ts';
import { formatIpv6, parseIpv6 } from '../../addr/ipv6.ts';
import type { Eni, Subnet } from '../../model/records.ts';
import type { Draft } from '../../model/store.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { checkAddressCount } from '../compute/instance-types.ts';
import { freeElasticAddresses, moveElasticAddress } from '../edges/elastic-associations.ts';
import {
  addressNotAssigned,
  invalidAddress,
  invalidCidr,
  missingOneOf,
  moveNotAllowed,
  parameterCombination,
  parameterValue,
  primaryIpv6Stays,
} from '../errors.ts';
import { optionalBoolean, stringOf, stringsOf } from '../input.ts';
import { findEni, findOwnEni, subnetOf } from '../lookup.ts';
import { countOf, uniqueOf } from './new-eni.ts';
import { delegatePrefixes } from './prefixes.ts';
import {
  chooseIpv4,
  chooseIpv6,
  ownerOfIpv4,
  parseFreeIpv6,
  parseSubnetIpv4,
} from './subnet-addresses.ts';

/** @throws MissingParameter or InvalidParameterCombination unless exactly one is given. */
function checkOneGiven(given: Readonly<Record<string, boolean>>): void {
  const names = Object.keys(given).filter((name) => given[name]);
  if (names.length === 0) throw missingOneOf(Object.keys(given));
  if (names.length > 1) {
    throw parameterCombination(`The parameters ${names.join(' and ')} cannot be used together`);
  }
}

/**
 * Takes the address from the interface that has it, if any; its elastic address comes along.
 * @throws InvalidParameterValue when it is in use and must not or cannot move.
 * @source ENI-5, ENI-6
 */
function takeAddress(
  draft: Draft,
  eniId: Eni['eniId'],
  subnet: Subnet,
  addr: Ipv4Addr,
  mayMove: boolean,
): void {
  const owner = ownerOfIpv4(draft.snapshot, subnet, addr);
  if (owner === undefined) return;
  if (!mayMove || owner.addresses.indexOf(addr) < 1) throw moveNotAllowed(formatIpv4(addr));
  const addresses = owner.addresses.filter((each) => each !== addr);
  draft.put('enis', owner.eniId, { ...owner, addresses });
  moveElasticAddress(draft, addr, owner.eniId, eniId);
}

function assignPrivateIpAddresses(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const { eniId } = findOwnEni(draft.snapshot, stringOf(input, 'NetworkInterfaceId'));
  const texts = uniqueOf(stringsOf(input, 'PrivateIpAddresses'), 'privateIpAddress');
  const count = countOf(input, 'SecondaryPrivateIpAddressCount');
  const prefixTexts = uniqueOf(stringsOf(input, 'Ipv4Prefixes'), 'ipv4Prefix');
  const prefixCount = countOf(input, 'Ipv4PrefixCount');
  checkOneGiven({
    privateIpAddresses: texts.length > 0,
    secondaryPrivateIpAddressCount: count > 0,
    ipv4Prefixes: prefixTexts.length > 0,
    ipv4PrefixCount: prefixCount > 0,
  });
  if (prefixTexts.length + prefixCount > 0) {
    const prefixes = delegatePrefixes(context, eniId, 4, prefixTexts, prefixCount);
    checkAddressCount(draft.snapshot, findEni(draft.snapshot, eniId));
    return {
      NetworkInterfaceId: eniId,
      AssignedIpv4Prefixes: prefixes.map((Ipv4Prefix) => ({ Ipv4Prefix })),
    };
  }
  const mayMove = optionalBoolean(input, 'AllowReassignment') ?? false;
  const subnet = subnetOf(draft.snapshot, findEni(draft.snapshot, eniId));
  const assigned =
    count > 0
      ? chooseIpv4(context, subnet, count, [])
      : claim(draft, eniId, subnet, texts, mayMove);
  const eni = findEni(draft.snapshot, eniId);
  const added = assigned.filter((addr) => !eni.addresses.includes(addr));
  const grown: Eni = { ...eni, addresses: [...eni.addresses, ...added] };
  checkAddressCount(draft.snapshot, grown);
  draft.put('enis', eniId, grown);
  return {
    NetworkInterfaceId: eniId,
    AssignedPrivateIpAddresses: assigned.map((addr) => ({ PrivateIpAddress: formatIpv4(addr) })),
  };
}

/** Reads addresses and frees them for the interface; those that it has already stay. */
function claim(
  draft: Draft,
  eniId: Eni['eniId'],
  subnet: Subnet,
  texts: readonly string[],
  mayMove: boolean,
): Ipv4Addr[] {
  const own = findEni(draft.snapshot, eniId).addresses;
  const addrs = texts.map((text) => parseSubnetIpv4(subnet, text));
  for (const addr of addrs) {
    if (addr === own[0]) throw moveNotAllowed(formatIpv4(addr));
    if (!own.includes(addr)) takeAddress(draft, eniId, subnet, addr, mayMove);
  }
  return addrs;
}

function unassignPrivateIpAddresses(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const eni = findOwnEni(draft.snapshot, stringOf(input, 'NetworkInterfaceId'));
  const texts = stringsOf(input, 'PrivateIpAddresses');
  const prefixTexts = stringsOf(input, 'Ipv4Prefixes');
  checkOneGiven({
    privateIpAddresses: texts.length > 0,
    ipv4Prefixes: prefixTexts.length > 0,
  });
  const removed = texts.map((text) => {
    const addr = parseIpv4(text);
    if (addr === null) throw invalidAddress(text);
    if (addr === eni.addresses[0]) {
      throw parameterValue(`The primary IP address ${text} of an interface cannot be unassigned.`);
    }
    if (!eni.addresses.includes(addr)) throw addressNotAssigned(eni.eniId);
    return addr;
  });
  const removedPrefixes = prefixTexts.map((text) => {
    const prefix = parseIpv4Cidr(text);
    if (prefix === null) throw invalidCidr('ipv4Prefix', text);
    if (!eni.prefixes.some((each) => cidrEquals(each, prefix))) throw addressNotAssigned(eni.eniId);
    return formatCidr(prefix);
  });
  freeElasticAddresses(draft, eni.eniId, removed);
  draft.put('enis', eni.eniId, {
    ...eni,
    addresses: eni.addresses.filter((addr) => !removed.includes(addr)),
    prefixes: eni.prefixes.filter((each) => !removedPrefixes.includes(formatCidr(each))),
  });
  return {};
}

/** There is no reassignment for IPv6: unassign first. @source ENI-7 */
function assignIpv6Addresses(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const eni = findOwnEni(draft.snapshot, stringOf(input, 'NetworkInterfaceId'));
  const subnet = subnetOf(draft.snapshot, eni);
  const texts = stringsOf(input, 'Ipv6Addresses');
  const count = countOf(input, 'Ipv6AddressCount');
  const prefixTexts = uniqueOf(stringsOf(input, 'Ipv6Prefixes'), 'ipv6Prefix');
  const prefixCount = countOf(input, 'Ipv6PrefixCount');
  checkOneGiven({
    ipv6Addresses: texts.length > 0,
    ipv6AddressCount: count > 0,
    ipv6Prefixes: prefixTexts.length > 0,
    ipv6PrefixCount: prefixCount > 0,
  });
  if (prefixTexts.length + prefixCount > 0) {
    const prefixes = delegatePrefixes(context, eni.eniId, 6, prefixTexts, prefixCount);
    return { NetworkInterfaceId: eni.eniId, AssignedIpv6Prefixes: prefixes };
  }
  const given = texts.map((text) => parseFreeIpv6(draft.snapshot, subnet, text));
  uniqueOf(given.map(formatIpv6), 'ipv6Address');
  const assigned = count > 0 ? chooseIpv6(context, subnet, count) : given;
  draft.put('enis', eni.eniId, { ...eni, ipv6Addresses: [...eni.ipv6Addresses, ...assigned] });
  return { NetworkInterfaceId: eni.eniId, AssignedIpv6Addresses: assigned.map(formatIpv6) };
}

function unassignIpv6Addresses(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const eni = findOwnEni(draft.snapshot, stringOf(input, 'NetworkInterfaceId'));
  const prefixTexts = stringsOf(input, 'Ipv6Prefixes');
  if (stringsOf(input, 'Ipv6Addresses').length === 0 && prefixTexts.length === 0) {
    throw missingOneOf(['ipv6Addresses', 'ipv6Prefixes']);
  }
  const removedPrefixes = prefixTexts.map((text) => {
    const prefix = parseIpv6Cidr(text);
    if (prefix === null) throw invalidCidr('ipv6Prefix', text);
    if (!eni.prefixes.some((each) => cidrEquals(each, prefix))) throw addressNotAssigned(eni.eniId);
    return formatCidr(prefix);
  });
  const removed = stringsOf(input, 'Ipv6Addresses').map((text) => {
    const addr = parseIpv6(text);
    if (addr === null) throw invalidAddress(text);
    if (!eni.ipv6Addresses.includes(addr)) throw addressNotAssigned(eni.eniId);
    if (eni.hasPrimaryIpv6 && addr === eni.ipv6Addresses[0]) throw primaryIpv6Stays(eni.eniId);
    return addr;
  });
  draft.put('enis', eni.eniId, {
    ...eni,
    ipv6Addresses: eni.ipv6Addresses.filter((addr) => !removed.includes(addr)),
    prefixes: eni.prefixes.filter((each) => !removedPrefixes.includes(formatCidr(each))),
  });
  return {
    NetworkInterfaceId: eni.eniId,
    UnassignedIpv6Addresses: removed.map(formatIpv6),
    UnassignedIpv6Prefixes: removedPrefixes,
  };
}

export const ADDRESS_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'AssignPrivateIpAddresses',
    parameters: {
      NetworkInterfaceId: 'string',
      AllowReassignment: 'boolean',
      PrivateIpAddresses: ['string'],
      SecondaryPrivateIpAddressCount: 'integer',
      Ipv4Prefixes: ['string'],
      Ipv4PrefixCount: 'integer',
    },
    required: ['NetworkInterfaceId'],
    perform: assignPrivateIpAddresses,
  },
  {
    name: 'UnassignPrivateIpAddresses',
    parameters: {
      NetworkInterfaceId: 'string',
      PrivateIpAddresses: ['string'],
      Ipv4Prefixes: ['string'],
    },
    required: ['NetworkInterfaceId'],
    perform: unassignPrivateIpAddresses,
  },
  {
    name: 'AssignIpv6Addresses',
    parameters: {
      NetworkInterfaceId: 'string',
      Ipv6Addresses: ['string'],
      Ipv6AddressCount: 'integer',
      Ipv6Prefixes: ['string'],
      Ipv6PrefixCount: 'integer',
    },
    required: ['NetworkInterfaceId'],
    perform: assignIpv6Addresses,
  },
  {
    name: 'UnassignIpv6Addresses',
    parameters: {
      NetworkInterfaceId: 'string',
      Ipv6Addresses: ['string'],
      Ipv6Prefixes: ['string'],
    },
    required: ['NetworkInterfaceId'],
    perform: unassignIpv6Addresses,
  },
];

/** The actions on DHCP option sets. A set never changes; a VPC changes to another one (DHCP-9). */
import { formatIpv4, type Ipv4Addr, parseIpv4 } from '../../addr/ipv4.ts';
import { formatIpv6, type Ipv6Addr, parseIpv6 } from '../../addr/ipv6.ts';
import { DEFAULT_IPV6_LEASE_TIME_S } from '../../model/dhcp.ts';
import type { DhcpOptionsId } from '../../model/ids.ts';
import { regionDomain } from '../../model/names.ts';
import type { DhcpOptions } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { dependencyViolation, invalidValue, parameterValue } from '../errors.ts';
import { stringOf, stringsOf, structuresOf } from '../input.ts';
import { findDhcpOptions, findVpc } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';

type Address = Ipv4Addr | Ipv6Addr;
type Options = Omit<DhcpOptions, 'dhcpOptionsId' | 'tags'>;

/** Servers of one kind and family (DHCP-9). */
const MAX_SERVERS = 4;
/** The least is the default (DHCP-9, DHCP-13). */
const MIN_LEASE_TIME_S = DEFAULT_IPV6_LEASE_TIME_S;
const MAX_LEASE_TIME_S = 0xffff_ffff;
const NODE_TYPES = [1, 2, 4, 8] as const;

const NO_OPTIONS: Options = {
  domainNameServers: [],
  domainName: null,
  ntpServers: [],
  netbiosNameServers: [],
  netbiosNodeType: null,
  ipv6PreferredLeaseTimeS: DEFAULT_IPV6_LEASE_TIME_S,
};

/** @returns the region's own option set, made when the first VPC needs it. @source DHCP-8 */
export function regionDhcpOptionsId({ draft, newId }: ActionContext): DhcpOptionsId {
  const { defaultDhcpOptionsId, region } = draft.snapshot;
  if (defaultDhcpOptionsId !== null) return defaultDhcpOptionsId;
  const dhcpOptionsId = newId('dopt');
  draft.put('dhcpOptions', dhcpOptionsId, {
    ...NO_OPTIONS,
    dhcpOptionsId,
    domainName: regionDomain(region),
    domainNameServers: ['AmazonProvidedDNS'],
    tags: new Map(),
  });
  draft.setDefaultDhcpOptions(dhcpOptionsId);
  return dhcpOptionsId;
}

function createDhcpOptions(input: ActionInput, { draft, newId }: ActionContext): ActionOutput {
  const tags = tagsFor(input, 'dhcp-options');
  let options = NO_OPTIONS;
  const keys = new Set<string>();
  for (const configuration of structuresOf(input, 'DhcpConfigurations')) {
    const key = stringOf(configuration, 'Key');
    const values = stringsOf(configuration, 'Values');
    if (values.length === 0) throw parameterValue(`The option ${key} must have a value`);
    if (keys.has(key)) throw parameterValue(`The option ${key} was specified more than once`);
    keys.add(key);
    options = { ...options, ...readOption(key, values) };
  }
  const row: DhcpOptions = { ...options, dhcpOptionsId: newId('dopt'), tags };
  draft.put('dhcpOptions', row.dhcpOptionsId, row);
  return { DhcpOptions: dhcpOptionsShape(row, draft.snapshot) };
}

function readOption(key: string, values: readonly string[]): Partial<Options> {
  switch (key) {
    case 'domain-name-servers':
      return { domainNameServers: readServers(key, values, readNameServer) };
    case 'domain-name':
      return { domainName: readOne(key, values) };
    case 'ntp-servers':
      return { ntpServers: readServers(key, values, readAddress) };
    case 'netbios-name-servers':
      return { netbiosNameServers: readServers(key, values, readIpv4) };
    case 'netbios-node-type':
      return { netbiosNodeType: readNodeType(key, readOne(key, values)) };
    case 'ipv6-address-preferred-lease-time':
      return { ipv6PreferredLeaseTimeS: readLeaseTime(key, readOne(key, values)) };
    default:
      throw invalidValue('name', key, 'Unknown DHCP option');
  }
}

/** @throws InvalidParameterValue when there are more than four of a family (DHCP-9). */
function readServers<T extends Address | 'AmazonProvidedDNS'>(
  key: string,
  values: readonly string[],
  read: (key: string, text: string) => T,
): T[] {
  const servers = values.map((text) => read(key, text));
  const ipv6Count = servers.filter((server) => typeof server === 'bigint').length;
  if (ipv6Count > MAX_SERVERS || servers.length - ipv6Count > MAX_SERVERS) {
    throw parameterValue(
      `Too many values for the option ${key}; at most ${MAX_SERVERS} are allowed`,
    );
  }
  return servers;
}

function readNameServer(key: string, text: string): Address | 'AmazonProvidedDNS' {
  return text === 'AmazonProvidedDNS' ? text : readAddress(key, text);
}

function readAddress(key: string, text: string): Address {
  const addr = parseIpv4(text) ?? parseIpv6(text);
  if (addr === null) throw invalidValue(key, text);
  return addr;
}

function readIpv4(key: string, text: string): Ipv4Addr {
  const addr = parseIpv4(text);
  if (addr === null) throw invalidValue(key, text);
  return addr;
}

function readNodeType(key: string, text: string): (typeof NODE_TYPES)[number] {
  const type = NODE_TYPES.find((each) => String(each) === text);
  if (type === undefined) throw invalidValue(key, text);
  return type;
}

function readLeaseTime(key: string, text: string): number {
  const seconds = Number(text);
  const allowed = seconds >= MIN_LEASE_TIME_S && seconds <= MAX_LEASE_TIME_S;
  if (!/^\d+$/.test(text) || !allowed) throw invalidValue(key, text);
  return seconds;
}

function readOne(key: string, values: readonly string[]): string {
  const [value, ...others] = values;
  if (value === undefined || value === '' || others.length > 0) {
    throw invalidValue(key, values.join(', '));
  }
  return value;
}

/** @returns AWS's keys with their values, as text. */
function configurations(options: DhcpOptions): (readonly [string, readonly string[]])[] {
  const leaseTime = options.ipv6PreferredLeaseTimeS;
  const all: (readonly [string, readonly string[]])[] = [
    ['domain-name', options.domainName === null ? [] : [options.domainName]],
    ['domain-name-servers', options.domainNameServers.map(formatServer)],
    ['ntp-servers', options.ntpServers.map(formatServer)],
    ['netbios-name-servers', options.netbiosNameServers.map(formatServer)],
    ['netbios-node-type', options.netbiosNodeType === null ? [] : [`${options.netbiosNodeType}`]],
    [
      'ipv6-address-preferred-lease-time',
      leaseTime === DEFAULT_IPV6_LEASE_TIME_S ? [] : [String(leaseTime)],
    ],
  ];
  return all.filter(([, values]) => values.length > 0);
}

function formatServer(server: Address | 'AmazonProvidedDNS'): string {
  if (typeof server === 'bigint') return formatIpv6(server);
  return typeof server === 'number' ? formatIpv4(server) : server;
}

function dhcpOptionsShape(options: DhcpOptions, snapshot: Snapshot): ActionOutput {
  return {
    DhcpOptionsId: options.dhcpOptionsId,
    DhcpConfigurations: configurations(options).map(([Key, values]) => ({
      Key,
      Values: values.map((Value) => ({ Value })),
    })),
    OwnerId: snapshot.accountId,
    Tags: tagSet(options.tags),
  };
}

const DESCRIBE_DHCP_OPTIONS: DescribeSpec<'dopt', DhcpOptions> = {
  member: 'DhcpOptions',
  idsParameter: 'DhcpOptionsIds',
  prefix: 'dopt',
  rows: (snapshot) => snapshot.dhcpOptions,
  shape: dhcpOptionsShape,
  filters: {
    'dhcp-options-id': (options) => [options.dhcpOptionsId],
    key: (options) => configurations(options).map(([key]) => key),
    value: (options) => configurations(options).flatMap(([, values]) => values),
    'owner-id': (_options, snapshot) => [snapshot.accountId],
  },
};

/** `default` takes the option set away (DHCP-10). */
function associateDhcpOptions(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const id = stringOf(input, 'DhcpOptionsId');
  const dhcpOptionsId = id === 'default' ? id : findDhcpOptions(draft.snapshot, id).dhcpOptionsId;
  const vpc = findVpc(draft.snapshot, stringOf(input, 'VpcId'));
  draft.put('vpcs', vpc.vpcId, { ...vpc, dhcpOptionsId });
  return {};
}

function deleteDhcpOptions(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { dhcpOptionsId } = findDhcpOptions(snapshot, stringOf(input, 'DhcpOptionsId'));
  if ([...snapshot.vpcs.values()].some((vpc) => vpc.dhcpOptionsId === dhcpOptionsId)) {
    throw dependencyViolation('dhcpOptions', dhcpOptionsId);
  }
  draft.delete('dhcpOptions', dhcpOptionsId);
  if (snapshot.defaultDhcpOptionsId === dhcpOptionsId) draft.setDefaultDhcpOptions(null);
  return {};
}

export const DHCP_OPTIONS_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateDhcpOptions',
    parameters: {
      DhcpConfigurations: [{ Key: 'string', Values: ['string'] }],
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['DhcpConfigurations'],
    perform: createDhcpOptions,
  },
  {
    name: 'AssociateDhcpOptions',
    parameters: { DhcpOptionsId: 'string', VpcId: 'string' },
    required: ['DhcpOptionsId', 'VpcId'],
    perform: associateDhcpOptions,
  },
  {
    name: 'DeleteDhcpOptions',
    parameters: { DhcpOptionsId: 'string' },
    required: ['DhcpOptionsId'],
    perform: deleteDhcpOptions,
  },
  {
    name: 'DescribeDhcpOptions',
    parameters: { ...PAGE_PARAMETERS, DhcpOptionsIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_DHCP_OPTIONS, input, draft.snapshot),
  },
];

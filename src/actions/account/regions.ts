/** What an account is told of AWS itself: its regions and zones, and its own limits. */
import { REGIONS } from '../../model/region-table.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { zoneId } from '../../model/zones.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { FILTERS, type Filters, filterRows } from '../describe.ts';
import { invalidValue, parameterValue, unknownZones } from '../errors.ts';
import { optionalBoolean, stringsOf } from '../input.ts';

interface RegionRow {
  readonly name: string;
  readonly optInStatus: 'opt-in-not-required' | 'opted-in' | 'not-opted-in';
}

/** The region that the request is for is one that the account can use. */
function regionRows({ region }: Snapshot): RegionRow[] {
  const names = new Set([...Object.keys(REGIONS), region]);
  return [...names].map((name) => {
    const isOptIn = REGIONS[name]?.isOptIn ?? false;
    const asked = name === region ? 'opted-in' : 'not-opted-in';
    return { name, optInStatus: isOptIn ? asked : 'opt-in-not-required' };
  });
}

const endpointOf = (region: string): string => `ec2.${region}.amazonaws.com`;

const REGION_FILTERS: Filters<RegionRow> = {
  endpoint: ({ name }) => [endpointOf(name)],
  'opt-in-status': ({ optInStatus }) => [optInStatus],
  'region-name': ({ name }) => [name],
};

/** Without names, only the regions that the account can use, unless AllRegions is set. */
function describeRegions(input: ActionInput, { draft: { snapshot } }: ActionContext): ActionOutput {
  const names = stringsOf(input, 'RegionNames');
  const rows = regionRows(snapshot);
  const known = new Set(rows.map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) throw parameterValue(`Invalid region provided: [${unknown.join(', ')}]`);
  const isAll = optionalBoolean(input, 'AllRegions') ?? false;
  const chosen = rows.filter(({ name, optInStatus }) =>
    names.length > 0 ? names.includes(name) : isAll || optInStatus !== 'not-opted-in',
  );
  return {
    Regions: filterRows(chosen, REGION_FILTERS, input, snapshot).map(({ name, optInStatus }) => ({
      RegionName: name,
      Endpoint: endpointOf(name),
      OptInStatus: optInStatus,
    })),
  };
}

const ZONE_FILTERS: Filters<string> = {
  'group-name': (_zone, { region }) => [region],
  message: () => [],
  'opt-in-status': () => ['opt-in-not-required'],
  'parent-zone-id': () => [],
  'parent-zone-name': () => [],
  'region-name': (_zone, { region }) => [region],
  state: () => ['available'],
  'zone-id': (zone, snapshot) => [zoneId(snapshot, zone)],
  'zone-name': (zone) => [zone],
  'zone-type': () => ['availability-zone'],
};

function describeZones(input: ActionInput, { draft: { snapshot } }: ActionContext): ActionOutput {
  const names = stringsOf(input, 'ZoneNames');
  const ids = stringsOf(input, 'ZoneIds');
  const zones = snapshot.availabilityZones;
  const zoneIds = zones.map((zone) => zoneId(snapshot, zone));
  const unknown = [
    ...names.filter((name) => !zones.includes(name)),
    ...ids.filter((id) => !zoneIds.includes(id)),
  ];
  if (unknown.length > 0) throw unknownZones(unknown);
  const isAsked = (zone: string): boolean =>
    (names.length === 0 || names.includes(zone)) &&
    (ids.length === 0 || ids.includes(zoneId(snapshot, zone)));
  const chosen = filterRows(zones.filter(isAsked), ZONE_FILTERS, input, snapshot);
  return {
    AvailabilityZones: chosen.map((zone) => ({
      ZoneName: zone,
      ZoneId: zoneId(snapshot, zone),
      ZoneType: 'availability-zone',
      RegionName: snapshot.region,
      GroupName: snapshot.region,
      NetworkBorderGroup: snapshot.region,
      State: 'available',
      OptInStatus: 'opt-in-not-required',
      Messages: [],
    })),
  };
}

/** AWS's names of the attributes, in its order. */
const ATTRIBUTES: Readonly<Record<string, (snapshot: Snapshot) => readonly (string | number)[]>> = {
  'supported-platforms': () => ['VPC'],
  'vpc-max-security-groups-per-interface': ({ quotas }) => [quotas.securityGroupsPerEni],
  'max-elastic-ips': ({ quotas }) => [quotas.elasticAddressesPerRegion],
  'max-instances': () => [20],
  'vpc-max-elastic-ips': ({ quotas }) => [quotas.elasticAddressesPerRegion],
  'default-vpc': ({ vpcs }) => [
    [...vpcs.values()].find(({ isDefault }) => isDefault)?.vpcId ?? 'none',
  ],
};

function describeAttributes(
  input: ActionInput,
  { draft: { snapshot } }: ActionContext,
): ActionOutput {
  const asked = stringsOf(input, 'AttributeNames');
  for (const name of asked) {
    if (!Object.hasOwn(ATTRIBUTES, name)) throw invalidValue('attributeName', name);
  }
  const chosen = Object.entries(ATTRIBUTES).filter(
    ([name]) => asked.length === 0 || asked.includes(name),
  );
  return {
    AccountAttributes: chosen.map(([AttributeName, valuesOf]) => ({
      AttributeName,
      AttributeValues: valuesOf(snapshot).map((each) => ({ AttributeValue: String(each) })),
    })),
  };
}

export const REGION_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'DescribeRegions',
    parameters: { RegionNames: ['string'], AllRegions: 'boolean', Filters: FILTERS },
    required: [],
    perform: describeRegions,
  },
  {
    name: 'DescribeAvailabilityZones',
    parameters: {
      ZoneNames: ['string'],
      ZoneIds: ['string'],
      AllAvailabilityZones: 'boolean',
      Filters: FILTERS,
    },
    required: [],
    perform: describeZones,
  },
  {
    name: 'DescribeAccountAttributes',
    parameters: { AttributeNames: ['string'] },
    required: [],
    perform: describeAttributes,
  },
];

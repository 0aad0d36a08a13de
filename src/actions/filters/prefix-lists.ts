/**
 * The actions on prefix lists, which change those of one's own only. A change of the entries makes a
 * version; the versions before stay readable and can be restored. A change is in force when its answer
 * is given; that it is in progress is told in the answer, and as a transition.
 */
import { cidrEquals, formatCidr, parseCidr } from '../../addr/cidr.ts';
import { entriesInForce, type PrefixList, type PrefixListEntry } from '../../model/filters.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isInTransition, stateOf } from '../../model/transitions.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS, pageOf } from '../describe.ts';
import { dependencyViolation, invalidCidr, invalidValue, parameterCombination } from '../errors.ts';
import { integerOf, optionalInteger, optionalString, stringOf, structuresOf } from '../input.ts';
import { findOwnPrefixList, findPrefixList } from '../lookup.ts';
import { checkRouteQuota } from '../routing/route-quota.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { checkTransitRouteQuota } from '../transit-gateways/transit-route-quota.ts';
import { begin } from '../transition.ts';
import { AWS } from './aws-prefix-lists.ts';
import {
  listBusy,
  listEntriesPerRequest,
  listEntryLimitExceeded,
  listLimitExceeded,
  listModification,
  listVersionMismatch,
} from './filter-errors.ts';
import { checkRuleQuota } from './rule-quota.ts';

const MAX_ENTRIES = 1000;
const MAX_ENTRIES_PER_REQUEST = 100;
const MAX_TEXT_LENGTH = 255;

const FAMILIES: Readonly<Record<string, 4 | 6>> = { IPv4: 4, IPv6: 6 };

function listShape(list: PrefixList, snapshot: Snapshot, state: string): ActionOutput {
  const { prefixListId } = list;
  return {
    PrefixListId: prefixListId,
    PrefixListName: list.name,
    PrefixListArn: `arn:aws:ec2:${snapshot.region}:${list.ownerId.toLowerCase()}:prefix-list/${prefixListId}`,
    AddressFamily: `IPv${list.family}`,
    State: `${list.lastChange}-${state}`,
    MaxEntries: list.ownerId === AWS ? undefined : list.maxEntries,
    Version: list.ownerId === AWS ? undefined : list.versions.length,
    OwnerId: list.ownerId,
    Tags: tagSet(list.tags),
  };
}

function readName(input: ActionInput): string | undefined {
  const name = optionalString(input, 'PrefixListName');
  if (name === undefined) return undefined;
  if (name === '' || name.length > MAX_TEXT_LENGTH || name.startsWith('com.amazonaws')) {
    throw invalidValue('prefixListName', name);
  }
  return name;
}

function readMaxEntries(input: ActionInput): number | undefined {
  const count = optionalInteger(input, 'MaxEntries');
  if (count !== undefined && (count < 1 || count > MAX_ENTRIES)) {
    throw invalidValue('maxEntries', String(count), `Must be 1 to ${MAX_ENTRIES}.`);
  }
  return count;
}

/** Reads entries of the family of the list. @throws InvalidParameterValue for other blocks. */
function readEntries(input: ActionInput, name: string, family: 4 | 6): PrefixListEntry[] {
  const given = structuresOf(input, name);
  if (given.length > MAX_ENTRIES_PER_REQUEST) throw listEntriesPerRequest(MAX_ENTRIES_PER_REQUEST);
  return given.map((entry) => {
    const text = stringOf(entry, 'Cidr');
    const cidr = parseCidr(text);
    if (cidr === null || cidr.family !== family) throw invalidCidr('cidr', text);
    const description = optionalString(entry, 'Description') ?? null;
    if (description !== null && description.length > MAX_TEXT_LENGTH) {
      throw invalidValue('description', description);
    }
    return { cidr, description };
  });
}

/**
 * @returns the entries with the added ones behind them.
 * @throws InvalidPrefixListModification when a block is in the list already.
 * @throws PrefixListMaxEntriesExceeded when they are more than the list may have.
 */
function addEntries(
  entries: readonly PrefixListEntry[],
  added: readonly PrefixListEntry[],
  maxEntries: number,
): readonly PrefixListEntry[] {
  const result = [...entries];
  for (const entry of added) {
    if (result.some((each) => cidrEquals(each.cidr, entry.cidr))) {
      throw listModification(formatCidr(entry.cidr), 'already exists');
    }
    result.push(entry);
  }
  if (result.length > maxEntries) throw listEntryLimitExceeded();
  return result;
}

/** @throws InvalidPrefixListModification when a block is not in the list. */
function removeEntries(
  entries: readonly PrefixListEntry[],
  removed: readonly PrefixListEntry[],
): readonly PrefixListEntry[] {
  let rest = entries;
  for (const { cidr } of removed) {
    const next = rest.filter((each) => !cidrEquals(each.cidr, cidr));
    if (next.length === rest.length) throw listModification(formatCidr(cidr), 'does not exist');
    rest = next;
  }
  return rest;
}

function createPrefixList(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId } = context;
  const { snapshot } = draft;
  const tags = tagsFor(input, 'prefix-list');
  const familyText = stringOf(input, 'AddressFamily');
  const family = FAMILIES[familyText];
  if (family === undefined) throw invalidValue('addressFamily', familyText);
  const name = readName(input) ?? '';
  const maxEntries = readMaxEntries(input) ?? 0;
  const entries = addEntries([], readEntries(input, 'Entries', family), maxEntries);
  const own = [...snapshot.prefixLists.values()].filter(({ ownerId }) => ownerId !== AWS);
  if (own.length >= snapshot.quotas.prefixListsPerRegion) throw listLimitExceeded();
  return putList(context, {
    prefixListId: newId('pl'),
    ownerId: snapshot.accountId,
    name,
    family,
    maxEntries,
    versions: [entries],
    lastChange: 'create',
    tags,
  });
}

function putList(context: ActionContext, list: PrefixList): ActionOutput {
  const { draft } = context;
  draft.put('prefixLists', list.prefixListId, list);
  const state = begin(context, list.prefixListId, 'in-progress', 'changePrefixList');
  return { PrefixList: listShape(list, draft.snapshot, state) };
}

/** @throws IncorrectState while the change before is in progress. */
function findSettled(input: ActionInput, { draft }: ActionContext): PrefixList {
  const list = findOwnPrefixList(draft.snapshot, stringOf(input, 'PrefixListId'));
  if (isInTransition(draft.snapshot, list.prefixListId)) {
    throw listBusy(list.prefixListId, `${list.lastChange}-in-progress`);
  }
  return list;
}

/** @throws PrefixListVersionMismatch when the request means another version than the current one. */
function checkVersion(list: PrefixList, version: number | undefined): void {
  if (version !== undefined && version !== list.versions.length) throw listVersionMismatch();
}

function modifyPrefixList(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const list = findSettled(input, context);
  checkVersion(list, optionalInteger(input, 'CurrentVersion'));
  const added = readEntries(input, 'AddEntries', list.family);
  const removed = readEntries(input, 'RemoveEntries', list.family);
  const changesEntries = added.length > 0 || removed.length > 0;
  const maxEntries = readMaxEntries(input);
  const name = readName(input);
  if (maxEntries !== undefined && changesEntries) {
    throw parameterCombination(
      'You cannot modify the entries and the maximum entries for the prefix list in the same request.',
    );
  }
  if (maxEntries === undefined && name === undefined && !changesEntries) {
    throw parameterCombination('No attributes specified.');
  }
  const present = entriesInForce(list);
  if (maxEntries !== undefined && maxEntries < present.length) throw listEntryLimitExceeded();
  const changed: PrefixList = {
    ...list,
    name: name ?? list.name,
    maxEntries: maxEntries ?? list.maxEntries,
    lastChange: 'modify',
    versions: changesEntries
      ? [...list.versions, addEntries(removeEntries(present, removed), added, list.maxEntries)]
      : list.versions,
  };
  const output = putList(context, changed);
  checkReferences(draft.snapshot, changed);
  return output;
}

/** @throws a quota's refusal when a group or table that names the list would exceed it. */
function checkReferences(snapshot: Snapshot, list: PrefixList): void {
  for (const group of groupsNaming(snapshot, list)) checkRuleQuota(snapshot, group);
  for (const table of tablesNaming(snapshot, list)) checkRouteQuota(snapshot, table);
  for (const { transitGatewayId } of transitTablesNaming(snapshot, list)) {
    checkTransitRouteQuota(snapshot, transitGatewayId);
  }
}

function groupsNaming(snapshot: Snapshot, { prefixListId }: PrefixList) {
  return [...snapshot.securityGroups.values()].filter((group) =>
    group.rules.some(
      ({ peer }) => peer.kind === 'prefix-list' && peer.prefixListId === prefixListId,
    ),
  );
}

function tablesNaming(snapshot: Snapshot, { prefixListId }: PrefixList) {
  return [...snapshot.routeTables.values()].filter((table) =>
    table.prefixListRoutes.some((route) => route.prefixListId === prefixListId),
  );
}

function transitTablesNaming(snapshot: Snapshot, { prefixListId }: PrefixList) {
  return [...snapshot.transitGatewayRouteTables.values()].filter((table) =>
    table.prefixListReferences.some((reference) => reference.prefixListId === prefixListId),
  );
}

function resourcesNaming(snapshot: Snapshot, list: PrefixList): string[] {
  return [
    ...groupsNaming(snapshot, list).map((group) => group.groupId),
    ...tablesNaming(snapshot, list).map((table) => table.routeTableId),
    ...transitTablesNaming(snapshot, list).map((table) => table.routeTableId),
  ];
}

/** @returns the entries of a version. @throws InvalidParameterValue when there is none. */
function entriesOfVersion(
  list: PrefixList,
  version: number,
  parameter: string,
): readonly PrefixListEntry[] {
  const entries = list.versions[version - 1];
  if (entries === undefined) {
    throw invalidValue(parameter, String(version), `Must be 1 to ${list.versions.length}.`);
  }
  return entries;
}

function restoreVersion(input: ActionInput, context: ActionContext): ActionOutput {
  const list = findSettled(input, context);
  checkVersion(list, integerOf(input, 'CurrentVersion'));
  const entries = entriesOfVersion(list, integerOf(input, 'PreviousVersion'), 'previousVersion');
  if (entries.length > list.maxEntries) throw listEntryLimitExceeded();
  return putList(context, {
    ...list,
    versions: [...list.versions, entries],
    lastChange: 'restore',
  });
}

function deletePrefixList(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const list = findOwnPrefixList(snapshot, stringOf(input, 'PrefixListId'));
  if (resourcesNaming(snapshot, list).length > 0) {
    throw dependencyViolation('prefix list', list.prefixListId);
  }
  draft.delete('prefixLists', list.prefixListId);
  return { PrefixList: { ...listShape(list, snapshot, ''), State: 'delete-in-progress' } };
}

function getEntries(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const list = findPrefixList(draft.snapshot, stringOf(input, 'PrefixListId'));
  const version = optionalInteger(input, 'TargetVersion') ?? list.versions.length;
  const { rows, nextToken } = pageOf(entriesOfVersion(list, version, 'targetVersion'), input, 1);
  return {
    Entries: rows.map(({ cidr, description }) => ({
      Cidr: formatCidr(cidr),
      Description: description ?? undefined,
    })),
    NextToken: nextToken,
  };
}

function getAssociations(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const list = findOwnPrefixList(snapshot, stringOf(input, 'PrefixListId'));
  const { rows, nextToken } = pageOf(resourcesNaming(snapshot, list), input);
  return {
    PrefixListAssociations: rows.map((ResourceId) => ({
      ResourceId,
      ResourceOwner: snapshot.accountId,
    })),
    NextToken: nextToken,
  };
}

const DESCRIBE_LISTS: DescribeSpec<'pl', PrefixList> = {
  member: 'PrefixLists',
  idsParameter: 'PrefixListIds',
  prefix: 'pl',
  rows: (snapshot) => snapshot.prefixLists,
  shape: (list, snapshot) =>
    listShape(list, snapshot, stateOf(snapshot, list.prefixListId, 'complete')),
  leastResults: 1,
  filters: {
    'owner-id': (list) => [list.ownerId],
    'prefix-list-id': (list) => [list.prefixListId],
    'prefix-list-name': (list) => [list.name],
  },
};

/** The lists of AWS's own services, each with its blocks. */
const DESCRIBE_SERVICE_LISTS: DescribeSpec<'pl', PrefixList> = {
  ...DESCRIBE_LISTS,
  rows: ({ prefixLists }) => new Map([...prefixLists].filter(([, list]) => list.ownerId === AWS)),
  shape: (list) => ({
    PrefixListId: list.prefixListId,
    PrefixListName: list.name,
    Cidrs: entriesInForce(list).map(({ cidr }) => formatCidr(cidr)),
  }),
};

const ENTRIES = [{ Cidr: 'string', Description: 'string' }] as const;
const PAGE = { MaxResults: 'integer', NextToken: 'string' } as const;

export const PREFIX_LIST_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateManagedPrefixList',
    parameters: {
      PrefixListName: 'string',
      AddressFamily: 'string',
      MaxEntries: 'integer',
      Entries: ENTRIES,
      ClientToken: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['PrefixListName', 'AddressFamily', 'MaxEntries'],
    perform: createPrefixList,
  },
  {
    name: 'ModifyManagedPrefixList',
    parameters: {
      PrefixListId: 'string',
      CurrentVersion: 'integer',
      PrefixListName: 'string',
      AddEntries: ENTRIES,
      RemoveEntries: [{ Cidr: 'string' }],
      MaxEntries: 'integer',
    },
    required: ['PrefixListId'],
    perform: modifyPrefixList,
  },
  {
    name: 'RestoreManagedPrefixListVersion',
    parameters: {
      PrefixListId: 'string',
      PreviousVersion: 'integer',
      CurrentVersion: 'integer',
    },
    required: ['PrefixListId', 'PreviousVersion', 'CurrentVersion'],
    perform: restoreVersion,
  },
  {
    name: 'DeleteManagedPrefixList',
    parameters: { PrefixListId: 'string' },
    required: ['PrefixListId'],
    perform: deletePrefixList,
  },
  {
    name: 'DescribeManagedPrefixLists',
    parameters: { ...PAGE_PARAMETERS, PrefixListIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_LISTS, input, draft.snapshot),
  },
  {
    name: 'GetManagedPrefixListEntries',
    parameters: { PrefixListId: 'string', TargetVersion: 'integer', ...PAGE },
    required: ['PrefixListId'],
    perform: getEntries,
  },
  {
    name: 'GetManagedPrefixListAssociations',
    parameters: { PrefixListId: 'string', ...PAGE },
    required: ['PrefixListId'],
    perform: getAssociations,
  },
  {
    name: 'DescribePrefixLists',
    parameters: { ...PAGE_PARAMETERS, PrefixListIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_SERVICE_LISTS, input, draft.snapshot),
  },
];

/** The common part of the Describe actions: choice by ids, filters with wildcards, and pages. */
import type { Snapshot } from '../model/snapshot.ts';
import type { Tagged } from '../model/tags.ts';
import type { ActionInput, ActionOutput, ParameterType } from './action.ts';
import {
  filterLimitExceeded,
  type IdPrefix,
  invalidFilter,
  invalidNextToken,
  missingParameter,
  tooFewResults,
} from './errors.ts';
import { optionalInteger, optionalString, stringOf, stringsOf, structuresOf } from './input.ts';
import { findRows } from './lookup.ts';
import { wildcardTest } from './wildcard.ts';

/** The values of a row that a filter compares with; a list-valued member gives several. */
type FilterValues<Row> = (row: Row, snapshot: Snapshot) => readonly FilterValue[];
type FilterValue = string | number | boolean;

/** AWS's filter names to the values they look at. */
export type Filters<Row> = Readonly<Record<string, FilterValues<Row>>>;

/** What a Describe action is made of. */
export interface DescribeSpec<P extends IdPrefix, Row> {
  /** The answer's member, such as `Vpcs`. */
  readonly member: string;
  /** The parameter with ids, such as `VpcIds`. */
  readonly idsParameter: string;
  readonly prefix: P;
  readonly rows: (snapshot: Snapshot) => ReadonlyMap<`${P}-${string}`, Row>;
  readonly filters: Filters<Row>;
  readonly shape: (row: Row, snapshot: Snapshot) => ActionOutput;
  /** The smallest `MaxResults`; 5 when it is absent. */
  readonly leastResults?: number;
}

/** The parameter with filters. */
export const FILTERS: ParameterType = [{ Name: 'string', Values: ['string'] }];

/** The parameters that every Describe action takes. */
export const PAGE_PARAMETERS: Readonly<Record<string, ParameterType>> = {
  Filters: FILTERS,
  MaxResults: 'integer',
  NextToken: 'string',
};

/** Of all filters of a request. */
const MAX_FILTER_VALUES = 200;
/** AWS's least page of most actions. */
const LEAST_RESULTS = 5;

/** One page of rows; the token is absent on the last page. */
interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextToken: string | undefined;
}

/** Answers a Describe action. @throws as `selectRows`. */
export function describe<P extends IdPrefix, Row extends Tagged>(
  spec: DescribeSpec<P, Row>,
  input: ActionInput,
  snapshot: Snapshot,
): ActionOutput {
  const { rows, nextToken } = selectRows(spec, input, snapshot);
  return { [spec.member]: rows.map((row) => spec.shape(row, snapshot)), NextToken: nextToken };
}

/**
 * Selects the rows of a request's ids and filters, and cuts its page out of them.
 * @throws NotFound when an id names nothing.
 * @throws InvalidParameterValue when a filter is unknown.
 */
export function selectRows<P extends IdPrefix, Row extends Tagged>(
  spec: Omit<DescribeSpec<P, Row>, 'member' | 'shape'>,
  input: ActionInput,
  snapshot: Snapshot,
): Page<Row> {
  const ids = stringsOf(input, spec.idsParameter);
  const rows = spec.rows(snapshot);
  const chosen = ids.length === 0 ? [...rows.values()] : findRows(rows, spec.prefix, ids);
  const filters = { ...tagFilters<Row>(input), ...spec.filters };
  return pageOf(filterRows(chosen, filters, input, snapshot), input, spec.leastResults);
}

/**
 * Keeps the rows that match every filter of the request; a filter matches by any of its values.
 * @throws InvalidParameterValue when a filter's name is not in the table; FilterLimitExceeded.
 */
export function filterRows<Row>(
  rows: readonly Row[],
  filters: Filters<Row>,
  input: ActionInput,
  snapshot: Snapshot,
): Row[] {
  const given = structuresOf(input, 'Filters');
  const count = given.reduce((sum, filter) => sum + stringsOf(filter, 'Values').length, 0);
  if (count > MAX_FILTER_VALUES) throw filterLimitExceeded(MAX_FILTER_VALUES);
  const tests = given.map((filter) => {
    const name = stringOf(filter, 'Name');
    const valuesOf = Object.hasOwn(filters, name) ? filters[name] : undefined;
    if (valuesOf === undefined) throw invalidFilter(name);
    const patterns = stringsOf(filter, 'Values').map(wildcardTest);
    if (patterns.length === 0) throw missingParameter('Filter.Value');
    return (row: Row): boolean =>
      valuesOf(row, snapshot).some((value) => patterns.some((isMatch) => isMatch(String(value))));
  });
  return rows.filter((row) => tests.every((test) => test(row)));
}

/** @returns filters for `tag-key`, `tag-value` and for each `tag:KEY` that the request names. */
export function tagFilters<Row extends Tagged>(input: ActionInput): Filters<Row> {
  const filters: Record<string, FilterValues<Row>> = {
    'tag-key': (row) => [...row.tags.keys()],
    'tag-value': (row) => [...row.tags.values()],
  };
  for (const filter of structuresOf(input, 'Filters')) {
    const name = stringOf(filter, 'Name');
    if (!name.startsWith('tag:')) continue;
    const key = name.slice('tag:'.length);
    filters[name] = (row) => {
      const value = row.tags.get(key);
      return value === undefined ? [] : [value];
    };
  }
  return filters;
}

/**
 * Cuts a list into pages; the token is the index of the next row.
 * @param least The smallest `MaxResults` that AWS takes.
 * @throws InvalidNextToken when the token is not one of ours; InvalidParameterValue.
 */
export function pageOf<Row>(
  rows: readonly Row[],
  input: ActionInput,
  least = LEAST_RESULTS,
): Page<Row> {
  const limit = optionalInteger(input, 'MaxResults') ?? Math.max(rows.length, least);
  if (limit < least) throw tooFewResults(limit, least);
  const token = optionalString(input, 'NextToken') ?? '0';
  const start = Number(token);
  if (!/^\d{1,9}$/.test(token) || start > rows.length) throw invalidNextToken(token);
  const end = start + limit;
  return { rows: rows.slice(start, end), nextToken: end < rows.length ? String(end) : undefined };
}

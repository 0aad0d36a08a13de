/** The pages of answers of Elastic Load Balancing. */
import type { ActionInput, ParameterType } from '../action.ts';
import { optionalInteger, optionalString } from '../input.ts';
import { validationError } from './balancing-errors.ts';
import { checkRange } from './ranges.ts';

export const PAGE_PARAMETERS: Readonly<Record<string, ParameterType>> = {
  Marker: 'string',
  PageSize: 'integer',
};

const PAGE_SIZES = { least: 1, most: 400 };

/** One page of rows; the marker is absent on the last page. */
interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextMarker: string | undefined;
}

/** Cuts a list into pages; the marker is the index of the next row. @throws ValidationError */
export function pageOf<Row>(rows: readonly Row[], input: ActionInput): Page<Row> {
  const size = optionalInteger(input, 'PageSize') ?? PAGE_SIZES.most;
  checkRange('PageSize', size, PAGE_SIZES);
  const marker = optionalString(input, 'Marker') ?? '0';
  const start = Number(marker);
  if (!/^\d{1,9}$/.test(marker) || start > rows.length) {
    throw validationError(`The marker '${marker}' is not valid`);
  }
  const end = start + size;
  return { rows: rows.slice(start, end), nextMarker: end < rows.length ? String(end) : undefined };
}

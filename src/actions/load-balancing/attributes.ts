/** Attributes: what Elastic Load Balancing has changed by texts with a key, all of a request or none. */
import type { ActionInput, ActionOutput, ParameterType } from '../action.ts';
import { optionalString, structuresOf } from '../input.ts';
import { invalidConfiguration, validationError } from './balancing-errors.ts';
import type { Range } from './ranges.ts';

/** How one attribute is read out of a row, and put into it. */
export interface Attribute<Row> {
  readonly read: (row: Row) => string;
  /** @throws ValidationError */
  readonly write: (row: Row, value: string) => Row;
}

/** By their keys. */
export type Attributes<Row> = Readonly<Record<string, Attribute<Row>>>;

export const ATTRIBUTE_LIST: ParameterType = [{ Key: 'string', Value: 'string' }];

/** AWS's list of attributes. */
export function attributeShapes<Row>(attributes: Attributes<Row>, row: Row): ActionOutput[] {
  return Object.entries(attributes).map(([Key, { read }]) => ({ Key, Value: read(row) }));
}

/** @returns the attributes that a request gives, by their keys. @throws ValidationError */
export function readAttributes(input: ActionInput): Map<string, string> {
  const given = structuresOf(input, 'Attributes').map((each) => {
    const key = optionalString(each, 'Key');
    if (key === undefined) throw validationError('The attribute key must be specified');
    return [key, optionalString(each, 'Value') ?? ''] as const;
  });
  const values = new Map(given);
  if (values.size < given.length) throw validationError('Attribute keys must be unique');
  return values;
}

/** @returns the row with the given attributes. @throws ValidationError */
export function withAttributes<Row>(
  attributes: Attributes<Row>,
  row: Row,
  given: ReadonlyMap<string, string>,
): Row {
  let changed = row;
  for (const [key, value] of given) {
    const attribute = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
    if (attribute === undefined) {
      throw validationError(`Attribute key '${key}' is not recognized`);
    }
    changed = attribute.write(changed, value);
  }
  return changed;
}

/** @throws ValidationError */
export function switchOf(key: string, value: string): boolean {
  if (value !== 'true' && value !== 'false') {
    throw validationError(`'${key}' must be one of [true, false]`);
  }
  return value === 'true';
}

/** @throws ValidationError */
export function secondsOf(key: string, value: string, { least, most }: Range): number {
  const seconds = Number(value);
  if (!/^\d{1,9}$/.test(value) || seconds < least || seconds > most) {
    throw validationError(`'${key}' must be between '${least}' and '${most}' inclusive`);
  }
  return seconds;
}

/** @throws InvalidConfigurationRequest */
export function wordOf<W extends string>(key: string, value: string, words: readonly W[]): W {
  const word = words.find((each) => each === value);
  if (word === undefined) {
    throw invalidConfiguration(`'${key}' must be one of [${words.join(', ')}]`);
  }
  return word;
}

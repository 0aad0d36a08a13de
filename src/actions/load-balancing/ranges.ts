/** Numbers of requests that have a range. */
import { constraintError } from './balancing-errors.ts';

export interface Range {
  readonly least: number;
  readonly most: number;
}

/** @param path Of the parameter. @throws ValidationError */
export function checkRange(path: string, value: number, { least, most }: Range): void {
  if (value < least) {
    throw constraintError(
      path,
      String(value),
      `Member must have value greater than or equal to ${least}`,
    );
  }
  if (value > most) {
    throw constraintError(
      path,
      String(value),
      `Member must have value less than or equal to ${most}`,
    );
  }
}

/** What is said of a command that is none. */

/** A command that is not one; the message says what was wanted. */
export class AwsCommandError extends Error {
  override readonly name = 'AwsCommandError';
}

/** @param found null: nothing. */
export function wrong(spelling: string, found: string | null, wanted: string): AwsCommandError {
  const state = found === null ? 'nothing' : `"${found}"`;
  return new AwsCommandError(`Cannot read "${spelling}": found ${state}, wanted ${wanted}`);
}

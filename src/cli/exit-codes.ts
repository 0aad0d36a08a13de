/** Exit codes of the command line, and the error that carries one to `main.ts`. */

export const EXIT = {
  good: 0,
  /** A step, an expectation or a check of the host failed. */
  checkFailed: 1,
  /** Wrong arguments, or a lab file that cannot be used. */
  usage: 2,
  /** This host cannot do it: no root, no /dev/net/tun, a program is missing. */
  host: 3,
  /** No such lab, instance or interface. */
  notFound: 4,
  /** Ended by Ctrl-C: 128 and the number of SIGINT, as shells do. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Something the user has to know and can act on; shown without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  /** A second line: what to do. */
  readonly hint: string | null;

  /** @param message `Cannot <act> "<what>": <state>, <wanted>`. */
  constructor(exitCode: ExitCode, message: string, hint: string | null = null) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

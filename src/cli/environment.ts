/** Every flag from the environment: `vpclab up --timeout` from `VPCLAB_UP_TIMEOUT`. */
import { type Command, InvalidArgumentError, type Option } from 'commander';
import { CliError, EXIT } from './exit-codes.ts';

const YES = /^(?:1|true|yes|on)$/i;
const NO = /^(?:0|false|no|off)$/i;

/** @returns the variable of a flag. @param flag Its long name without dashes: `max-workers`. */
export function environmentName(command: string, flag: string): string {
  return `VPCLAB_${command}_${flag}`.toUpperCase().replaceAll('-', '_');
}

/** Names the variables in the help of a command. */
export function describeEnvironment(command: Command): void {
  for (const option of command.options) {
    option.description += ` (env: ${environmentName(command.name(), option.name())})`;
  }
}

/**
 * Sets the flags that the command line leaves out. Not commander's own reading of variables: it
 * takes any text for a switch that is on, and `VPCLAB_RUN_KEEP=0` must not switch anything on.
 * @throws CliError usage when a variable does not fit its flag.
 */
export function applyEnvironment(command: Command, environment: NodeJS.ProcessEnv): void {
  for (const option of command.options) {
    const name = environmentName(command.name(), option.name());
    const text = environment[name] ?? '';
    const key = option.attributeName();
    if (text === '' || command.getOptionValueSource(key) === 'cli') continue;
    const value = parseVariable(name, text, option);
    if (value !== undefined) command.setOptionValueWithSource(key, value, 'env');
  }
}

/** @returns undefined when the variable switches nothing on. */
function parseVariable(name: string, text: string, option: Option): unknown {
  if (option.isBoolean()) {
    if (YES.test(text)) return true;
    if (NO.test(text)) return undefined;
    throw new CliError(EXIT.usage, `Cannot read "${name}": it is "${text}", wanted 1 or 0`);
  }
  if (option.parseArg === undefined) return text;
  try {
    return option.parseArg(text, undefined);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new CliError(EXIT.usage, `Cannot read "${name}": it is "${text}", ${error.message}`);
  }
}

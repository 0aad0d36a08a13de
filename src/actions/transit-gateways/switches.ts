/** AWS's `enable` and `disable`. */
import type { ActionInput } from '../action.ts';
import { onlyValue } from '../edges/gateway-errors.ts';
import { optionalString } from '../input.ts';

export function switchText(isOn: boolean): 'enable' | 'disable' {
  return isOn ? 'enable' : 'disable';
}

/**
 * Reads an option that can be switched.
 * @returns undefined when it was not given.
 * @throws InvalidParameterValue for another word.
 */
export function optionalSwitch(input: ActionInput, name: string): boolean | undefined {
  const text = optionalString(input, name);
  if (text === undefined) return undefined;
  if (text === 'enable' || text === 'disable') return text === 'enable';
  throw onlyValue(name.charAt(0).toLowerCase() + name.slice(1), text, 'enable or disable');
}

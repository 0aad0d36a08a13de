/**
 * Planned actions as a person would send them: lines for the AWS CLI, which `vpclab aws` and the
 * `aws` parts of steps take too. Ids that are not known yet are references such as `${vpc:main}`,
 * which steps resolve.
 */
import type { ActionDefinition, ActionInput, ParameterType } from '../../actions/action.ts';
import { partsOfAction } from '../../actions/action-names.ts';
import { CLI_SERVICES, toKebab } from '../../actions/cli-name.ts';
import { isStructure } from '../../actions/input.ts';
import { fromBase64, negatedSpelling } from '../file/aws-customizations.ts';
import type { PlannedAction } from './planned-action.ts';

/**
 * @param region Where to ask; null: at home.
 * @returns `aws ec2 create-subnet --vpc-id '${vpc:main}' …`, which a shell reads as it is meant; null
 *   for an action that the API does not have: only a lab file asks for it.
 */
export function awsLine(
  { action, input }: Pick<PlannedAction, 'action' | 'input'>,
  actions: ReadonlyMap<string, ActionDefinition>,
  region: string | null,
): string | null {
  const parameters = actions.get(action)?.parameters;
  if (parameters === undefined) return null;
  const { MinCount, MaxCount, UserData, ...others } = input;
  const count = MinCount === undefined ? [] : ['--count', countOf(MinCount, MaxCount)];
  const options = Object.entries(others).flatMap(([name, value]) =>
    value === undefined ? [] : optionOf(name, value, parameters[name] ?? 'string'),
  );
  // The AWS CLI encodes it.
  const userData = UserData === undefined ? [] : ['--user-data', fromBase64(String(UserData))];
  const where = region === null ? [] : ['--region', region];
  const { service, name } = partsOfAction(action);
  return ['aws', CLI_SERVICES[service], toKebab(name), ...options, ...userData, ...count, ...where]
    .map(quoted)
    .join(' ');
}

/** The AWS CLI has one option for the two. */
function countOf(least: unknown, most: unknown): string {
  return least === most ? String(least) : `${least}:${most}`;
}

function optionOf(name: string, value: unknown, type: ParameterType): string[] {
  const kebab = toKebab(name);
  const option = `--${kebab}`;
  if (type === 'boolean' || type === 'attributeBoolean') {
    return [isTrue(value) ? option : negatedSpelling(kebab)];
  }
  if (!Array.isArray(value)) {
    return [option, isStructure(value) ? JSON.stringify(value) : String(value)];
  }
  return typeof type !== 'string' && Array.isArray(type) && typeof type[0] === 'string'
    ? [option, ...value.map(String)]
    : [option, JSON.stringify(value)];
}

function isTrue(value: unknown): boolean {
  return (isStructure(value) ? (value as ActionInput)['Value'] : value) === true;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

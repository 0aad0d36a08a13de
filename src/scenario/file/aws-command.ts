/**
 * Reads an action of EC2 or of Elastic Load Balancing in the spelling of the AWS CLI:
 * `ec2 replace-route --route-table-id $clients --destination-cidr-block 192.0.2.10/32 …`.
 * Driven by the actions' own tables of parameters. Variables stay in the input as they are.
 */
import type { ActionDefinition, ActionInput, ParameterType } from '../../actions/action.ts';
import { partsOfAction } from '../../actions/action-names.ts';
import { CLI_SERVICES, toKebab } from '../../actions/cli-name.ts';
import { EC2_SERVICE } from '../../actions/parameters.ts';
import { isOpenRegion, OPEN_REGIONS } from '../../model/zones.ts';
import { AwsCommandError, wrong } from './aws-command-error.ts';
import { checkTogether, customOptionsOf, negatedSpelling, toBase64 } from './aws-customizations.ts';
import { wantedName } from './problems.ts';
import { splitWords } from './shell-words.ts';
import { parseShorthand, type ShorthandValue } from './shorthand.ts';

export interface AwsCommand {
  /** As `performAction` takes it, such as `ReplaceRoute`. */
  readonly action: string;
  readonly input: ActionInput;
  /** Of `--region`; null: that of the lab file. */
  readonly region: string | null;
}

/** Options of the AWS CLI itself that take a value; a lab has one account and endpoint. */
const GLOBAL_VALUES = ['--profile', '--output', '--query', '--endpoint-url', '--color'];
const GLOBAL_SWITCHES = ['--no-cli-pager', '--no-paginate', '--no-verify-ssl', '--debug'];

/** @throws AwsCommandError in the grammar of lab file problems. */
export function parseAwsCommand(
  command: string,
  actions: ReadonlyMap<string, ActionDefinition>,
): AwsCommand {
  const words = splitWords(command);
  if (words === null) {
    throw new AwsCommandError(`Cannot read "${command}": found an open quote, wanted its end`);
  }
  if (words[0] === 'aws') words.shift();
  const [service = '', operation = '', ...rest] = words;
  if (!Object.values(CLI_SERVICES).includes(service)) {
    const wanted = Object.values(CLI_SERVICES)
      .map((each) => `"${each}"`)
      .join(' or ');
    throw new AwsCommandError(
      `Cannot read "${command}": found service "${service}", wanted ${wanted}`,
    );
  }
  const names = operationsOf(service, actions);
  const definition = actions.get(names.get(operation) ?? '');
  if (definition === undefined) {
    const wanted = wantedName(operation, names.keys(), `an action of ${service}`);
    throw new AwsCommandError(
      `Cannot do "${service} ${operation}": found an unknown action, wanted ${wanted}`,
    );
  }
  const { region, others } = takeRegion(rest);
  const input = readOptions(operation, definition, others);
  const missing = definition.required.filter((name) => input[name] === undefined);
  if (missing.length > 0) {
    const wanted = missing.map((name) => `--${toKebab(name)}`).join(', ');
    throw new AwsCommandError(
      `Cannot do "${service} ${operation}": found too few options, wanted ${wanted}`,
    );
  }
  return { action: definition.name, input, region };
}

/** @returns what the CLI calls the actions of a service, to their names. */
function operationsOf(
  cliService: string,
  actions: ReadonlyMap<string, ActionDefinition>,
): Map<string, string> {
  const all = Array.from(actions.keys(), (action) => ({ action, ...partsOfAction(action) }));
  const own = all.filter(({ service }) => CLI_SERVICES[service] === cliService);
  return new Map(own.map(({ action, name }) => [toKebab(name), action]));
}

/** @throws AwsCommandError for a region that no account can use without asking. */
function takeRegion(words: readonly string[]): {
  readonly region: string | null;
  readonly others: readonly string[];
} {
  const at = words.findIndex((word) => /^--region(?:=|$)/.test(word));
  if (at === -1) return { region: null, others: words };
  const [option = '', value] = words.slice(at, at + 2);
  const isJoined = option.includes('=');
  const region = isJoined ? option.slice(option.indexOf('=') + 1) : (value ?? '');
  if (!isOpenRegion(region)) {
    const wanted = wantedName(region, OPEN_REGIONS, 'a region');
    throw new AwsCommandError(`Cannot ask "${region}": found an unknown region, wanted ${wanted}`);
  }
  return { region, others: words.toSpliced(at, isJoined ? 1 : 2) };
}

interface Option {
  readonly name: string;
  readonly type: ParameterType;
  readonly negated: boolean;
}

/** All options of an action, by their spelling. */
function optionsOf(definition: ActionDefinition): Map<string, Option> {
  const options = new Map<string, Option>();
  for (const [name, type] of Object.entries({
    ...definition.parameters,
    ...(definition.service ?? EC2_SERVICE).common,
  })) {
    const kebab = toKebab(name);
    options.set(`--${kebab}`, { name, type, negated: false });
    if (type === 'boolean' || type === 'attributeBoolean') {
      options.set(negatedSpelling(kebab), { name, type, negated: true });
    }
  }
  return options;
}

function readOptions(
  operation: string,
  definition: ActionDefinition,
  words: readonly string[],
): Record<string, unknown> {
  const options = optionsOf(definition);
  const customs = customOptionsOf(definition.name);
  const input: Record<string, unknown> = {};
  const given = new Set<string>();
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('--')) {
      throw new AwsCommandError(
        `Cannot read "${word}": found it without an option, wanted --NAME before it`,
      );
    }
    const equals = word.indexOf('=');
    const spelling = equals === -1 ? word : word.slice(0, equals);
    const values = equals === -1 ? [] : [word.slice(equals + 1)];
    while (rest[0] !== undefined && !isOption(rest[0])) values.push(rest.shift() ?? '');
    if (GLOBAL_SWITCHES.includes(spelling) || GLOBAL_VALUES.includes(spelling)) continue;
    given.add(spelling);
    const custom = customs.get(spelling);
    if (custom !== undefined) {
      custom(spelling, values, input);
      continue;
    }
    const option = options.get(spelling);
    if (option === undefined) {
      const wanted = wantedName(spelling, [...options.keys(), ...customs.keys()], 'an option');
      throw new AwsCommandError(
        `Cannot read "${spelling}": found an unknown option of ${operation}, wanted ${wanted}`,
      );
    }
    input[option.name] = readValues(spelling, option, values);
  }
  checkTogether(given);
  return input;
}

/** A negative number is a value, not an option. */
function isOption(word: string): boolean {
  return word.startsWith('--') && word.length > 2;
}

function readValues(spelling: string, option: Option, values: readonly string[]): unknown {
  const { type, negated } = option;
  const [first] = values;
  if (negated) {
    if (first !== undefined) throw wrong(spelling, first, 'no value');
    return type === 'boolean' ? false : { Value: false };
  }
  if (type === 'boolean') {
    return first === undefined ? true : toBoolean(spelling, first);
  }
  if (type === 'attributeBoolean') return { Value: readAttribute(spelling, first) };
  if (isList(type)) return readList(spelling, type[0], values);
  if (first === undefined || values.length > 1) {
    throw wrong(spelling, values.length === 0 ? null : values.join(' '), 'one value');
  }
  if (typeof type === 'string') return coerce(spelling, type, first);
  return coerce(spelling, type, parseStructure(spelling, first));
}

function readAttribute(spelling: string, text: string | undefined): boolean {
  if (text === undefined) return true;
  const structure = text.includes('=') || text.startsWith('{');
  const value = structure ? parseStructure(spelling, text) : text;
  const inner = isMap(value) ? value['Value'] : value;
  if (typeof inner === 'boolean') return inner;
  return toBoolean(spelling, String(inner));
}

function readList(spelling: string, item: ParameterType, values: readonly string[]): unknown[] {
  const [first] = values;
  if (values.length === 1 && first?.trimStart().startsWith('[') === true) {
    const list = parseJson(spelling, first);
    if (!Array.isArray(list)) throw wrong(spelling, first, 'a JSON list');
    return list.map((value) => coerce(spelling, item, value));
  }
  const scalar = typeof item === 'string';
  return values.map((value) =>
    coerce(spelling, item, scalar ? value : parseStructure(spelling, value)),
  );
}

function parseStructure(spelling: string, text: string): unknown {
  if (text.trimStart().startsWith('{')) return parseJson(spelling, text);
  const value = parseShorthand(text);
  if (value === null) throw wrong(spelling, text, 'JSON or shorthand such as Key=Name,Value=r1');
  return value;
}

function parseJson(spelling: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong(spelling, text, 'valid JSON');
  }
}

/** Gives texts of the command line the types of the parameter. */
function coerce(spelling: string, type: ParameterType, value: unknown): unknown {
  if (isList(type)) {
    const list = Array.isArray(value) ? value : [value as ShorthandValue];
    return list.map((item) => coerce(spelling, type[0], item));
  }
  if (typeof type !== 'string') return coerceMembers(spelling, type, value);
  if (type === 'attributeBoolean') {
    return { Value: toBoolean(spelling, String(isMap(value) ? value['Value'] : value)) };
  }
  if (typeof value === 'object' && value !== null)
    throw wrong(spelling, JSON.stringify(value), 'a text');
  const text = String(value);
  if (type === 'blob') return toBase64(text);
  if (type === 'boolean') return toBoolean(spelling, text);
  if (type === 'integer') {
    if (!/^-?\d+$/.test(text)) throw wrong(spelling, text, 'a whole number');
    return Number(text);
  }
  return text;
}

function coerceMembers(
  spelling: string,
  members: Readonly<Record<string, ParameterType>>,
  value: unknown,
): unknown {
  if (!isMap(value)) throw wrong(spelling, String(value), 'a structure');
  const entries = Object.entries(value).map(([key, inner]) => {
    const type = Object.hasOwn(members, key) ? members[key] : undefined;
    if (type === undefined) {
      const wanted = wantedName(key, Object.keys(members), 'a member');
      throw new AwsCommandError(
        `Cannot read "${spelling}": found unknown member "${key}", wanted ${wanted}`,
      );
    }
    return [key, coerce(spelling, type, inner)];
  });
  return Object.fromEntries(entries);
}

function toBoolean(spelling: string, text: string): boolean {
  const lower = text.toLowerCase();
  if (lower !== 'true' && lower !== 'false') throw wrong(spelling, text, 'true or false');
  return lower === 'true';
}

function isList(type: ParameterType): type is readonly [ParameterType] {
  return Array.isArray(type);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

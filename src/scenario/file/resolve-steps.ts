/** The steps of a lab file, with names checked, durations in milliseconds and AWS commands decoded. */
import type { ActionInput } from '../../actions/action.ts';
import { parseIpv4 } from '../../addr/ipv4.ts';
import { parseIpv6 } from '../../addr/ipv6.ts';
import { parseMac } from '../../addr/mac.ts';
import type {
  ArpEntry,
  Expectation,
  LabAwsCommand,
  LabOutage,
  LabPower,
  LabRun,
  LabSetting,
  LabStep,
} from '../lab.ts';
import { variablesIn } from '../names.ts';
import { parseAwsCommand } from './aws-command.ts';
import { AwsCommandError } from './aws-command-error.ts';
import { parseDuration } from './durations.ts';
import { type Path, wantedName } from './problems.ts';
import type { LabFileExpectation, LabFileSetting, LabFileStep } from './schema-steps.ts';
import {
  checkVariable,
  resolveInstance,
  resolveInstances,
  resolveInterface,
  type Scope,
  shortName,
} from './scope.ts';

const EXPECT_WITHIN_MS = 5_000;
const COMMAND_WITHIN_MS = 30_000;
const OUTAGE_WITHIN_MS = 30_000;
/** What an interface becomes when a step attaches it and names no device. */
const DEFAULT_DEVICE = 1;

/** What resolving a step needs beside its fields. */
interface StepContext {
  readonly scope: Scope;
  /** Names that the AWS commands so far have made. */
  readonly made: Set<string>;
}

export function resolveSteps(steps: readonly LabFileStep[], scope: Scope): LabStep[] {
  const context: StepContext = { scope, made: new Set() };
  return steps.map((step, index) => resolveStep(step, ['steps', index], context));
}

function resolveStep(step: LabFileStep, path: Path, context: StepContext): LabStep {
  const power: LabPower[] = [];
  for (const kind of ['stop', 'start', 'kill'] as const) {
    const names = step[kind];
    if (names === undefined) continue;
    power.push({ kind, instances: resolveInstances(context.scope, names, [...path, kind]) });
  }
  return {
    name: step.name,
    path,
    power,
    set: each(step.set, [...path, 'set'], (value, at) => resolveSetting(value, at, context)),
    aws: each(step.aws, [...path, 'aws'], (value, at) => resolveAws(value, at, context)),
    run: each(step.run, [...path, 'run'], (value, at) => ({
      on: resolveInstances(context.scope, value.on, [...at, 'on']),
      command: value.command,
      withinMs: milliseconds(value.within, COMMAND_WITHIN_MS),
    })) satisfies LabRun[],
    expect: each(step.expect, [...path, 'expect'], (value, at) =>
      resolveExpectation(value, at, context),
    ),
    outage:
      step.outage === undefined ? null : resolveOutage(step.outage, [...path, 'outage'], context),
  };
}

/** Resolves one value or a list of values; what cannot be resolved was reported and is left out. */
function each<T, R>(
  values: T | readonly T[] | undefined,
  path: Path,
  resolve: (value: T, path: Path) => R | null,
): R[] {
  if (values === undefined) return [];
  const isList = Array.isArray(values);
  const list: readonly T[] = isList ? values : [values as T];
  return list.flatMap((value, index) => resolve(value, isList ? [...path, index] : path) ?? []);
}

function milliseconds(duration: string | undefined, otherwise: number): number {
  return duration === undefined ? otherwise : (parseDuration(duration) ?? otherwise);
}

function resolveSetting(
  setting: LabFileSetting,
  path: Path,
  context: StepContext,
): LabSetting | null {
  const { scope } = context;
  const names = [setting.instance, setting.interface].filter((name) => name !== undefined);
  const [name] = names;
  if (name === undefined || names.length > 1) {
    scope.report.at(
      path,
      `Cannot set anything: found ${names.length === 0 ? 'no' : 'an instance and an'} interface, wanted instance or interface`,
    );
    return null;
  }
  if (Object.keys(setting).length === 1) {
    scope.report.at(
      path,
      `Cannot set "${name}": found nothing to set, wanted sourceDestCheck, securityGroups, address or attach`,
    );
  }
  const field = setting.instance === undefined ? 'interface' : 'instance';
  const target = resolveInterface(scope, name, [...path, field]);
  if (setting.address !== undefined) checkAddress(setting.address, [...path, 'address'], context);
  const securityGroups = resolveGroups(
    setting.securityGroups,
    [...path, 'securityGroups'],
    context,
  );
  if (target === null) return null;
  return {
    interface: target,
    sourceDestCheck: setting.sourceDestCheck ?? null,
    securityGroups,
    address: setting.address ?? null,
    attach: resolveAttach(setting.attach, [...path, 'attach'], scope),
  };
}

/** Which VPC's groups are meant is known when the step is played: that of the interface. */
function resolveGroups(
  names: string | readonly string[] | undefined,
  path: Path,
  { scope, made }: StepContext,
): string[] | null {
  if (names === undefined) return null;
  const known = new Set([...made, ...Array.from(scope.securityGroups, shortName)]);
  return each(names, path, (name: string, at) => {
    if (known.has(name)) return name;
    const wanted = wantedName(name, known, 'a security group');
    scope.report.at(at, `Cannot use "${name}": found an unknown security group, wanted ${wanted}`);
    return null;
  });
}

function resolveAttach(
  attach: LabFileSetting['attach'],
  path: Path,
  scope: Scope,
): LabSetting['attach'] {
  if (attach === undefined) return null;
  if (attach === 'none') return 'none';
  const isName = typeof attach === 'string';
  const instance = resolveInstance(
    scope,
    isName ? attach : attach.instance,
    isName ? path : [...path, 'instance'],
  );
  if (instance === null) return null;
  return { instance, device: isName ? DEFAULT_DEVICE : (attach.device ?? DEFAULT_DEVICE) };
}

function resolveAws(
  value: string | { readonly command: string; readonly fails?: string | undefined },
  path: Path,
  context: StepContext,
): LabAwsCommand | null {
  const { command, fails } =
    typeof value === 'string' ? { command: value, fails: undefined } : value;
  const at = typeof value === 'string' ? path : [...path, 'command'];
  for (const variable of variablesIn(command)) {
    checkVariable(context.scope, variable, context.made, at);
  }
  try {
    const { action, input, region } = parseAwsCommand(command, context.scope.options.actions);
    const { home } = context.scope.regions;
    for (const name of namesGiven(action, input)) context.made.add(name);
    const realm = region === null ? home : { ...home, region };
    return { command, realm, action, input, fails: fails ?? null };
  } catch (error) {
    if (!(error instanceof AwsCommandError)) throw error;
    context.scope.report.at(at, error.message);
    return null;
  }
}

/** The parameters that are the names of what the actions make. */
const NAME_PARAMETERS: Readonly<Record<string, string>> = {
  CreateSecurityGroup: 'GroupName',
  CreateManagedPrefixList: 'PrefixListName',
};

/** @returns the names that an action gives to something, by Name tags or otherwise. */
function namesGiven(action: string, input: ActionInput): string[] {
  const own = input[NAME_PARAMETERS[action] ?? ''];
  const specifications = [input, ...listOf(input['TagSpecifications'])];
  const tagged = specifications
    .flatMap((specification) => listOf((specification as ActionInput)['Tags']))
    .filter((tag) => (tag as ActionInput)['Key'] === 'Name')
    .map((tag) => String((tag as ActionInput)['Value']));
  return own === undefined ? tagged : [String(own), ...tagged];
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function resolveExpectation(
  value: LabFileExpectation,
  path: Path,
  context: StepContext,
): Expectation | null {
  const { scope } = context;
  const withinMs = milliseconds(value.within, EXPECT_WITHIN_MS);
  if ('drops' in value) return resolveDrops(value.drops, withinMs, [...path, 'drops'], context);
  const on = resolveInstances(scope, value.on, [...path, 'on']);
  if ('command' in value) {
    return {
      kind: 'command',
      withinMs,
      on,
      command: value.command,
      fails: value.fails ?? false,
      matches: value.matches === undefined ? null : new RegExp(value.matches, 'm'),
      equals: value.equals ?? null,
    };
  }
  if ('log' in value) {
    return { kind: 'log', withinMs, on, log: new RegExp(value.log), count: value.count ?? 1 };
  }
  if ('flowLog' in value) {
    const flowLog = new RegExp(value.flowLog);
    return { kind: 'flow-log', withinMs, on, flowLog, count: value.count ?? 1 };
  }
  if ('health' in value) return { kind: 'health', withinMs, on, health: value.health };
  const entries = new Map<string, ArpEntry>();
  for (const [address, wanted] of Object.entries(value.arp)) {
    const at = [...path, 'arp', address];
    checkAddress(address, at, context);
    const entry = resolveArpEntry(wanted, at, scope);
    if (entry !== null) entries.set(address, entry);
  }
  return { kind: 'arp', withinMs, on, entries };
}

function resolveArpEntry(wanted: string, path: Path, scope: Scope): ArpEntry | null {
  if (wanted === 'none') return { kind: 'none' };
  const mac = parseMac(wanted);
  if (mac !== null) return { kind: 'mac', mac };
  const variable = resolveInterface(scope, wanted, path);
  return variable === null ? null : { kind: 'interface', variable };
}

type LabFileDrops = Extract<LabFileExpectation, { drops: unknown }>['drops'];

function resolveDrops(
  drops: LabFileDrops,
  withinMs: number,
  path: Path,
  { scope }: StepContext,
): Expectation {
  const { dropReasons } = scope.options;
  if (!dropReasons.has(drops.reason)) {
    const wanted = wantedName(drops.reason, dropReasons, 'a drop reason');
    scope.report.at(
      [...path, 'reason'],
      `Cannot count "${drops.reason}": found an unknown drop reason, wanted ${wanted}`,
    );
  }
  const { exactly } = drops;
  const atMost = exactly ?? drops.atMost ?? Number.POSITIVE_INFINITY;
  // Without any bound the drop must have happened; an upper bound alone may be met by none.
  const atLeast = exactly ?? drops.atLeast ?? (drops.atMost === undefined ? 1 : 0);
  if (atLeast > atMost) {
    scope.report.at(
      path,
      `Cannot count "${drops.reason}": found atLeast above atMost, wanted bounds that can be met`,
    );
  }
  const from = resolvePorts(scope, drops.from, [...path, 'from']);
  const { reason, since = 'lab' } = drops;
  return { kind: 'drops', withinMs, from, reason, atLeast, atMost, since };
}

/** An instance stands for all its devices; `r1.eth1` for that one. */
function resolvePorts(scope: Scope, from: string | readonly string[], path: Path): string[] {
  if (typeof from !== 'string') {
    return from.flatMap((name, index) => resolvePorts(scope, name, [...path, index]));
  }
  if (!from.includes('.')) return resolveInstances(scope, from, path);
  const variable = resolveInterface(scope, from, path);
  return variable === null ? [] : [variable];
}

function checkAddress(text: string, path: Path, context: StepContext): void {
  if (parseIpv4(text) !== null || parseIpv6(text) !== null) return;
  const variables = variablesIn(text);
  for (const variable of variables) checkVariable(context.scope, variable, context.made, path);
  if (variables.length > 0) return;
  context.scope.report.at(
    path,
    `Cannot use "${text}": found no address, wanted an IP address or a variable such as $r1.eth0.address`,
  );
}

function resolveOutage(
  outage: NonNullable<LabFileStep['outage']>,
  path: Path,
  context: StepContext,
): LabOutage {
  const on = resolveInstances(context.scope, outage.on, [...path, 'on']);
  const to = each(outage.to, [...path, 'to'], (address: string, at) => {
    checkAddress(address, at, context);
    return address;
  });
  const { protocol = 'icmp', port = 0 } = outage;
  if ((protocol === 'icmp') !== (port === 0)) {
    const wanted = port === 0 ? `a port for ${protocol}` : 'protocol: udp or tcp, or no port';
    context.scope.report.at(
      path,
      `Cannot probe "${to.join(', ')}": found ${port === 0 ? 'no port' : `port ${port} for icmp`}, wanted ${wanted}`,
    );
  }
  return {
    on,
    to,
    protocol,
    port,
    belowMs: outage.below === undefined ? null : parseDuration(outage.below),
    atLeastMs: outage.atLeast === undefined ? null : parseDuration(outage.atLeast),
    withinMs: milliseconds(outage.within, OUTAGE_WITHIN_MS),
  };
}

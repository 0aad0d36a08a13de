/**
 * Plays the steps of a lab: outage start, stop/start/kill, set, aws, run, expect, outage end.
 * A step ends at its first part that goes wrong; the next step is played all the same.
 */
import type { ActionInput } from '../../actions/action.ts';
import type { LabRuntime, PortStats } from '../../engine/control-api.ts';
import type { InstanceId } from '../../model/ids.ts';
import type { Realm } from '../../model/realm.ts';
import type { Eni } from '../../model/records.ts';
import type { Fabric } from '../../model/snapshot.ts';
import { formatDuration } from '../file/durations.ts';
import type { Lab, LabAwsCommand, LabPower, LabRun, LabSetting, LabStep } from '../lab.ts';
import {
  eniOf,
  expandInput,
  expandShellVariables,
  expandVariables,
  indexNames,
  type NameIndex,
  nameOf,
} from '../names.ts';
import { type Clock, poll } from '../poll.ts';
import { checkExpectation, describeExit, type StepRuntime } from './expectations.ts';
import { type OutageResult, startOutage } from './outage.ts';
import type { OutageReport } from './outage-report.ts';

/** What a step came to; the line that `run --json` prints. */
export interface StepReport {
  readonly type: 'step';
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  /** The longest time without an answer, of a step with `outage`. */
  readonly outageMs?: number;
  /** All times without answers, with the calls that ended them. */
  readonly outages?: readonly OutageReport[];
  /** What was found and what was wanted, of a step that failed. */
  readonly message?: string;
}

/** How long an instance may take to stop or start. */
const POWER_WITHIN_MS = 60_000;

export async function* playSteps(
  lab: Lab,
  runtime: LabRuntime,
  clock: Clock,
): AsyncGenerator<StepReport, void> {
  const context: StepRuntime = { lab: runtime, clock, names: namesOf(runtime) };
  for (const step of lab.steps) {
    const startMs = clock.nowMs();
    const { wrong, outageMs, outages } = await playStep(step, context);
    yield {
      type: 'step',
      name: step.name,
      ok: wrong === null,
      ms: Math.round(clock.nowMs() - startMs),
      ...(outageMs === null ? {} : { outageMs }),
      ...(step.outage === null ? {} : { outages }),
      ...(wrong === null ? {} : { message: wrong }),
    };
  }
}

/** Indexes the objects once, however often its names are asked for. */
function namesOf(runtime: LabRuntime): () => NameIndex {
  let index = indexNames(runtime.fabric);
  return () => {
    if (index.fabric !== runtime.fabric) index = indexNames(runtime.fabric);
    return index;
  };
}

async function playStep(step: LabStep, runtime: StepRuntime): Promise<OutageResult> {
  try {
    if (step.outage === null) return notMeasured(await playParts(step, runtime));
    const measurement = await startOutage(step.outage, runtime);
    if (typeof measurement === 'string') return notMeasured(measurement);
    let finished = false;
    try {
      const wrong = await playParts(step, runtime);
      if (wrong !== null) return notMeasured(wrong);
      finished = true;
      return await measurement.finish();
    } finally {
      if (!finished) await measurement.abandon();
    }
  } catch (error) {
    return notMeasured(error instanceof Error ? error.message : String(error));
  }
}

function notMeasured(wrong: string | null): OutageResult {
  return { wrong, outageMs: null, outages: [] };
}

/** @returns what went wrong first, or null. */
async function playParts(step: LabStep, runtime: StepRuntime): Promise<string | null> {
  const before = await dropsBefore(step, runtime);
  for (const power of step.power) {
    const wrong = await switchPower(power, runtime);
    if (wrong !== null) return wrong;
  }
  for (const setting of step.set) await applySetting(setting, runtime);
  for (const command of step.aws) {
    const wrong = await performCommand(command, runtime);
    if (wrong !== null) return wrong;
  }
  for (const run of step.run) {
    const wrong = await runCommand(run, runtime);
    if (wrong !== null) return wrong;
  }
  for (const expectation of step.expect) {
    const wrong = await checkExpectation(expectation, runtime, before);
    if (wrong !== null) return wrong;
  }
  return null;
}

/** Counts only when an expectation of the step asks for it. */
async function dropsBefore(step: LabStep, { lab }: StepRuntime): Promise<readonly PortStats[]> {
  const isAsked = step.expect.some((each) => each.kind === 'drops' && each.since === 'step');
  return isAsked ? (await lab.stats()).ports : [];
}

async function switchPower(
  { kind, instances }: LabPower,
  runtime: StepRuntime,
): Promise<string | null> {
  const { lab, clock, names } = runtime;
  if (kind === 'kill') {
    await Promise.all(instances.map((instance) => lab.kill(instance)));
    return null;
  }
  const ids = instances.map((instance) => expandVariables(`\${instance:${instance}}`, names()));
  const action = kind === 'stop' ? 'StopInstances' : 'StartInstances';
  for (const [realm, InstanceIds] of byRealm(ids, lab.fabric))
    await lab.perform(action, { InstanceIds }, realm);
  const wanted = kind === 'stop' ? 'stopped' : 'running';
  return poll(clock, POWER_WITHIN_MS, async () => {
    const late = ids.findIndex(
      (id) => lab.fabric.instances.get(id as InstanceId)?.state !== wanted,
    );
    if (late === -1) return null;
    const state = lab.fabric.instances.get(ids[late] as InstanceId)?.state ?? 'nothing';
    return `Cannot ${kind} "${instances[late]}": found it ${state}, wanted ${wanted} within ${formatDuration(POWER_WITHIN_MS)}`;
  });
}

/** @returns the ids of instances, one list for each region. */
function byRealm(ids: readonly string[], fabric: Fabric): ReadonlyMap<Realm, readonly string[]> {
  const found = new Map<string, [realm: Realm, ids: string[]]>();
  for (const id of ids) {
    const instance = fabric.instances.get(id as InstanceId);
    const realm = instance === undefined ? undefined : fabric.vpcs.get(instance.vpcId)?.realm;
    if (realm === undefined)
      throw new Error(`Cannot find ${id}: found it gone, wanted an instance`);
    const known = found.get(realm.region);
    if (known === undefined) found.set(realm.region, [realm, [id]]);
    else known[1].push(id);
  }
  return new Map(found.values());
}

async function applySetting(setting: LabSetting, { lab, names }: StepRuntime): Promise<void> {
  const eni = eniOf(names(), setting.interface);
  if (eni === null) {
    throw new Error(
      `Cannot set "${setting.interface}": found no such interface, wanted one that exists`,
    );
  }
  const NetworkInterfaceId = eni.eniId;
  const realm = lab.fabric.vpcs.get(eni.vpcId)?.realm;
  const perform = (action: string, input: ActionInput) => lab.perform(action, input, realm);
  if (setting.sourceDestCheck !== null) {
    const SourceDestCheck = { Value: setting.sourceDestCheck };
    await perform('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, SourceDestCheck });
  }
  if (setting.securityGroups !== null) {
    const Groups = setting.securityGroups.map((name) => groupOf(name, eni, names()));
    await perform('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, Groups });
  }
  if (setting.address !== null) {
    const PrivateIpAddresses = [expandVariables(setting.address, names())];
    const input = { NetworkInterfaceId, PrivateIpAddresses, AllowReassignment: true };
    await perform('AssignPrivateIpAddresses', input);
  }
  if (setting.attach === null) return;
  if (eni.attachment !== null) {
    const AttachmentId = eni.attachment.attachmentId;
    await perform('DetachNetworkInterface', { AttachmentId, Force: true });
  }
  if (setting.attach === 'none') return;
  const { instance, device } = setting.attach;
  const InstanceId = expandVariables(`\${instance:${instance}}`, names());
  await perform('AttachNetworkInterface', {
    NetworkInterfaceId,
    InstanceId,
    DeviceIndex: device,
  });
}

/** @returns the id of the group of that name in the VPC of the interface. */
function groupOf(name: string, { vpcId }: Eni, { fabric }: NameIndex): string {
  for (const group of fabric.securityGroups.values()) {
    const isNamed = nameOf(group) === name || group.name === name;
    if (group.vpcId === vpcId && isNamed) return group.groupId;
  }
  throw new Error(`Cannot use group "${name}": found none of that name in ${vpcId}, wanted one`);
}

async function performCommand(
  { command, realm, action, input, fails }: LabAwsCommand,
  { lab, names }: StepRuntime,
): Promise<string | null> {
  const expanded: ActionInput = expandInput(input, names());
  const wanted = fails === null ? 'success' : `refusal ${fails}`;
  try {
    await lab.perform(action, expanded, realm);
  } catch (error) {
    const code = codeOf(error);
    if (code === null) throw error;
    if (code === fails) return null;
    return `Cannot do "${command}": found refusal ${code} (${(error as Error).message}), wanted ${wanted}`;
  }
  return fails === null ? null : `Cannot do "${command}": found success, wanted ${wanted}`;
}

/** @returns AWS's code of a refusal, or null for any other error. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== 'ApiError' || !('code' in error)) return null;
  return String(error.code);
}

async function runCommand(
  { on, command, withinMs }: LabRun,
  runtime: StepRuntime,
): Promise<string | null> {
  const text = expandShellVariables(command, runtime.names());
  const results = await Promise.all(
    on.map(async (instance) => {
      const result = await runtime.lab.exec(instance, text, { timeoutMs: withinMs });
      if (result.exitCode === 0) return null;
      return `Cannot run "${text}" on "${instance}": found ${describeExit(result)}, wanted exit code 0 within ${formatDuration(withinMs)}`;
    }),
  );
  return results.find((result) => result !== null) ?? null;
}

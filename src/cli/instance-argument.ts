/** The instance that `exec`, `shell` and `watch-failover` are given: `r1`, also as `lab/r1`. */
import type { InstanceStatus, LabStatus } from '../engine/control-api.ts';
import type { LabPlace } from '../engine/lab-place.ts';
import { type CliContext, type LabFlags, labChoice, placeOf } from './context.ts';
import { ControlClient } from './control-client.ts';
import { CliError, EXIT } from './exit-codes.ts';

export interface ChosenInstance {
  readonly place: LabPlace;
  readonly status: LabStatus;
  readonly instance: InstanceStatus;
  /** Of its first process. */
  readonly pid: number;
}

/** @throws CliError notFound when there is no such lab or instance, or it does not run. */
export async function findRunningInstance(
  context: CliContext,
  argument: string,
  flags: LabFlags,
): Promise<ChosenInstance> {
  const slash = argument.indexOf('/');
  const name = argument.slice(slash + 1);
  const choice = slash === -1 ? labChoice(undefined, flags) : { name: argument.slice(0, slash) };
  const place = await placeOf(context, choice);
  const status = await new ControlClient(place).status();
  const instance = status.instances.find((candidate) => candidate.name === name);
  if (instance !== undefined) {
    return { place, status, instance, pid: pidOf(instance, status) };
  }
  const names = status.instances.map((candidate) => candidate.name).join(', ');
  throw new CliError(
    EXIT.notFound,
    `Cannot find instance "${name}": lab "${status.name}" has ${names || 'none'}`,
  );
}

function pidOf({ name, state, pid }: InstanceStatus, status: LabStatus): number {
  if (pid !== null) return pid;
  const reason = status.isRecords
    ? `lab "${status.name}" is of records only, nothing runs in it`
    : `it is ${state}, wanted running`;
  throw new CliError(EXIT.notFound, `Cannot use instance "${name}": ${reason}`);
}

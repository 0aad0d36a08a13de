/** Does what a plan says: stage by stage, the actions of one stage at once. */
import type { ActionInput, ActionOutput } from '../../actions/action.ts';
import type { LabRuntime } from '../../engine/control-api.ts';
import type { InstanceId, NatGatewayId, PeeringId } from '../../model/ids.ts';
import { ownServiceName } from '../../model/lookups/endpoints.ts';
import type { Fabric } from '../../model/snapshot.ts';
import { type Clock, poll } from '../poll.ts';
import { currentLab } from './current.ts';
import type { PlannedAction } from './planned-action.ts';
import { untoldId } from './untold-ids.ts';

/** What applying needs of a running lab. */
export type ApplyRuntime = Pick<LabRuntime, 'name' | 'fabric' | 'perform'>;

export interface ApplyOptions {
  readonly clock: Clock;
  /** Called when an action is done. */
  readonly onDone?: (planned: PlannedAction, done: number, total: number) => void;
}

/** An action of a plan that was refused; `cause` is the refusal. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
  readonly planned: PlannedAction;

  constructor(planned: PlannedAction, cause: unknown) {
    const state = cause instanceof Error ? cause.message : String(cause);
    const text = `Cannot ${planned.action} "${planned.subject}": ${state.replace(/\.$/, '')}`;
    super(`${text}, wanted it because: ${planned.reason}`, { cause });
    this.planned = planned;
  }
}

const SETTLE_MS = 30_000;

/**
 * @param plan From `planLab` over the runtime's fabric.
 * @throws ApplyError for the first action that is refused; those of its stage are still waited for.
 */
export async function applyPlan(
  plan: readonly PlannedAction[],
  runtime: ApplyRuntime,
  options: ApplyOptions,
): Promise<void> {
  const ids = knownIds(runtime);
  let done = 0;
  const perform = async (planned: PlannedAction) => {
    try {
      const input = resolveInput(planned.input, ids, runtime.fabric) as ActionInput;
      const { action, realm, produces } = planned;
      const output = await runtime.perform(action, input, realm);
      for (const { name, at } of produces) ids.set(name, idAt(output, at));
      const failure = failureIn(action, output, runtime.fabric);
      if (failure !== null) throw new Error(failure);
      const state = await poll(options.clock, SETTLE_MS, async () =>
        unsettled(action, input, runtime.fabric),
      );
      if (state !== null) throw new Error(state);
    } catch (cause) {
      throw new ApplyError(planned, cause);
    }
    done += 1;
    options.onDone?.(planned, done, plan.length);
  };
  for (const stage of stagesOf(plan)) {
    const results = await Promise.allSettled(stage.map(perform));
    const refused = results.find((result) => result.status === 'rejected');
    if (refused !== undefined) throw refused.reason;
  }
}

function stagesOf(plan: readonly PlannedAction[]): PlannedAction[][] {
  const stages: PlannedAction[][] = [];
  for (const planned of plan) {
    const last = stages.at(-1);
    if (last?.[0]?.stage === planned.stage) last.push(planned);
    else stages.push([planned]);
  }
  return stages;
}

/** @returns the ids of what the lab file made before, by reference. */
function knownIds(runtime: ApplyRuntime): Map<string, string> {
  const current = currentLab(runtime.name, runtime.fabric);
  const ids = new Map<string, string>();
  for (const [name, { vpcId }] of current.vpcs) ids.set(`vpc:${name}`, vpcId);
  for (const [key, { subnetId }] of current.subnets) ids.set(`subnet:${key}`, subnetId);
  for (const [key, { routeTableId }] of current.routeTables)
    ids.set(`routeTable:${key}`, routeTableId);
  for (const [name, { dhcpOptionsId }] of current.dhcpOptions) {
    ids.set(`dhcpOptions:${name}`, dhcpOptionsId);
  }
  for (const [name, { eniId }] of current.interfaces) ids.set(`interface:${name}`, eniId);
  for (const [name, { instanceId }] of current.instances) {
    ids.set(`instance:${name}`, instanceId);
    const primary = current.primaryEnis.get(instanceId);
    if (primary !== undefined) ids.set(`interface:${name}.eth0`, primary.eniId);
  }
  for (const [key, { internetGatewayId }] of current.internetGateways)
    ids.set(`internetGateway:${key}`, internetGatewayId);
  for (const [key, { egressOnlyGatewayId }] of current.egressOnlyGateways)
    ids.set(`egressOnlyInternetGateway:${key}`, egressOnlyGatewayId);
  for (const [key, { natGatewayId }] of current.natGateways)
    ids.set(`natGateway:${key}`, natGatewayId);
  for (const [name, { peeringId }] of current.peerings)
    ids.set(`vpcPeeringConnection:${name}`, peeringId);
  for (const [name, { allocationId }] of current.elasticAddresses)
    ids.set(`elasticAddress:${name}`, allocationId);
  for (const [key, { loadBalancerArn, listener }] of current.loadBalancers) {
    ids.set(`loadBalancer:${key}`, loadBalancerArn);
    if (listener !== null) ids.set(`listener:${key}`, listener.listenerArn);
  }
  for (const [key, { targetGroupArn }] of current.targetGroups)
    ids.set(`targetGroup:${key}`, targetGroupArn);
  for (const [key, service] of current.endpointServices) {
    const { serviceId } = service;
    ids.set(`endpointService:${key}`, serviceId);
    const region = runtime.fabric.regions.find((each) => each.endpointServices.has(serviceId));
    if (region !== undefined)
      ids.set(`endpointServiceName:${key}`, ownServiceName(region, service));
  }
  for (const [key, { vpcEndpointId }] of current.balancerEndpoints)
    ids.set(`vpcEndpoint:${key}`, vpcEndpointId);
  return ids;
}

const REFERENCE = /^\$\{([A-Za-z]+):([^}]+)\}$/;

function resolveInput(value: unknown, ids: ReadonlyMap<string, string>, fabric: Fabric): unknown {
  if (typeof value === 'string') {
    const [, kind, name] = REFERENCE.exec(value) ?? [];
    if (kind === undefined || name === undefined) return value;
    return resolveReference(kind, name, ids, fabric);
  }
  if (Array.isArray(value)) return value.map((item) => resolveInput(item, ids, fabric));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, resolveInput(inner, ids, fabric)]),
  );
}

function resolveReference(
  kind: string,
  name: string,
  ids: ReadonlyMap<string, string>,
  fabric: Fabric,
): string {
  const id = ids.get(`${kind}:${name}`) ?? untoldId(kind, name, ids, fabric);
  if (id === undefined) throw new Error(`no id of ${kind}:${name} is known`);
  return id;
}

function idAt(output: ActionOutput, at: readonly (string | number)[]): string {
  let value: unknown = output;
  for (const step of at) value = (value as Record<string | number, unknown> | undefined)?.[step];
  if (typeof value !== 'string') throw new Error(`the answer has no ${at.join('.')}`);
  return value;
}

/** @returns why AWS could not make what it had accepted the request for; null: it could. */
function failureIn(action: string, output: ActionOutput, fabric: Fabric): string | null {
  if (action === 'CreateNatGateway') {
    const id = idAt(output, ['NatGateway', 'NatGatewayId']) as NatGatewayId;
    const failure = fabric.natGateways.get(id)?.failure ?? null;
    return failure === null ? null : `${failure.code}: ${failure.message}`;
  }
  if (action !== 'CreateVpcPeeringConnection') return null;
  const id = idAt(output, ['VpcPeeringConnection', 'VpcPeeringConnectionId']) as PeeringId;
  const { code = '', message = '' } = fabric.peerings.get(id)?.status ?? {};
  return code === 'failed' ? message : null;
}

/** What AWS does after its answer, and what later actions rely on. @returns what is still missing, or null. */
function unsettled(action: string, input: ActionInput, fabric: Fabric): string | null {
  if (action === 'TerminateInstances') {
    const ids = input['InstanceIds'] as readonly InstanceId[];
    const left = ids.find(
      (id) => (fabric.instances.get(id)?.state ?? 'terminated') !== 'terminated',
    );
    return left === undefined ? null : `${left} is not terminated`;
  }
  if (action !== 'DetachNetworkInterface') return null;
  for (const eni of fabric.enis.values()) {
    if (eni.attachment?.attachmentId === input['AttachmentId'])
      return `${eni.eniId} is still attached`;
  }
  return null;
}

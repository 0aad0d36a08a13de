/** Plans flow logs. They never change: another wish is another flow log. */
import { DEFAULT_FLOW_LOG_FIELDS, type FlowLog } from '../../model/flow-logs.ts';
import type { Realm } from '../../model/realm.ts';
import type { LabFlowLog } from '../lab-filters.ts';
import { kept, type PlanContext, realmOf } from './context.ts';
import { realmOfRow } from './current.ts';
import { REMOVED } from './departing.ts';
import { reference, tagSpecifications } from './planned-action.ts';

const RESOURCE_TYPES = { vpc: 'VPC', subnet: 'Subnet', interface: 'NetworkInterface' } as const;

/** The logs of what goes, and those that nobody wants any more. */
export function planFlowLogDeletions(context: PlanContext): void {
  const { lab, current, plan } = context;
  const wanted = new Set(lab.flowLogs.map((each) => wantedKey(context, each)));
  for (const log of current.flowLogs) {
    if (wanted.has(keyNow(log))) continue;
    const input = { FlowLogIds: [log.flowLogId] };
    plan.add('DeleteFlowLogs', input, {
      realm: realmOfRow(current, 'flowLogs', log.flowLogId, lab.home),
      subject: `flow log of ${log.resourceId}`,
      reason: REMOVED,
    });
  }
}

export function planFlowLogs(context: PlanContext): void {
  const { lab, current, plan } = context;
  const existing = new Set(current.flowLogs.map(keyNow));
  plan.nextStage();
  for (const log of lab.flowLogs) {
    if (existing.has(wantedKey(context, log))) continue;
    const { resource, fields, trafficType, aggregationIntervalS, logGroup } = log;
    const subject = `flow log of ${resource.kind} ${resource.name}`;
    plan.add(
      'CreateFlowLogs',
      {
        ResourceIds: [resourceId(context, log)],
        ResourceType: RESOURCE_TYPES[resource.kind],
        TrafficType: trafficType,
        MaxAggregationInterval: aggregationIntervalS,
        LogDestinationType: 'cloud-watch-logs',
        LogGroupName: logGroup,
        ...(fields === null ? {} : { LogFormat: fields.map((each) => `\${${each}}`).join(' ') }),
        ...tagSpecifications('vpc-flow-log', resource.name, lab.name),
      },
      { realm: realmOfResource(context, log), subject, reason: 'not there yet' },
      // A refusal stands inside the answer; without an id there is none.
      [{ name: `flowLog:${resource.name}`, at: ['FlowLogIds', 0] }],
    );
  }
}

function realmOfResource(context: PlanContext, { resource: { kind, name } }: LabFlowLog): Realm {
  const { interfaces, instances } = context.lab;
  if (kind !== 'interface') return realmOf(context, name);
  const owner = interfaces.get(name) ?? instances.get(name.split('.')[0] ?? '');
  return realmOf(context, owner?.subnet ?? '');
}

/** @returns the id of what is logged, or the reference to it. */
function resourceId(context: PlanContext, { resource }: LabFlowLog): string {
  const { current, departures } = context;
  const { kind, name } = resource;
  switch (kind) {
    case 'vpc':
      return kept(current.vpcs, departures.vpcs, name)?.vpcId ?? reference(kind, name);
    case 'subnet':
      return kept(current.subnets, departures.subnets, name)?.subnetId ?? reference(kind, name);
    case 'interface':
      return keptInterface(context, name) ?? reference(kind, name);
    default:
      return kind satisfies never;
  }
}

function keptInterface({ current, departures }: PlanContext, name: string): string | undefined {
  const [instanceName, device] = name.split('.');
  if (device === undefined) return kept(current.interfaces, departures.interfaces, name)?.eniId;
  const instance = kept(current.instances, departures.instances, instanceName ?? '');
  return instance === undefined ? undefined : current.primaryEnis.get(instance.instanceId)?.eniId;
}

function wantedKey(context: PlanContext, log: LabFlowLog): string {
  const { trafficType, aggregationIntervalS, logGroup } = log;
  const fields = log.fields ?? DEFAULT_FLOW_LOG_FIELDS;
  return keyOf(resourceId(context, log), trafficType, aggregationIntervalS, logGroup, fields);
}

function keyNow(log: FlowLog): string {
  const { resourceId: id, trafficType, aggregationIntervalS, destination, fields } = log;
  return keyOf(id, trafficType, aggregationIntervalS, destination, fields);
}

function keyOf(...parts: readonly (string | number | readonly string[])[]): string {
  return parts.join(' ');
}

/** Flow logs from AWS's answers, put to the VPCs, subnets and interfaces that they are of. */
import { DEFAULT_FLOW_LOG_FIELDS } from '../../model/flow-logs.ts';
import type { OpenLabFile } from '../file/schema.ts';
import type { LabFileFlowLogs } from '../file/schema-filters.ts';
import type { AwsFlowLog } from './aws-shapes.ts';
import { type ImportContext, splitKey } from './context.ts';
import type { ImportedInterfaces } from './interfaces.ts';

type LabFileFlowLog = Exclude<NonNullable<LabFileFlowLogs>, readonly unknown[]>;

const TRAFFIC: Readonly<Record<string, LabFileFlowLog['traffic']>> = {
  ALL: 'all',
  ACCEPT: 'accept',
  REJECT: 'reject',
};
const SHORT_INTERVAL_S = 60;

/** Writes the flow logs into the objects of the file. */
export function importFlowLogs(
  file: OpenLabFile,
  interfaces: ImportedInterfaces,
  context: ImportContext,
): void {
  for (const [id, log] of context.records.flowLogs) {
    const owner = ownerOf(log.ResourceId, file, interfaces, context);
    const reason = owner === null ? 'it is not in the lab file' : unusable(log);
    if (reason !== null) {
      context.leftOut.push({ what: `flow log of ${log.ResourceId}`, id, reason });
    } else if (owner !== null) addFlowLog(owner, fieldsOf(log, file.name));
  }
}

interface Owner {
  flowLogs?: LabFileFlowLogs | undefined;
}

function ownerOf(
  id: string,
  file: OpenLabFile,
  { interfaceNames }: ImportedInterfaces,
  { names }: ImportContext,
): Owner | null {
  const key = names.subnets.get(id);
  if (key !== undefined) {
    const [vpc, subnet] = splitKey(key);
    return file.vpcs[vpc]?.subnets[subnet] ?? null;
  }
  const name = interfaceNames.get(id);
  if (name === undefined) return file.vpcs[names.vpcs.get(id) ?? ''] ?? null;
  return file.instances[name.replace(/\.eth0$/, '')] ?? file.interfaces?.[name] ?? null;
}

/** @returns what a lab file cannot say of it, or null. */
function unusable({
  LogDestinationType,
  LogGroupName,
  MaxAggregationInterval,
}: AwsFlowLog): string | null {
  if (LogDestinationType !== 'cloud-watch-logs' || LogGroupName === undefined) {
    return `it goes to ${LogDestinationType}, and flow logs of a lab file go to log groups`;
  }
  const isKnown = [SHORT_INTERVAL_S, 600].includes(MaxAggregationInterval);
  return isKnown ? null : `its interval is ${MaxAggregationInterval} s`;
}

function fieldsOf(log: AwsFlowLog, lab: string): LabFileFlowLog {
  const format = (log.LogFormat ?? '').split(' ').map((field) => field.replaceAll(/[${}]/g, ''));
  const isDefault =
    log.LogFormat === undefined || format.join(' ') === DEFAULT_FLOW_LOG_FIELDS.join(' ');
  const traffic = TRAFFIC[log.TrafficType];
  return {
    ...(traffic === undefined || traffic === 'all' ? {} : { traffic }),
    ...(isDefault ? {} : { format }),
    ...(log.MaxAggregationInterval === SHORT_INTERVAL_S ? { interval: '60s' } : {}),
    ...(log.LogGroupName === undefined || log.LogGroupName === lab
      ? {}
      : { logGroup: log.LogGroupName }),
  };
}

function addFlowLog(owner: Owner, log: LabFileFlowLog): void {
  const { flowLogs } = owner;
  if (flowLogs === undefined) owner.flowLogs = log;
  else owner.flowLogs = Array.isArray(flowLogs) ? [...flowLogs, log] : [flowLogs, log];
}

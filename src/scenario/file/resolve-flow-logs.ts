/** The flow logs of a lab file, wherever they stand: at VPCs, subnets, instances and interfaces. */
import { FLOW_LOG_FIELDS, isFlowLogField } from '../../model/flow-logs.ts';
import type { LabFlowLog } from '../lab-filters.ts';
import { type Path, wantedName } from './problems.ts';
import type { LabFile } from './schema.ts';
import type { LabFileFlowLogs } from './schema-filters.ts';
import { instanceNames, type Scope } from './scope.ts';

export function resolveFlowLogs(file: LabFile, { report }: Scope): LabFlowLog[] {
  const found = allFlowLogs(file);
  const seen = new Set<string>();
  for (const { path, resource, trafficType, logGroup, fields } of found) {
    const key = `${resource.kind} ${resource.name} ${trafficType} ${logGroup}`;
    if (seen.has(key)) {
      const state = `found the same traffic to log group "${logGroup}" above`;
      report.at(path, `Cannot log "${resource.name}": ${state}, wanted another logGroup`);
    }
    seen.add(key);
    for (const [index, field] of (fields ?? []).entries()) {
      if (isFlowLogField(field)) continue;
      const wanted = wantedName(field, Object.keys(FLOW_LOG_FIELDS), 'a field');
      const at = [...path, 'format', index];
      report.at(at, `Cannot log "${field}": found an unknown field, wanted ${wanted}`);
    }
  }
  return found;
}

function allFlowLogs(file: LabFile): LabFlowLog[] {
  const found: LabFlowLog[] = [];
  const add = (fields: LabFileFlowLogs, resource: LabFlowLog['resource'], owner: Path) => {
    found.push(...flowLogsOf(fields, resource, [...owner, 'flowLogs'], file.name));
  };
  for (const [name, vpc] of Object.entries(file.vpcs ?? {})) {
    const path = ['vpcs', name];
    add(vpc.flowLogs, { kind: 'vpc', name }, path);
    for (const [subnet, { flowLogs }] of Object.entries(vpc.subnets)) {
      const resource = { kind: 'subnet', name: `${name}/${subnet}` } as const;
      add(flowLogs, resource, [...path, 'subnets', subnet]);
    }
  }
  for (const [name, { flowLogs }] of Object.entries(file.interfaces ?? {})) {
    add(flowLogs, { kind: 'interface', name }, ['interfaces', name]);
  }
  for (const [group, { flowLogs, count }] of Object.entries(file.instances ?? {})) {
    for (const name of instanceNames(group, count ?? null)) {
      add(flowLogs, { kind: 'interface', name: `${name}.eth0` }, ['instances', group]);
    }
  }
  return found;
}

function flowLogsOf(
  fields: LabFileFlowLogs,
  resource: LabFlowLog['resource'],
  path: Path,
  lab: string,
): LabFlowLog[] {
  if (fields === undefined) return [];
  const list = Array.isArray(fields) ? fields : [fields];
  return list.map(({ traffic, format, interval, logGroup }, index) => ({
    path: Array.isArray(fields) ? [...path, index] : path,
    resource,
    trafficType: TRAFFIC_TYPES[traffic ?? 'all'],
    fields: format ?? null,
    aggregationIntervalS: interval === '60s' || interval === '1m' ? 60 : 600,
    logGroup: logGroup ?? lab,
  }));
}

const TRAFFIC_TYPES = { all: 'ALL', accept: 'ACCEPT', reject: 'REJECT' } as const;

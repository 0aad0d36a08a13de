/** The flow logs of a lab file, wherever they stand: at VPCs, subnets, instances and interfaces. */
import type { LabFlowLog } from '../lab-filters.ts';
import type { Path } from './problems.ts';
import type { LabFile } from './schema.ts';
import type { LabFileFlowLogs } from './schema-filters.ts';
import { instanceNames } from './scope.ts';

export function resolveFlowLogs(file: LabFile): LabFlowLog[] {
  const found: LabFlowLog[] = [];
  const add = (fields: LabFileFlowLogs, resource: LabFlowLog['resource'], owner: Path) => {
    found.push(...flowLogsOf(fields, resource, [...owner, 'flowLogs']));
  };
  for (const [name, vpc] of Object.entries(file.vpcs)) {
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
  for (const [group, { flowLogs, count }] of Object.entries(file.instances)) {
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
): LabFlowLog[] {
  if (fields === undefined) return [];
  const list = Array.isArray(fields) ? fields : [fields];
  return list.map(({ traffic, format, interval }, index) => ({
    path: Array.isArray(fields) ? [...path, index] : path,
    resource,
    trafficType: TRAFFIC_TYPES[traffic ?? 'all'],
    fields: format ?? null,
    aggregationIntervalS: interval === '60s' || interval === '1m' ? 60 : 600,
  }));
}

const TRAFFIC_TYPES = { all: 'ALL', accept: 'ACCEPT', reject: 'REJECT' } as const;

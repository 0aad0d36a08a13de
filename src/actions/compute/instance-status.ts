/** What the running lab knows of instances: the status checks and what they wrote to their console. */
import type { InstanceHealth } from '../../model/compute.ts';
import type { Instance } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type Filters, filterRows, PAGE_PARAMETERS, pageOf } from '../describe.ts';
import { optionalBoolean, stringOf, stringsOf } from '../input.ts';
import { findInstance, findRows } from '../lookup.ts';
import { instanceState, stateCode, stateShape, zoneOf } from './instance-shapes.ts';

/** AWS keeps so much of the end of the console's output. */
const CONSOLE_BYTES = 64 * 1024;

/** One instance with the result of its check. */
interface StatusRow {
  readonly instance: Instance;
  readonly health: InstanceHealth;
}

/** What AWS says of the check: the summary, and the one detail that there is. */
const SUMMARIES: Readonly<Record<InstanceHealth, readonly [status: string, reachability: string]>> =
  {
    ok: ['ok', 'passed'],
    initializing: ['initializing', 'initializing'],
    impaired: ['impaired', 'failed'],
    'not-applicable': ['not-applicable', ''],
  };

function summaryShape(health: InstanceHealth): ActionOutput {
  const [Status, reachability] = SUMMARIES[health];
  const Details = reachability === '' ? [] : [{ Name: 'reachability', Status: reachability }];
  return { Status, Details };
}

/** The host under an instance is well as long as it runs. */
function systemHealth({ instance }: StatusRow): InstanceHealth {
  return instance.state === 'running' ? 'ok' : 'not-applicable';
}

function statusShape(row: StatusRow, snapshot: Snapshot): ActionOutput {
  const { instance, health } = row;
  return {
    InstanceId: instance.instanceId,
    AvailabilityZone: zoneOf(instance, snapshot),
    InstanceState: stateShape(instance.state),
    InstanceStatus: summaryShape(health),
    SystemStatus: summaryShape(systemHealth(row)),
    Events: [],
  };
}

/** No instance of the lab has events. */
const EVENT_FILTERS: Filters<StatusRow> = Object.fromEntries(
  [
    'code',
    'description',
    'instance-event-id',
    'not-after',
    'not-before',
    'not-before-deadline',
  ].map((name) => [`event.${name}`, () => []]),
);

const STATUS_FILTERS: Filters<StatusRow> = {
  ...EVENT_FILTERS,
  'availability-zone': ({ instance }, snapshot) => [zoneOf(instance, snapshot) ?? ''],
  'instance-state-code': ({ instance }) => [stateCode(instance.state)],
  'instance-state-name': ({ instance }) => [instance.state],
  'instance-status.reachability': ({ health }) => [SUMMARIES[health][1]],
  'instance-status.status': ({ health }) => [SUMMARIES[health][0]],
  'system-status.reachability': (row) => [SUMMARIES[systemHealth(row)][1]],
  'system-status.status': (row) => [SUMMARIES[systemHealth(row)][0]],
};

/** Of the running instances, unless all are asked for. */
function describeInstanceStatus(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const ids = stringsOf(input, 'InstanceIds');
  const isAll = optionalBoolean(input, 'IncludeAllInstances') === true;
  const instances =
    ids.length === 0 ? [...snapshot.instances.values()] : findRows(snapshot.instances, 'i', ids);
  const chosen = instances
    .map((instance) => ({ ...instance, state: instanceState(instance, snapshot) }))
    .filter(({ state }) => isAll || state === 'running')
    .map((instance) => ({ instance, health: context.observer.health(instance.instanceId) }));
  const { rows, nextToken } = pageOf(filterRows(chosen, STATUS_FILTERS, input, snapshot), input);
  const shapes = rows.map((row) => statusShape(row, snapshot));
  return { InstanceStatuses: shapes, NextToken: nextToken };
}

/** The output is always the latest. */
function getConsoleOutput(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, nowMs, observer } = context;
  const { instanceId } = findInstance(draft.snapshot, stringOf(input, 'InstanceId'));
  const output = Buffer.from(observer.consoleOutput(instanceId), 'utf8');
  const end = output.subarray(Math.max(0, output.length - CONSOLE_BYTES));
  return {
    InstanceId: instanceId,
    Timestamp: new Date(nowMs).toISOString(),
    Output: end.length === 0 ? undefined : end.toString('base64'),
  };
}

export const INSTANCE_STATUS_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'DescribeInstanceStatus',
    parameters: { ...PAGE_PARAMETERS, InstanceIds: ['string'], IncludeAllInstances: 'boolean' },
    required: [],
    perform: describeInstanceStatus,
  },
  {
    name: 'GetConsoleOutput',
    parameters: { InstanceId: 'string', Latest: 'boolean' },
    required: ['InstanceId'],
    perform: getConsoleOutput,
  },
];

/** The actions on flow logs. The records are written elsewhere; here is what is to be written. */
import {
  DEFAULT_FLOW_LOG_FIELDS,
  type FlowLog,
  type FlowLogField,
  isFlowLogField,
} from '../../model/flow-logs.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, FILTERS } from '../describe.ts';
import { invalidValue } from '../errors.ts';
import { flowLogExists, flowLogParameter, invalidLogFormat } from '../filters/filter-errors.ts';
import { optionalInteger, optionalString, stringOf, stringsOf } from '../input.ts';
import { findEni, findFlowLog, findSubnet, findVpc } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { forEachId } from '../unsuccessful.ts';

/** What can be logged, and how it is found. */
const RESOURCES: Readonly<
  Record<string, (snapshot: Snapshot, id: string) => FlowLog['resourceId']>
> = {
  VPC: (snapshot, id) => findVpc(snapshot, id).vpcId,
  Subnet: (snapshot, id) => findSubnet(snapshot, id).subnetId,
  NetworkInterface: (snapshot, id) => findEni(snapshot, id).eniId,
};

const LOG_GROUP_ARN = /^arn:aws:logs:[a-z0-9-]+:\d{12}:log-group:([\w./#-]{1,512})(?::\*)?$/;
const LOG_GROUP_NAME = /^[\w./#-]{1,512}$/;
const BUCKET_ARN = /^arn:aws:s3:::[a-z0-9][a-z0-9.-]{2,62}(?:\/(?!AWSLogs(?:\/|$)).*)?$/;
const FIELD = /^\$\{([a-z-]+)\}$/;
const DEFAULT_INTERVAL_S = 600;

type Destination = Pick<FlowLog, 'destinationType' | 'destination'>;

/**
 * Reads where the records go: a log group by its name or ARN, or a bucket by its ARN.
 * @throws InvalidParameter when the parameters do not go together.
 */
function readDestination(input: ActionInput): Destination {
  const type = optionalString(input, 'LogDestinationType') ?? 'cloud-watch-logs';
  const group = optionalString(input, 'LogGroupName');
  const arn = optionalString(input, 'LogDestination');
  if (type !== 'cloud-watch-logs' && type !== 's3') {
    throw invalidValue('logDestinationType', type, 'It must be cloud-watch-logs or s3.');
  }
  if (group !== undefined && arn !== undefined) {
    throw flowLogParameter('Please only provide LogGroupName or only provide LogDestination.');
  }
  if (group === undefined && arn === undefined) {
    throw flowLogParameter("LogDestination can't be empty if LogGroupName is not provided.");
  }
  if (type === 's3') return { destinationType: type, destination: bucketOf(arn) };
  return { destinationType: type, destination: groupOf(group, arn) };
}

function bucketOf(arn: string | undefined): string {
  if (arn === undefined) {
    throw flowLogParameter(
      'LogDestination type must be cloud-watch-logs if LogGroupName is provided.',
    );
  }
  if (!BUCKET_ARN.test(arn)) throw flowLogParameter(`LogDestination: ${arn} is not valid.`);
  return arn;
}

function groupOf(name: string | undefined, arn: string | undefined): string {
  if (name !== undefined && LOG_GROUP_NAME.test(name)) return name;
  if (name !== undefined) throw flowLogParameter(`LogGroupName: ${name} is not valid.`);
  const named = LOG_GROUP_ARN.exec(arn ?? '')?.[1];
  if (named === undefined) throw flowLogParameter(`LogDestination: ${arn} is not valid.`);
  return named;
}

/** Reads `${srcaddr} ${dstaddr} …`. @throws InvalidParameter when a field is unknown. @source FL-1 */
function readFields(input: ActionInput): FlowLog['fields'] {
  const format = optionalString(input, 'LogFormat');
  const fields = format === undefined ? [...DEFAULT_FLOW_LOG_FIELDS] : parseFormat(format);
  const [first, ...others] = fields;
  if (first === undefined) throw invalidLogFormat(format ?? '');
  return [first, ...others];
}

function parseFormat(format: string): FlowLogField[] {
  return format.split(' ').map((text) => {
    const field = FIELD.exec(text)?.[1];
    if (field === undefined) throw invalidLogFormat(format);
    if (!isFlowLogField(field)) throw flowLogParameter(`Unknown fields provided: ${field}`);
    return field;
  });
}

function formatText(fields: readonly FlowLogField[]): string {
  return fields.map((field) => `\${${field}}`).join(' ');
}

function readTrafficType(input: ActionInput): FlowLog['trafficType'] {
  const type = stringOf(input, 'TrafficType');
  if (type !== 'ACCEPT' && type !== 'REJECT' && type !== 'ALL') {
    throw invalidValue('trafficType', type);
  }
  return type;
}

/** @source FL-2 */
function readInterval(input: ActionInput): FlowLog['aggregationIntervalS'] {
  const seconds = optionalInteger(input, 'MaxAggregationInterval') ?? DEFAULT_INTERVAL_S;
  if (seconds === 60 || seconds === 600) return seconds;
  throw flowLogParameter('Invalid Flow Log Max Aggregation Interval');
}

/** What a request asks for, apart from the resource. */
type Wish = Omit<FlowLog, 'flowLogId' | 'resourceId'>;

function readWish(input: ActionInput, nowMs: number): Wish {
  return {
    ...readDestination(input),
    trafficType: readTrafficType(input),
    fields: readFields(input),
    aggregationIntervalS: readInterval(input),
    deliverLogsPermissionArn: optionalString(input, 'DeliverLogsPermissionArn') ?? null,
    creationTimeMs: nowMs,
    tags: tagsFor(input, 'vpc-flow-log'),
  };
}

/** @throws NotFound or Malformed for the resource; FlowLogAlreadyExists. */
function addFlowLog(
  wish: Wish,
  resourceId: FlowLog['resourceId'],
  { draft, newId }: ActionContext,
): string {
  const isSame = (other: FlowLog): boolean =>
    other.resourceId === resourceId &&
    other.trafficType === wish.trafficType &&
    other.destinationType === wish.destinationType &&
    other.destination === wish.destination;
  if ([...draft.snapshot.flowLogs.values()].some(isSame)) throw flowLogExists();
  const flowLogId = newId('fl');
  draft.put('flowLogs', flowLogId, { ...wish, flowLogId, resourceId });
  return flowLogId;
}

function createFlowLogs(input: ActionInput, context: ActionContext): ActionOutput {
  const type = stringOf(input, 'ResourceType');
  const find = Object.hasOwn(RESOURCES, type) ? RESOURCES[type] : undefined;
  if (find === undefined) {
    const known = Object.keys(RESOURCES).join(', ');
    throw invalidValue('resourceType', type, `It must be one of ${known}.`);
  }
  const wish = readWish(input, context.nowMs);
  const created: string[] = [];
  const unsuccessful = forEachId(stringsOf(input, 'ResourceIds'), (id) => {
    created.push(addFlowLog(wish, find(context.draft.snapshot, id), context));
  });
  return {
    ClientToken: optionalString(input, 'ClientToken'),
    FlowLogIds: created,
    Unsuccessful: unsuccessful,
  };
}

function deleteFlowLogs(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const unsuccessful = forEachId(stringsOf(input, 'FlowLogIds'), (id) => {
    draft.delete('flowLogs', findFlowLog(draft.snapshot, id).flowLogId);
  });
  return { Unsuccessful: unsuccessful };
}

function flowLogShape(log: FlowLog): ActionOutput {
  const toGroup = log.destinationType === 'cloud-watch-logs';
  return {
    FlowLogId: log.flowLogId,
    ResourceId: log.resourceId,
    TrafficType: log.trafficType,
    FlowLogStatus: 'ACTIVE',
    DeliverLogsStatus: 'SUCCESS',
    DeliverLogsPermissionArn: log.deliverLogsPermissionArn ?? undefined,
    LogDestinationType: log.destinationType,
    LogGroupName: toGroup ? log.destination : undefined,
    LogDestination: toGroup ? undefined : log.destination,
    LogFormat: formatText(log.fields),
    MaxAggregationInterval: log.aggregationIntervalS,
    CreationTime: new Date(log.creationTimeMs).toISOString(),
    Tags: tagSet(log.tags),
  };
}

const DESCRIBE_FLOW_LOGS: DescribeSpec<'fl', FlowLog> = {
  member: 'FlowLogs',
  idsParameter: 'FlowLogIds',
  prefix: 'fl',
  rows: (snapshot) => snapshot.flowLogs,
  shape: flowLogShape,
  filters: {
    'deliver-log-status': () => ['SUCCESS'],
    'flow-log-id': (log) => [log.flowLogId],
    'log-destination-type': (log) => [log.destinationType],
    'log-group-name': (log) => (log.destinationType === 's3' ? [] : [log.destination]),
    'resource-id': (log) => [log.resourceId],
    'traffic-type': (log) => [log.trafficType],
  },
};

/** AWS calls the filters of this one action `Filter`. */
function describeFlowLogs(
  { Filter, ...input }: ActionInput,
  { draft }: ActionContext,
): ActionOutput {
  return describe(DESCRIBE_FLOW_LOGS, { ...input, Filters: Filter }, draft.snapshot);
}

export const FLOW_LOG_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateFlowLogs',
    parameters: {
      ResourceIds: ['string'],
      ResourceType: 'string',
      TrafficType: 'string',
      LogDestinationType: 'string',
      LogDestination: 'string',
      LogGroupName: 'string',
      LogFormat: 'string',
      MaxAggregationInterval: 'integer',
      DeliverLogsPermissionArn: 'string',
      ClientToken: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['ResourceIds', 'ResourceType'],
    perform: createFlowLogs,
  },
  {
    name: 'DeleteFlowLogs',
    parameters: { FlowLogIds: ['string'] },
    required: ['FlowLogIds'],
    perform: deleteFlowLogs,
  },
  {
    name: 'DescribeFlowLogs',
    parameters: {
      Filter: FILTERS,
      FlowLogIds: ['string'],
      MaxResults: 'integer',
      NextToken: 'string',
    },
    required: [],
    perform: describeFlowLogs,
  },
];

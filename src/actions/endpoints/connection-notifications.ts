/** The actions on notifications of what endpoints and services do. Records only: no topic hears of it. */
import type { ConnectionEvent, ConnectionNotification } from '../../model/endpoints.ts';
import type { EndpointServiceId, VpcEndpointId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type Filters, filterRows, PAGE_PARAMETERS, pageOf } from '../describe.ts';
import { invalidValue, missingParameter } from '../errors.ts';
import { optionalString, stringOf, stringsOf } from '../input.ts';
import { theOneGiven } from '../routing/route-targets.ts';
import { forEachId } from '../unsuccessful.ts';
import { endpointParameter } from './endpoint-errors.ts';
import { findEndpointService, findNotification, findVpcEndpoint } from './lookup-endpoints.ts';

const EVENTS: readonly ConnectionEvent[] = ['Accept', 'Connect', 'Delete', 'Reject'];
const TOPIC_ARN = /^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?$/;

function isEndpointId(id: EndpointServiceId | VpcEndpointId): boolean {
  return !id.startsWith('vpce-svc-');
}

function notificationShape(
  { notificationId, resourceId, topicArn, events }: ConnectionNotification,
  snapshot: Snapshot,
): ActionOutput {
  const ofEndpoint = isEndpointId(resourceId);
  return {
    ConnectionNotificationId: notificationId,
    ServiceId: ofEndpoint ? undefined : resourceId,
    VpcEndpointId: ofEndpoint ? resourceId : undefined,
    ConnectionNotificationType: 'Topic',
    ConnectionNotificationArn: topicArn,
    ConnectionEvents: events,
    ConnectionNotificationState: 'Enabled',
    ServiceRegion: snapshot.region,
  };
}

/** @throws InvalidParameter */
function readTopic(text: string): string {
  if (!TOPIC_ARN.test(text)) throw endpointParameter(`Invalid SNS topic ARN: ${text}`);
  return text;
}

/** @throws MissingParameter when there is none; InvalidParameterValue */
function readEvents(input: ActionInput): ConnectionEvent[] {
  const texts = [...new Set(stringsOf(input, 'ConnectionEvents'))];
  if (texts.length === 0) throw missingParameter('ConnectionEvents');
  return texts.map((text) => {
    const event = EVENTS.find((each) => each === text);
    if (event === undefined) throw invalidValue('connectionEvents', text);
    return event;
  });
}

function readResource(
  input: ActionInput,
  snapshot: Snapshot,
): ConnectionNotification['resourceId'] {
  const name = theOneGiven(input, ['ServiceId', 'VpcEndpointId']);
  const id = stringOf(input, name);
  return name === 'ServiceId'
    ? findEndpointService(snapshot, id).serviceId
    : findVpcEndpoint(snapshot, id).vpcEndpointId;
}

function createNotification(input: ActionInput, { draft, newId }: ActionContext): ActionOutput {
  const notification: ConnectionNotification = {
    notificationId: newId('vpce-nfn'),
    resourceId: readResource(input, draft.snapshot),
    topicArn: readTopic(stringOf(input, 'ConnectionNotificationArn')),
    events: readEvents(input),
  };
  draft.put('connectionNotifications', notification.notificationId, notification);
  return {
    ClientToken: optionalString(input, 'ClientToken'),
    ConnectionNotification: notificationShape(notification, draft.snapshot),
  };
}

function modifyNotification(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const id = stringOf(input, 'ConnectionNotificationId');
  const notification = findNotification(draft.snapshot, id);
  const topic = optionalString(input, 'ConnectionNotificationArn');
  const events = input['ConnectionEvents'] === undefined ? notification.events : readEvents(input);
  const topicArn = topic === undefined ? notification.topicArn : readTopic(topic);
  const changed = { ...notification, topicArn, events };
  draft.put('connectionNotifications', notification.notificationId, changed);
  return { ReturnValue: true };
}

function deleteNotifications(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const unsuccessful = forEachId(stringsOf(input, 'ConnectionNotificationIds'), (id) => {
    const { notificationId } = findNotification(draft.snapshot, id);
    draft.delete('connectionNotifications', notificationId);
  });
  return { Unsuccessful: unsuccessful };
}

/** The notifications of what is deleted go with it. */
export function dropNotifications(
  draft: Draft,
  resourceId: ConnectionNotification['resourceId'],
): void {
  for (const each of draft.snapshot.connectionNotifications.values()) {
    if (each.resourceId !== resourceId) continue;
    draft.delete('connectionNotifications', each.notificationId);
  }
}

const FILTERS: Filters<ConnectionNotification> = {
  'connection-notification-arn': (each) => [each.topicArn],
  'connection-notification-id': (each) => [each.notificationId],
  'connection-notification-state': () => ['Enabled'],
  'connection-notification-type': () => ['Topic'],
  'service-id': ({ resourceId }) => (isEndpointId(resourceId) ? [] : [resourceId]),
  'vpc-endpoint-id': ({ resourceId }) => (isEndpointId(resourceId) ? [resourceId] : []),
};

function describeNotifications(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const id = optionalString(input, 'ConnectionNotificationId');
  const asked =
    id === undefined
      ? [...snapshot.connectionNotifications.values()]
      : [findNotification(snapshot, id)];
  const { rows, nextToken } = pageOf(filterRows(asked, FILTERS, input, snapshot), input);
  return {
    ConnectionNotificationSet: rows.map((each) => notificationShape(each, snapshot)),
    NextToken: nextToken,
  };
}

export const CONNECTION_NOTIFICATION_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateVpcEndpointConnectionNotification',
    parameters: {
      ServiceId: 'string',
      VpcEndpointId: 'string',
      ConnectionNotificationArn: 'string',
      ConnectionEvents: ['string'],
      ClientToken: 'string',
    },
    required: ['ConnectionNotificationArn', 'ConnectionEvents'],
    perform: createNotification,
  },
  {
    name: 'ModifyVpcEndpointConnectionNotification',
    parameters: {
      ConnectionNotificationId: 'string',
      ConnectionNotificationArn: 'string',
      ConnectionEvents: ['string'],
    },
    required: ['ConnectionNotificationId'],
    perform: modifyNotification,
  },
  {
    name: 'DeleteVpcEndpointConnectionNotifications',
    parameters: { ConnectionNotificationIds: ['string'] },
    required: ['ConnectionNotificationIds'],
    perform: deleteNotifications,
  },
  {
    name: 'DescribeVpcEndpointConnectionNotifications',
    parameters: { ...PAGE_PARAMETERS, ConnectionNotificationId: 'string' },
    required: [],
    perform: describeNotifications,
  },
];

/** The actions on listeners. That of a Gateway Load Balancer has no port: it gets all packets. */
import type { TargetGroupArn } from '../../model/ids.ts';
import {
  DEFAULT_TCP_IDLE_SECONDS,
  type GatewayLoadBalancer,
  type Listener,
} from '../../model/load-balancers.ts';
import { balancersOfGroup } from '../../model/lookups/load-balancers.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type {
  ActionContext,
  ActionDefinition,
  ActionInput,
  ActionOutput,
  ParameterType,
} from '../action.ts';
import { optionalString, optionalStructure, stringOf, stringsOf, structuresOf } from '../input.ts';
import { TAG_LIST } from '../tag-set.ts';
import {
  type FoundListener,
  findListener,
  findLoadBalancer,
  findTargetGroup,
  isListenerArn,
  listenersOf,
  newListenerArn,
} from './arns.ts';
import {
  ATTRIBUTE_LIST,
  type Attributes,
  attributeShapes,
  readAttributes,
  secondsOf,
  withAttributes,
} from './attributes.ts';
import {
  badListenerAction,
  duplicateListener,
  groupHasBalancer,
  listenersNotFound,
  malformedArn,
  notOfGateway,
  validationError,
} from './balancing-errors.ts';
import { readBalancingTags } from './balancing-tags.ts';
import { PAGE_PARAMETERS, pageOf } from './pages.ts';
import { checkFromAnew } from './targets.ts';

/** @source GWLB-4 */
const TCP_IDLE = 'tcp.idle_timeout.seconds';
const TCP_IDLES = { least: 60, most: 6000 };

function listenerShape({ balancer, listener }: FoundListener): ActionOutput {
  const { targetGroupArn, listenerArn } = listener;
  return {
    ListenerArn: listenerArn,
    LoadBalancerArn: balancer.loadBalancerArn,
    DefaultActions: [
      {
        Type: 'forward',
        TargetGroupArn: targetGroupArn,
        ForwardConfig: { TargetGroups: [{ TargetGroupArn: targetGroupArn }] },
      },
    ],
  };
}

/** @throws InvalidConfigurationRequest for what listeners of other load balancers have. */
function checkNoPort(input: ActionInput): void {
  if (input['Port'] !== undefined) throw notOfGateway('Ports of listeners');
  if (input['Protocol'] !== undefined) throw notOfGateway('Protocols of listeners');
}

/**
 * Reads where a listener forwards to.
 * @throws InvalidLoadBalancerAction, ValidationError, TargetGroupNotFound, InvalidConfigurationRequest;
 *   TargetGroupAssociationLimit for the group of another load balancer.
 */
function readForward(
  input: ActionInput,
  snapshot: Snapshot,
  { loadBalancerArn, vpcId }: GatewayLoadBalancer,
): TargetGroupArn {
  const [action, ...others] = structuresOf(input, 'DefaultActions');
  if (action === undefined || others.length > 0) {
    throw badListenerAction('A listener must have exactly one default action');
  }
  const type = optionalString(action, 'Type');
  if (type !== 'forward') {
    throw badListenerAction(
      `Actions of type '${type}' are not supported for load balancers of type 'gateway'`,
    );
  }
  const group = findTargetGroup(snapshot, readGroupArn(action));
  if (group.vpcId !== vpcId) {
    throw notOfGateway(`Target groups outside of the VPC of the load balancer ('${vpcId}')`);
  }
  const users = balancersOfGroup(snapshot, group.targetGroupArn);
  if (users.some((each) => each.loadBalancerArn !== loadBalancerArn)) {
    throw groupHasBalancer(group.targetGroupArn);
  }
  return group.targetGroupArn;
}

/** Clients name the group at two places, or at one of them. */
function readGroupArn(action: ActionInput): string {
  const tuples = structuresOf(optionalStructure(action, 'ForwardConfig') ?? {}, 'TargetGroups');
  const arns = [action, ...tuples].map((each) => optionalString(each, 'TargetGroupArn'));
  const [arn, ...others] = new Set(arns.filter((each) => each !== undefined));
  if (arn === undefined) throw validationError('A target group ARN must be specified');
  if (others.length > 0) {
    throw badListenerAction('A forward action of this type must have exactly one target group');
  }
  return arn;
}

/** Targets that were not in use begin with checks. */
function putListener(
  context: ActionContext,
  balancer: GatewayLoadBalancer,
  listener: Listener,
): ActionOutput {
  const { draft, nowMs } = context;
  const { targetGroupArn } = listener;
  const isNew = balancersOfGroup(draft.snapshot, targetGroupArn).length === 0;
  if (isNew) checkFromAnew(draft, targetGroupArn, nowMs);
  draft.put('loadBalancers', balancer.loadBalancerArn, { ...balancer, listener });
  return { Listeners: [listenerShape({ balancer, listener })] };
}

/** A request that comes again changes nothing. */
function createListener(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const balancer = findLoadBalancer(snapshot, stringOf(input, 'LoadBalancerArn'));
  checkNoPort(input);
  const targetGroupArn = readForward(input, snapshot, balancer);
  const present = balancer.listener;
  if (present !== null) {
    if (present.targetGroupArn !== targetGroupArn) throw duplicateListener();
    return { Listeners: [listenerShape({ balancer, listener: present })] };
  }
  return putListener(context, balancer, {
    listenerArn: newListenerArn(context, balancer),
    targetGroupArn,
    tcpIdleSeconds: DEFAULT_TCP_IDLE_SECONDS,
    tags: readBalancingTags(input),
  });
}

function modifyListener(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const { balancer, listener } = findListener(snapshot, stringOf(input, 'ListenerArn'));
  checkNoPort(input);
  if (input['DefaultActions'] === undefined) {
    return { Listeners: [listenerShape({ balancer, listener })] };
  }
  const targetGroupArn = readForward(input, snapshot, balancer);
  return putListener(context, balancer, { ...listener, targetGroupArn });
}

/** From here on the balancer drops what it gets. */
function deleteListener(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { balancer } = findListener(draft.snapshot, stringOf(input, 'ListenerArn'));
  draft.put('loadBalancers', balancer.loadBalancerArn, { ...balancer, listener: null });
  return {};
}

/** @throws ListenerNotFound, LoadBalancerNotFound; ValidationError when the request asks for none. */
function chosenListeners(input: ActionInput, snapshot: Snapshot): readonly FoundListener[] {
  const all = listenersOf(snapshot);
  const balancerArn = optionalString(input, 'LoadBalancerArn');
  const arns = stringsOf(input, 'ListenerArns');
  if ((balancerArn === undefined) === (arns.length === 0)) {
    throw validationError('You must specify either listener ARNs or a load balancer ARN');
  }
  if (balancerArn !== undefined) {
    const { loadBalancerArn } = findLoadBalancer(snapshot, balancerArn);
    return all.filter(({ balancer }) => balancer.loadBalancerArn === loadBalancerArn);
  }
  const malformed = arns.find((arn) => !isListenerArn(arn));
  if (malformed !== undefined) throw malformedArn(malformed, 'listener');
  const chosen = all.filter(({ listener }) => arns.includes(listener.listenerArn));
  if (chosen.length < new Set(arns).size) throw listenersNotFound();
  return chosen;
}

function describeListeners(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { rows, nextMarker } = pageOf(chosenListeners(input, draft.snapshot), input);
  return { Listeners: rows.map(listenerShape), NextMarker: nextMarker };
}

/** @source GWLB-4 */
const LISTENER_ATTRIBUTES: Attributes<Listener> = {
  [TCP_IDLE]: {
    read: ({ tcpIdleSeconds }) => String(tcpIdleSeconds),
    write: (listener, value) => ({
      ...listener,
      tcpIdleSeconds: secondsOf(TCP_IDLE, value, TCP_IDLES),
    }),
  },
};

function modifyAttributes(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { balancer, listener } = findListener(draft.snapshot, stringOf(input, 'ListenerArn'));
  const changed = withAttributes(LISTENER_ATTRIBUTES, listener, readAttributes(input));
  draft.put('loadBalancers', balancer.loadBalancerArn, { ...balancer, listener: changed });
  return { Attributes: attributeShapes(LISTENER_ATTRIBUTES, changed) };
}

function describeAttributes(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { listener } = findListener(draft.snapshot, stringOf(input, 'ListenerArn'));
  return { Attributes: attributeShapes(LISTENER_ATTRIBUTES, listener) };
}

/** Weights and the order are for more than one group, and more than one action: they change nothing. */
const DEFAULT_ACTIONS: ParameterType = [
  {
    Type: 'string',
    TargetGroupArn: 'string',
    Order: 'integer',
    ForwardConfig: { TargetGroups: [{ TargetGroupArn: 'string', Weight: 'integer' }] },
  },
];

export const LISTENER_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateListener',
    parameters: {
      LoadBalancerArn: 'string',
      Protocol: 'string',
      Port: 'integer',
      DefaultActions: DEFAULT_ACTIONS,
      Tags: TAG_LIST,
    },
    required: ['LoadBalancerArn', 'DefaultActions'],
    perform: createListener,
  },
  {
    name: 'ModifyListener',
    parameters: {
      ListenerArn: 'string',
      Port: 'integer',
      Protocol: 'string',
      DefaultActions: DEFAULT_ACTIONS,
    },
    required: ['ListenerArn'],
    perform: modifyListener,
  },
  {
    name: 'DeleteListener',
    parameters: { ListenerArn: 'string' },
    required: ['ListenerArn'],
    perform: deleteListener,
  },
  {
    name: 'DescribeListeners',
    parameters: { ...PAGE_PARAMETERS, LoadBalancerArn: 'string', ListenerArns: ['string'] },
    required: [],
    perform: describeListeners,
  },
  {
    name: 'ModifyListenerAttributes',
    parameters: { ListenerArn: 'string', Attributes: ATTRIBUTE_LIST },
    required: ['ListenerArn', 'Attributes'],
    perform: modifyAttributes,
  },
  {
    name: 'DescribeListenerAttributes',
    parameters: { ListenerArn: 'string' },
    required: ['ListenerArn'],
    perform: describeAttributes,
  },
];

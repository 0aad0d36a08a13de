/** What `explain` found, as network insights keep it: the components of a path, and why there is none. */
import type { Program } from '../../dataplane/program.ts';
import type { EniId } from '../../model/ids.ts';
import type {
  PathAclEntry,
  PathComponent,
  PathElement,
  PathExplanation,
  PathFinding,
  PathGroupRule,
  PathQuestion,
  PathRoute,
} from '../../model/network-insights.ts';
import type { Eni } from '../../model/records.ts';
import type { Fabric } from '../../model/snapshot.ts';
import { explain } from './explain.ts';
import type { Decision, Hop, InterfaceView, PeerView, Step, Walk } from './explanation.ts';

/** The dataplane's codes for which Reachability Analyzer has one of its own (RCH-1). */
const CODES: Readonly<Record<string, string>> = {
  ARP_ADDRESS_NOT_ASSIGNED: 'NO_POSSIBLE_DESTINATION',
  ND_ADDRESS_NOT_ASSIGNED: 'NO_POSSIBLE_DESTINATION',
  BROADCAST_NOT_FORWARDED: 'NO_POSSIBLE_DESTINATION',
  MULTICAST_NOT_FORWARDED: 'NO_POSSIBLE_DESTINATION',
  SUBNET_BROADCAST_NOT_FORWARDED: 'NO_POSSIBLE_DESTINATION',
  ROUTER_OF_ANOTHER_SUBNET: 'NO_POSSIBLE_DESTINATION',
  ROUTER_HAS_NO_SERVICE: 'PROTOCOL_RESTRICTION',
  PORT_NOT_ATTACHED: 'BAD_STATE',
  TARGET_NOT_RUNNING: 'BAD_STATE',
  GATEWAY_NOT_FORWARDED: 'UNSUPPORTED_COMPONENT',
  CYCLIC_PATH_DETECTED: 'NO_PATH',
  MAX_HOPS_EXCEEDED: 'NO_PATH',
};

/** The number that AWS shows for `*`, the last entry of an ACL. */
const LAST_ENTRY = 32_767;

/**
 * Asks `explain`, and puts the answer in the terms of network insights.
 * @param program Compiled from the snapshot. @throws RangeError when it has no such interface.
 */
export function findPath(snapshot: Fabric, program: Program, question: PathQuestion): PathFinding {
  const { isReachable, forward, return: back } = explain(snapshot, program, question);
  const walks = back === null ? [forward] : [forward, back];
  return {
    isReachable,
    reached: reachedBy(snapshot, forward, question),
    forward: componentsOf(snapshot, forward),
    back: back === null ? [] : componentsOf(snapshot, back),
    explanations: walks.flatMap((walk) => explanationOf(snapshot, walk) ?? []),
  };
}

function reachedBy(snapshot: Fabric, { end }: Walk, { eniId }: PathQuestion): EniId | null {
  if (end.kind === 'local') return eniId;
  if (end.kind !== 'delivered' && end.kind !== 'handed-over') return null;
  return eniOf(snapshot, end.interface)?.eniId ?? null;
}

function componentsOf(snapshot: Fabric, { packet: header, hops }: Walk): PathComponent[] {
  const components: PathComponent[] = [];
  const addInstance = (view: InterfaceView): void => {
    const id = eniOf(snapshot, view)?.attachment?.instanceId;
    // The instance in the middle of a way is there once, between its interfaces.
    if (id === undefined || components.at(-1)?.component.id === id) return;
    components.push({ component: { id, name: nameOf(snapshot, id) } });
  };
  for (const { from, steps } of hops) {
    addInstance(from);
    components.push({ ...interfaceComponent(snapshot, from), outbound: header });
    for (const step of steps.filter(({ outcome }) => outcome !== 'drop')) {
      const component = passedBy(step.decision);
      if (component !== null) components.push(component);
      if (step.layer !== 'delivery' || step.decision.kind !== 'instance') continue;
      components.push({
        ...interfaceComponent(snapshot, step.decision.interface),
        inbound: header,
      });
      addInstance(step.decision.interface);
    }
  }
  return components;
}

function nameOf({ instances }: Fabric, id: `i-${string}`): string | null {
  return instances.get(id)?.tags.get('Name') ?? null;
}

function interfaceComponent(snapshot: Fabric, view: InterfaceView): PathComponent {
  return {
    component: elementOf(view),
    subnet: view.subnet,
    ...vpcOf(snapshot, view),
  };
}

function elementOf({ eniId, name }: InterfaceView): PathElement {
  return { id: eniId, name: name === eniId ? null : name };
}

function vpcOf(snapshot: Fabric, view: InterfaceView): { readonly vpcId?: string } {
  const eni = eniOf(snapshot, view);
  return eni === undefined ? {} : { vpcId: eni.vpcId };
}

function eniOf({ enis }: Fabric, { eniId }: InterfaceView): Eni | undefined {
  return [...enis.values()].find((eni) => eni.eniId === eniId);
}

/** @returns what let the packet pass; null for what is no object of its own. */
function passedBy(decision: Decision): PathComponent | null {
  switch (decision.kind) {
    case 'group-rule':
      return { component: decision.group, groupRule: groupRuleOf(decision) };
    case 'acl-entry':
      return { component: decision.acl, aclEntry: aclEntryOf(decision) };
    case 'route':
      return { component: decision.table, route: routeOf(decision) };
    case 'gateway':
      return decision.gateway === null ? null : { component: decision.gateway };
    default:
      return null;
  }
}

function groupRuleOf(decision: Extract<Decision, { kind: 'group-rule' }>): PathGroupRule {
  const { group, isEgress, traffic, peer } = decision;
  return { groupId: group.id, isEgress, traffic, peer: peerOf(peer) };
}

function peerOf(peer: PeerView): PathGroupRule['peer'] {
  switch (peer.kind) {
    case 'cidr':
      return peer;
    case 'group':
      return { kind: 'group', groupId: peer.group.id };
    case 'prefix-list':
      return { kind: 'prefix-list', prefixListId: peer.list.id };
    default:
      return peer satisfies never;
  }
}

function aclEntryOf(decision: Extract<Decision, { kind: 'acl-entry' }>): PathAclEntry {
  const { ruleNumber, isEgress, action, traffic, cidr } = decision;
  const shown = ruleNumber === '*' ? LAST_ENTRY : ruleNumber;
  return { ruleNumber: shown, isEgress, action, traffic, cidr };
}

function routeOf({ destination, target, state }: Extract<Decision, { kind: 'route' }>): PathRoute {
  return { destination, target, state };
}

/** @returns why the packet did not arrive; null when it did. */
function explanationOf(snapshot: Fabric, { packet, hops, end }: Walk): PathExplanation | null {
  if (end.kind !== 'blocked') return null;
  const code = CODES[end.code] ?? end.code;
  const hop = hops.at(-1);
  const step = hop?.steps.at(-1);
  if (end.layer === null || hop === undefined || step === undefined) {
    const at = end.interface === null ? {} : { component: elementOf(end.interface) };
    return { code, ...at, address: packet.destination };
  }
  return { code, ...obstacle(snapshot, hop, step), address: packet.destination };
}

/** @returns the objects that stopped the packet. */
function obstacle(
  snapshot: Fabric,
  { from }: Hop,
  { layer, decision }: Step,
): Omit<PathExplanation, 'code'> {
  const direction = layer.endsWith('-egress') ? 'egress' : 'ingress';
  switch (decision.kind) {
    case 'no-group-rule':
      return {
        ...atInterface(snapshot, decision.interface),
        direction,
        groups: decision.groups,
      };
    case 'acl-entry':
      return {
        component: decision.acl,
        acl: decision.acl,
        aclEntry: aclEntryOf(decision),
        direction,
      };
    case 'route':
      return {
        component: decision.target === 'local' ? decision.table : decision.target,
        routeTable: decision.table,
        route: routeOf(decision),
      };
    case 'no-route':
      return { component: decision.table, routeTable: decision.table };
    case 'gateway':
      return decision.gateway === null ? {} : { component: decision.gateway };
    case 'check':
      return atInterface(snapshot, decision.interface);
    case 'instance': {
      const { state } = decision;
      const at = atInterface(snapshot, decision.interface);
      return state === null ? at : { ...at, state };
    }
    default:
      return atInterface(snapshot, from);
  }
}

function atInterface(snapshot: Fabric, view: InterfaceView): Omit<PathExplanation, 'code'> {
  const { component, subnet } = interfaceComponent(snapshot, view);
  return {
    component,
    networkInterface: component,
    ...(subnet === undefined ? {} : { subnet }),
    ...vpcOf(snapshot, view),
  };
}

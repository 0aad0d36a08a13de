/** An explanation in words: a block for each hop, a line for each layer, what blocks in the last line. */
import type {
  Decision,
  Explanation,
  Hop,
  ObjectView,
  PacketView,
  PeerView,
  Step,
  Walk,
  WalkEnd,
} from '../engine/explain/explanation.ts';
import { allOfProtocol, formatTraffic } from '../scenario/traffic-words.ts';
import type { Output, Style } from './output.ts';

type Way = 'forward' | 'return';

const OUTCOMES: Readonly<Record<Step['outcome'], readonly [word: string, style: Style]>> = {
  pass: ['PASS', 'green'],
  drop: ['DROP', 'red'],
  answer: ['ANSWER', 'green'],
};
const OUTCOME_WIDTH = 6;

export function showExplanation(output: Output, explanation: Explanation): void {
  showWalk(output, 'forward', explanation.forward);
  if (explanation.return !== null) {
    output.line('');
    showWalk(output, 'return', explanation.return);
  }
  output.line('');
  output.line(output.paint('bold', summary(explanation)));
}

function showWalk(output: Output, way: Way, { packet, hops, end }: Walk): void {
  const { source, destination } = packet;
  output.line(output.paint('bold', `${way}: ${trafficOf(packet)}, ${source} > ${destination}`));
  const layers = hops.flatMap(({ steps }) => steps.map(({ layer }) => layer.length));
  const width = Math.max(0, ...layers);
  hops.forEach((hop, index) => {
    output.line(`${String(index + 1).padStart(2)}  ${hopTitle(hop, index)}`);
    for (const step of hop.steps) {
      const [word, style] = OUTCOMES[step.outcome];
      const outcome = output.paint(style, word.padEnd(OUTCOME_WIDTH));
      output.line(`    ${outcome}  ${step.layer.padEnd(width)}  ${decisionWords(step, packet)}`);
    }
  });
  const words = endWords(end, packet);
  if (words !== null) output.line(`    ${words}`);
}

function hopTitle({ from }: Hop, index: number): string {
  const place = `${from.name} in subnet ${nameOf(from.subnet)}`;
  return index === 0 ? place : `${place}, which sends it on`;
}

/** TCP and UDP have the port that was asked for, on whichever side it is. */
function trafficOf({ protocol, sourcePort, destinationPort }: PacketView): string {
  if (sourcePort === null || destinationPort === null) {
    return formatTraffic(allOfProtocol(protocol));
  }
  const port = formatTraffic({ protocol, fromPort: destinationPort, toPort: destinationPort });
  return `${port} from port ${sourcePort}`;
}

/** @returns null when the last layer has said it. */
function endWords(end: WalkEnd, { destination }: PacketView): string | null {
  switch (end.kind) {
    case 'delivered':
      return `delivered to ${end.interface.name} in subnet ${nameOf(end.interface.subnet)}`;
    case 'handed-over':
      return `handed to ${end.interface.name}: no interface has ${destination}, its guest must have it or know the way`;
    case 'answered':
      return 'answered by the router of the subnet';
    case 'served':
      return 'handed to the services of the lab: the API, metadata, names, time';
    case 'left':
      return 'leaves the lab by the host’s uplink';
    case 'local':
      return `the sender has ${destination} itself: no packet leaves it`;
    case 'blocked':
      return end.interface === null ? null : `comes to ${end.interface.name}: ${end.code}`;
    default:
      return end satisfies never;
  }
}

function summary({ forward, return: back }: Explanation): string {
  if (forward.end.kind === 'blocked') return `forward: ${blockedWords(forward, forward.end)}`;
  if (back?.end.kind === 'blocked') return `return: ${blockedWords(back, back.end)}`;
  if (back === null) return 'reachable';
  const [asker, taker] = [
    forward.hops[0]?.from,
    'interface' in back.end ? back.end.interface : null,
  ];
  const isAstray = asker !== undefined && taker !== null && taker.eniId !== asker.eniId;
  return isAstray
    ? `reachable, but the answer goes to ${taker.name}, not to ${asker.name}`
    : 'reachable both ways';
}

function blockedWords(
  { hops, packet }: Walk,
  { code, text }: Extract<WalkEnd, { kind: 'blocked' }>,
): string {
  const hop = hops.at(-1);
  const step = hop?.steps.at(-1);
  const place = hop === undefined || step === undefined ? 'the start' : blocker(hop, step, packet);
  return `blocked at ${place} (${code}: ${text})`;
}

/** @returns the object that has to change, else the layer. */
function blocker(
  { from }: Hop,
  { decision, layer, code }: Step,
  { destination }: PacketView,
): string {
  switch (decision.kind) {
    case 'no-group-rule':
      return `the ${directionOf(decision)} rules of group ${decision.groups.map(fullName).join(', ')} of ${decision.interface.name}`;
    case 'acl-entry':
      return `${directionOf(decision)} rule ${decision.ruleNumber} of network ACL ${fullName(decision.acl)}`;
    case 'route':
      // A route that is in order leads to an address that is of nobody.
      if (code === 'GATEWAY_NOT_FORWARDED' && decision.target !== 'local') {
        return `gateway ${fullName(decision.target)}`;
      }
      if (decision.state === 'active') return `address ${destination}`;
      return `route table ${fullName(decision.table)}`;
    case 'no-route':
      return `route table ${fullName(decision.table)}`;
    case 'gateway':
      return decision.gateway === null
        ? `address ${destination}`
        : `gateway ${fullName(decision.gateway)}`;
    case 'check':
      return `the source/destination check of ${decision.interface.name}`;
    case 'instance':
      return decision.interface.name;
    case 'uplink':
      return `address ${destination}`;
    default:
      return `${layer} of ${from.name}`;
  }
}

function directionOf({ isEgress }: { readonly isEgress: boolean }): string {
  return isEgress ? 'egress' : 'ingress';
}

/** Of layers that had nothing to decide. */
const NOTHING_WORDS: Readonly<Record<string, string>> = {
  'fabric-services': 'not for the router itself',
  'security-groups-egress': 'not asked: the interface has no groups',
  'security-groups-ingress': 'not asked: the interface has no groups',
  route: 'not asked: the packet stays in its subnet',
  'network-acl-egress': 'not asked: the packet stays in its subnet',
  'network-acl-ingress': 'not asked: the packet stays in its subnet',
  'internet-gateway-ingress': 'nobody in the lab has the destination',
  'gateway-route-table': 'none of the gateway: straight to the interface',
};

function decisionWords({ decision, layer, outcome, code }: Step, packet: PacketView): string {
  const words = passWords(decision, layer);
  switch (outcome) {
    case 'pass':
      return words;
    case 'answer':
      return decision.kind === 'service' ? 'a service of the lab' : 'the router answers';
    case 'drop':
      return decision.kind === 'nothing'
        ? `${code}`
        : `${dropWords(decision, words, layer, packet, code)}: ${code}`;
    default:
      return outcome satisfies never;
  }
}

function dropWords(
  decision: Decision,
  words: string,
  layer: string,
  { source, destination }: PacketView,
  code: Step['code'],
): string {
  switch (decision.kind) {
    case 'no-group-rule':
      return code === 'SG_REFERENCES_NOT_PRESERVED'
        ? `a rule of group ${decision.groups.map(nameOf).join(', ')} names that of ${source}, which a middlebox does not keep`
        : words;
    case 'neighbour':
      return `nobody answers for ${decision.address}`;
    case 'link':
      return `to ${decision.mac}`;
    case 'check':
      return `${words}, which does not have ${layer === 'source-check' ? source : destination}`;
    default:
      return words;
  }
}

function passWords(decision: Decision, layer: string): string {
  switch (decision.kind) {
    case 'nothing':
    case 'service':
      return NOTHING_WORDS[layer] ?? '';
    case 'instance':
      return `${decision.interface.name}, ${decision.state === null ? 'attached to nothing' : `instance ${decision.state}`}`;
    case 'neighbour':
      return `${decision.address} is at ${decision.mac}`;
    case 'link':
      return `to ${decision.interface?.name ?? 'the router'} (${decision.mac})`;
    case 'check':
      return `${decision.isOn ? 'on' : 'off'} for ${decision.interface.name}`;
    case 'connection':
      return 'tracked connection';
    case 'group-rule': {
      const { traffic, isEgress, peer, group, ruleId } = decision;
      const words = `${formatTraffic(traffic)} ${isEgress ? 'to' : 'from'} ${peerWords(peer, group)}`;
      return `${words}, group ${nameOf(group)}, ${ruleId}`;
    }
    case 'no-group-rule':
      return `no rule of group ${decision.groups.map(nameOf).join(', ')} allows it`;
    case 'route': {
      const { destination, target, state, table } = decision;
      const words = `${destination} ${target === 'local' ? target : `to ${nameOf(target)}`}`;
      return `${words}, table ${nameOf(table)}${state === 'active' ? '' : `, ${state}`}`;
    }
    case 'no-route':
      return `none, table ${nameOf(decision.table)}`;
    case 'gateway':
      return gatewayWords(decision);
    case 'acl-entry': {
      const { ruleNumber, action, traffic, isEgress, cidr, acl } = decision;
      const words = `${ruleNumber} ${action} ${formatTraffic(traffic)} ${isEgress ? 'to' : 'from'} ${cidr}`;
      return `${words}, ACL ${nameOf(acl)}`;
    }
    case 'uplink':
      return 'to the real network';
    case 'size':
      return `${decision.packet} of ${decision.mtu} bytes`;
    default:
      return decision satisfies never;
  }
}

function gatewayWords(decision: Extract<Decision, { kind: 'gateway' }>): string {
  const { gateway, source, sourcePort, destination, destinationPort } = decision;
  const name = gateway === null ? 'no gateway' : nameOf(gateway);
  if (source !== null) return `${name}, now from ${source}${portWords(sourcePort)}`;
  return destination === null
    ? name
    : `${name}, now to ${destination}${portWords(destinationPort)}`;
}

function portWords(port: number | null): string {
  return port === null ? '' : ` port ${port}`;
}

function peerWords(peer: PeerView, group: ObjectView): string {
  switch (peer.kind) {
    case 'cidr':
      return peer.cidr;
    case 'group':
      return peer.group.id === group.id ? 'itself' : `group ${nameOf(peer.group)}`;
    case 'prefix-list':
      return `prefix list ${nameOf(peer.list)}`;
    default:
      return peer satisfies never;
  }
}

function nameOf({ id, name }: ObjectView): string {
  return name ?? id;
}

function fullName({ id, name }: ObjectView): string {
  return name === null ? id : `${name} (${id})`;
}

/**
 * One hop: a guest asks for its next hop and sends; the layers of the dataplane decide, and a
 * recorder writes down by what. Questions and punted frames go to the fabric's own responders.
 */
import { ipv4FromWord } from '../../addr/ipv4.ts';
import { formatMac, type MacAddr, macFromWords } from '../../addr/mac.ts';
import { type DropCode, dropCode } from '../../dataplane/drop-reason.ts';
import { BalancerTable } from '../../dataplane/flow/balancer-table.ts';
import { ConnectionTable } from '../../dataplane/flow/connection-table.ts';
import { ForwardedSenders } from '../../dataplane/flow/forwarded-senders.ts';
import { NatTable } from '../../dataplane/flow/nat-table.ts';
import { LayerContext, NO_ROW } from '../../dataplane/layers/context.ts';
import { PARSED, parseFrame } from '../../dataplane/parse.ts';
import type { Program } from '../../dataplane/program.ts';
import { DISCARD, FORWARD, TO_IPV4, UNWRAP, WRAP } from '../../dataplane/verdict.ts';
import { type LayerRecorder, runLayers, runOnward } from '../../dataplane/walk.ts';
import { EMPTY_BYTES } from '../../packet/bytes.ts';
import { parseEthernet } from '../../packet/ethernet.ts';
import { GENEVE_PORT } from '../../packet/geneve.ts';
import { IPPROTO_UDP } from '../../packet/ipv4.ts';
import { answer } from '../answers.ts';
import { instanceDecision, type Origins, readDecision } from './decisions.ts';
import type { Decision, Hop, Step } from './explanation.ts';
import { type NextHop, nextHop } from './next-hop.ts';
import { packetInIpv4, packetInIpv6 } from './other-version.ts';
import { PROBE_PORT, type ProbePacket, probeFrame, rewrittenPacket } from './probe.ts';
import { interfaceView } from './views.ts';

/** Each hop of the way there and of the way back tracks two connections at most. */
const CONNECTIONS = 256;

/** What became of a frame. */
export type Fate =
  /** The index of the interface that gets it, and what it gets: gateways may have changed addresses. */
  | { readonly kind: 'forwarded'; readonly target: number; readonly packet: ProbePacket }
  | { readonly kind: 'answered'; readonly reply: Uint8Array }
  /** An endpoint gives it to an appliance, in a packet from the interface of a node; it goes on from its own. */
  | {
      readonly kind: 'wrapped';
      readonly node: number;
      readonly outer: ProbePacket;
      readonly endpoint: number;
      readonly packet: ProbePacket;
    }
  /** An appliance gives back what was wrapped. */
  | { readonly kind: 'unwrapped' }
  /** It goes on from the interface of a NAT gateway, in the other IP version. */
  | { readonly kind: 'translated'; readonly eni: number; readonly packet: ProbePacket }
  /** The services of the lab get it. */
  | { readonly kind: 'served' }
  /** It goes on to the real network. */
  | { readonly kind: 'left' }
  | { readonly kind: 'dropped'; readonly code: DropCode };

export interface WalkedHop extends Hop {
  readonly fate: Fate;
}

/** Connections are tracked from hop to hop, so that an answer belongs to one. */
export class Hops {
  readonly #origins: Origins;
  readonly #context = new LayerContext({
    connections: new ConnectionTable(CONNECTIONS),
    forwardedSenders: new ForwardedSenders(),
    natFlows: new NatTable(CONNECTIONS),
    balancedFlows: new BalancerTable(CONNECTIONS),
  });

  /** @param program Compiled from the snapshot of the origins. */
  constructor(origins: Origins, program: Program) {
    this.#origins = origins;
    this.#context.program = program;
  }

  /** @param index Of the interface that sends. */
  walk(index: number, packet: ProbePacket): WalkedHop {
    const { snapshot, enis } = this.#origins;
    const eni = enis[index];
    const subnet = eni === undefined ? undefined : snapshot.subnets.get(eni.subnetId);
    if (eni === undefined || subnet === undefined) throw new RangeError(`no interface ${index}`);
    const steps: Step[] = [];
    const send = (): Fate => {
      const unplugged = this.#plug(index, steps);
      if (unplugged !== null) return unplugged;
      const next = nextHop(packet.addresses, eni, subnet);
      if (next.kind === 'group') return this.#send(index, packet, [eni.mac, next.mac], steps);
      const asked = this.#ask(index, next, steps);
      const ethernet =
        asked.kind === 'answered' ? parseEthernet(asked.reply, 0, asked.reply.length) : null;
      return ethernet === null
        ? asked
        : this.#send(index, packet, [eni.mac, ethernet.source], steps);
    };
    return { from: interfaceView(snapshot, eni), fate: send(), steps };
  }

  /** @param index Of the interface of a gateway, which sends the packet to the router of its subnet. */
  walkOnward(index: number, packet: ProbePacket): WalkedHop {
    const { snapshot, enis } = this.#origins;
    const eni = enis[index];
    if (eni === undefined) throw new RangeError(`no interface ${index}`);
    const steps: Step[] = [];
    const router = routerMacOf(this.#context.program, index);
    const fate = this.#send(index, packet, [eni.mac, router], steps, runOnward);
    return { from: interfaceView(snapshot, eni), fate, steps };
  }

  /** Nothing leaves an interface that is on no running instance. @returns null for one that is. */
  #plug(index: number, steps: Step[]): Fate | null {
    const isPlugged = this.#context.program.enis.port[index] !== -1;
    const decision = instanceDecision(index, this.#origins);
    if (isPlugged) {
      steps.push({ layer: 'interface', outcome: 'pass', code: null, decision });
      return null;
    }
    const fate = { kind: 'dropped', code: 'PORT_NOT_ATTACHED' } as const;
    steps.push(stepOf('interface', fate, decision));
    return fate;
  }

  #ask(
    index: number,
    { address, question }: Extract<NextHop, { kind: 'neighbour' }>,
    steps: Step[],
  ): Fate {
    const fate = this.#run(index, question, null, (context) => runLayers(context, null));
    const reply = fate.kind === 'answered' ? fate.reply : EMPTY_BYTES;
    const mac = parseEthernet(reply, 0, reply.length)?.source;
    const layer = address.includes(':') ? 'neighbour-discovery' : 'arp';
    const decision: Decision = {
      kind: 'neighbour',
      address,
      mac: mac === undefined ? null : formatMac(mac),
    };
    // The answer is to the question; the packet itself goes on.
    const { code, outcome } = stepOf(layer, fate, decision);
    steps.push({ layer, outcome: outcome === 'drop' ? 'drop' : 'pass', code, decision });
    return fate;
  }

  #send(
    index: number,
    packet: ProbePacket,
    [source, destination]: readonly [source: MacAddr, destination: MacAddr],
    steps: Step[],
    walk = runLayers,
  ): Fate {
    const context = this.#context;
    const frame = probeFrame(packet, source, destination);
    const ended: { layer: string; decision: Decision }[] = [];
    const record: LayerRecorder = (layer, hasPassed) => {
      const decision = readDecision(layer.name, context, this.#origins);
      // What stands there after the next layer is its own.
      context.rule = NO_ROW;
      if (hasPassed) steps.push({ layer: layer.name, outcome: 'pass', code: null, decision });
      else ended.push({ layer: layer.name, decision });
    };
    const fate = this.#run(index, frame, packet, (context) => walk(context, record));
    for (const { layer, decision } of ended) steps.push(stepOf(layer, fate, decision));
    return fate;
  }

  /**
   * Sees one frame to its end, as the fabric does for a flow that it does not know.
   * @param packet In the frame; null: a question, which is answered or dropped.
   */
  #run(
    index: number,
    frame: Uint8Array,
    packet: ProbePacket | null,
    walk: (context: LayerContext) => void,
  ): Fate {
    const context = this.#context;
    const { program, verdict } = context;
    const fault = parseFrame(frame, 0, frame.length, context.frame);
    if (fault !== PARSED) throw new RangeError(`the probe is no frame: ${dropCode(fault)}`);
    context.bytes = frame;
    context.eni = index;
    context.packetSize = context.frame.packetSize;
    walk(context);
    if (verdict.kind === WRAP && packet !== null) return this.#wrapped(packet);
    if (verdict.kind === UNWRAP) return { kind: 'unwrapped' };
    if (verdict.kind > UNWRAP && packet !== null) return this.#inOtherVersion(packet);
    if (verdict.kind === FORWARD) {
      const { target } = context;
      if (verdict.argument === program.uplinkPort) return { kind: 'left' };
      if (target === NO_ROW || packet === null) return { kind: 'served' };
      return { kind: 'forwarded', target, packet: rewrittenPacket(packet, verdict) };
    }
    if (verdict.kind === DISCARD) return { kind: 'dropped', code: dropCode(verdict.argument) };
    const said = answer(program, index, verdict, frame, false);
    return said.kind === 'drop'
      ? { kind: 'dropped', code: said.reason }
      : { kind: 'answered', reply: said.kind === 'reply' ? said.frame : EMPTY_BYTES };
  }

  /** What the last verdict makes of the packet. */
  #wrapped(packet: ProbePacket): Fate {
    const { program, verdict, balancedFlows } = this.#context;
    const { loadBalancers } = program;
    const endpoint = verdict.argument;
    const node = loadBalancers.endpointNode[endpoint] as number;
    const addresses = {
      family: 4,
      source: ipv4FromWord(loadBalancers.nodeAddr[node] as number),
      destination: ipv4FromWord(balancedFlows.targetOf(verdict.balancerSlot)),
    } as const;
    const ports = { sourcePort: PROBE_PORT, destinationPort: GENEVE_PORT };
    return {
      kind: 'wrapped',
      node: loadBalancers.nodeEni[node] as number,
      outer: { addresses, protocol: IPPROTO_UDP, ...ports, identifier: 0, isReply: false },
      endpoint: loadBalancers.endpointEni[endpoint] as number,
      packet: rewrittenPacket(packet, verdict),
    };
  }

  /** The same of a packet that changes its IP version at a NAT gateway. */
  #inOtherVersion(packet: ProbePacket): Fate {
    const { program, verdict, natFlows } = this.#context;
    const eni = program.edges.nat.eni[verdict.argument] as number;
    const { natSlot } = verdict;
    const onward =
      verdict.kind === TO_IPV4
        ? packetInIpv4(packet, natFlows, natSlot)
        : packetInIpv6(packet, natFlows, natSlot);
    return { kind: 'translated', eni, packet: onward };
  }
}

function routerMacOf({ enis, subnets }: Program, index: number): MacAddr {
  const subnet = enis.subnet[index] as number;
  return macFromWords(
    subnets.routerMacHigh[subnet] as number,
    subnets.routerMacLow[subnet] as number,
  );
}

function stepOf(layer: string, fate: Fate, decision: Decision): Step {
  switch (fate.kind) {
    case 'forwarded':
    case 'wrapped':
    case 'unwrapped':
    case 'left':
    case 'translated':
      return { layer, outcome: 'pass', code: null, decision };
    case 'answered':
      return { layer, outcome: 'answer', code: null, decision };
    case 'served':
      return { layer, outcome: 'answer', code: null, decision: { kind: 'service' } };
    case 'dropped':
      return { layer, outcome: 'drop', code: fate.code, decision };
    default:
      return fate satisfies never;
  }
}

/**
 * Why a packet reaches somebody or does not: a probe is walked from interface to interface through the
 * very layers that forward, then its answer is walked back. Nothing is sent, nothing is changed.
 * Rules: RCH-1, RCH-2.
 */
import { type DropCode, describeDrop } from '../../dataplane/drop-reason.ts';
import { eniByAddress, type Program } from '../../dataplane/program.ts';
import type { EniId } from '../../model/ids.ts';
import type { Fabric } from '../../model/snapshot.ts';
import type { Origins } from './decisions.ts';
import type { Explanation, Hop, InterfaceView, PathCode, Walk, WalkEnd } from './explanation.ts';
import { type Fate, Hops, type WalkedHop } from './hop.ts';
import {
  type Addresses,
  destinationWords,
  formatAddresses,
  PROBE_IDENTIFIER,
  PROBE_PORT,
  type ProbePacket,
  replyTo,
  returned,
} from './probe.ts';
import { interfaceView } from './views.ts';

/** Interfaces that a packet may come to on its way. */
const MAX_HOPS = 16;

const PATH_TEXTS: Readonly<Record<PathCode, string>> = {
  CYCLIC_PATH_DETECTED: 'the packet comes back to an interface that had it before',
  MAX_HOPS_EXCEEDED: `the packet came to ${MAX_HOPS} interfaces, and none has its destination`,
};

export interface ExplainQuestion {
  readonly eniId: EniId;
  readonly addresses: Addresses;
  readonly protocol: number;
  /** The destination port of TCP and UDP, else null. */
  readonly port: number | null;
}

/** @param program Compiled from the snapshot. @throws RangeError when it has no such interface. */
export function explain(
  snapshot: Fabric,
  program: Program,
  { eniId, addresses, protocol, port }: ExplainQuestion,
): Explanation {
  const origins: Origins = { snapshot, enis: [...snapshot.enis.values()] };
  const sender = origins.enis.findIndex((eni) => eni.eniId === eniId);
  const paths = new Paths(origins, program);
  const ports = { sourcePort: port === null ? 0 : PROBE_PORT, destinationPort: port ?? 0 };
  const packet: ProbePacket = {
    addresses,
    protocol,
    ...ports,
    identifier: PROBE_IDENTIFIER,
    isReply: false,
  };
  const { walk: forward, arrived } = paths.walk(sender, packet, NOBODY);
  const answering = receiverOf(forward.end, origins);
  const back = answering === NOBODY ? null : paths.walk(answering, replyTo(arrived), sender).walk;
  const ends = [forward.end, ...(back === null ? [] : [back.end])];
  return {
    isReachable: ends.every(({ kind }) => kind !== 'blocked'),
    forward,
    return: back,
  };
}

/** No interface. */
const NOBODY = -1;

/** @returns the index of the interface whose guest sends an answer. */
function receiverOf(end: WalkEnd, { enis }: Origins): number {
  if (end.kind !== 'delivered' && end.kind !== 'handed-over') return NOBODY;
  return enis.findIndex((eni) => eni.eniId === end.interface.eniId);
}

/** How a walk ended, and the packet as it was then. */
interface Followed {
  readonly end: WalkEnd;
  readonly arrived: ProbePacket;
}

class Paths {
  readonly #origins: Origins;
  readonly #program: Program;
  readonly #hops: Hops;

  constructor(origins: Origins, program: Program) {
    this.#origins = origins;
    this.#program = program;
    this.#hops = new Hops(origins, program);
  }

  /**
   * @param first The interface that sends.
   * @param asker The interface that takes the packet whatever its address; `NOBODY` for a first packet.
   */
  walk(
    first: number,
    packet: ProbePacket,
    asker: number,
  ): { readonly walk: Walk; readonly arrived: ProbePacket } {
    const { protocol, sourcePort, destinationPort } = packet;
    const hasPorts = sourcePort !== 0 || destinationPort !== 0;
    const hops: Hop[] = [];
    const { end, arrived } = this.#follow(first, packet, asker, hops);
    const view = {
      ...formatAddresses(packet.addresses),
      protocol,
      sourcePort: hasPorts ? sourcePort : null,
      destinationPort: hasPorts ? destinationPort : null,
    };
    return { walk: { packet: view, hops, end }, arrived };
  }

  /** Appliances on the way send on what they get, by the interface that it came by. */
  #follow(first: number, sent: ProbePacket, asker: number, hops: Hop[]): Followed {
    const visited = new Set<number>([first]);
    let packet = sent;
    let at = first;
    for (;;) {
      const owner = this.#ownerOf(at, packet.addresses);
      const ended = (end: WalkEnd): Followed => ({ end, arrived: packet });
      if (owner === first && at === first) return ended({ kind: 'local' });
      const onward = owner === NOBODY && at !== first ? this.#deadEndOf(at, packet, visited) : null;
      if (onward !== null) {
        return ended({ kind: 'handed-over', interface: this.#view(at), onward });
      }
      const { fate, steps } = this.#throughGateways(this.#hops.walk(at, packet), hops);
      if (fate.kind === 'answered' || fate.kind === 'served' || fate.kind === 'left') {
        return ended({ kind: fate.kind });
      }
      if (fate.kind === 'dropped') {
        const layer = steps.at(-1)?.layer ?? null;
        const text = describeDrop(fate.code);
        return ended({ kind: 'blocked', layer, interface: null, code: fate.code, text });
      }
      if (fate.kind !== 'forwarded') {
        const text = PATH_TEXTS.MAX_HOPS_EXCEEDED;
        const nowhere = { kind: 'blocked', layer: null, interface: null } as const;
        return ended({ ...nowhere, code: 'MAX_HOPS_EXCEEDED', text });
      }
      packet = fate.packet;
      const target = this.#view(fate.target);
      const isThere =
        fate.target === asker || fate.target === this.#ownerOf(fate.target, packet.addresses);
      if (isThere) return { end: { kind: 'delivered', interface: target }, arrived: packet };
      const code = deadEnd(fate, visited);
      if (isPathCode(code)) {
        return ended({
          kind: 'blocked',
          layer: null,
          interface: target,
          code,
          text: PATH_TEXTS[code],
        });
      }
      at = fate.target;
      visited.add(at);
    }
  }

  /**
   * Follows what an endpoint gives to an appliance, which is taken to give it back, and then from the endpoint;
   * and what goes on from a NAT gateway in the other IP version.
   * @returns the last hop, with a fate that is none of such gateways unless they lead in a circle.
   */
  #throughGateways(hop: WalkedHop, hops: Hop[]): WalkedHop {
    const { from, steps, fate } = hop;
    hops.push({ from, steps });
    if (hops.length >= MAX_HOPS) return hop;
    if (fate.kind === 'translated') {
      return this.#throughGateways(this.#hops.walkOnward(fate.eni, fate.packet), hops);
    }
    if (fate.kind !== 'wrapped') return hop;
    const there = this.#hops.walkOnward(fate.node, fate.outer);
    hops.push({ from: there.from, steps: there.steps });
    if (there.fate.kind !== 'forwarded') return there;
    const back = this.#hops.walk(there.fate.target, returned(fate.outer));
    hops.push({ from: back.from, steps: back.steps });
    if (back.fate.kind !== 'unwrapped') return back;
    return this.#throughGateways(this.#hops.walkOnward(fate.endpoint, fate.packet), hops);
  }

  /**
   * Tries what becomes of a packet that an appliance sends on for an address of nobody: only the
   * guest knows whether it does so. What is only tried leaves no connection behind.
   */
  #deadEndOf(at: number, packet: ProbePacket, visited: ReadonlySet<number>) {
    return deadEnd(new Hops(this.#origins, this.#program).walk(at, packet).fate, visited);
  }

  #ownerOf(index: number, addresses: Addresses): number {
    const { enis, subnets } = this.#program;
    const vpc = subnets.vpc[enis.subnet[index] as number] as number;
    return eniByAddress(this.#program, vpc, addresses.family, ...destinationWords(addresses));
  }

  #view(index: number): InterfaceView {
    const { snapshot, enis } = this.#origins;
    const eni = enis[index];
    if (eni === undefined) throw new RangeError(`no interface ${index}`);
    return interfaceView(snapshot, eni);
  }
}

/** @returns why a packet does not go on to an interface that has not seen it; null when it does. */
function deadEnd(fate: Fate, visited: ReadonlySet<number>): DropCode | PathCode | null {
  if (fate.kind === 'dropped') return fate.code;
  if (fate.kind !== 'forwarded') return null;
  if (visited.has(fate.target)) return 'CYCLIC_PATH_DETECTED';
  return visited.size >= MAX_HOPS ? 'MAX_HOPS_EXCEEDED' : null;
}

function isPathCode(code: DropCode | PathCode | null): code is PathCode {
  return code !== null && Object.hasOwn(PATH_TEXTS, code);
}

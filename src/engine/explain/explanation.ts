/**
 * What `explain` finds, as the control socket carries it: hop by hop, each layer with what decided it.
 * Every text is an id, a name or an address; words for people are made by the command line.
 */
import type { DropCode } from '../../dataplane/drop-reason.ts';
import type { Traffic } from '../../model/filters.ts';

/** An object of the model; the name is its `Name` tag, or that which AWS has for it. */
export interface ObjectView {
  readonly id: string;
  readonly name: string | null;
}

export interface InterfaceView {
  readonly eniId: string;
  /** `r1.eth0`, or else its `Name` tag, or else its id. */
  readonly name: string;
  readonly subnet: ObjectView;
}

export type PeerView =
  | { readonly kind: 'cidr'; readonly cidr: string }
  | { readonly kind: 'group'; readonly group: ObjectView }
  | { readonly kind: 'prefix-list'; readonly list: ObjectView };

/** What a layer went by. */
export type Decision =
  /** Nothing of the kind takes part, such as the route table inside a subnet. */
  | { readonly kind: 'nothing' }
  /** The interface, and the state of its instance; null: it is attached to none. */
  | { readonly kind: 'instance'; readonly interface: InterfaceView; readonly state: string | null }
  /** The packet goes to the link-local services of the lab (LL-1). */
  | { readonly kind: 'service' }
  /** Whom the sender asks for; the answer is null when there is none. */
  | { readonly kind: 'neighbour'; readonly address: string; readonly mac: string | null }
  /** Where the frame goes on the link: null is the router, or nobody when it is dropped. */
  | { readonly kind: 'link'; readonly mac: string; readonly interface: InterfaceView | null }
  | { readonly kind: 'check'; readonly interface: InterfaceView; readonly isOn: boolean }
  /** A tracked connection that the packet belongs to (SG-1). */
  | { readonly kind: 'connection' }
  | {
      readonly kind: 'group-rule';
      readonly group: ObjectView;
      readonly ruleId: string;
      readonly isEgress: boolean;
      readonly traffic: Traffic;
      readonly peer: PeerView;
    }
  /** No rule of these groups speaks of the packet. */
  | {
      readonly kind: 'no-group-rule';
      readonly interface: InterfaceView;
      readonly groups: readonly ObjectView[];
      readonly isEgress: boolean;
    }
  | {
      readonly kind: 'route';
      readonly table: ObjectView;
      readonly destination: string;
      readonly target: 'local' | ObjectView;
      readonly state: 'active' | 'blackhole';
    }
  | { readonly kind: 'no-route'; readonly table: ObjectView }
  /** A gateway that the packet passes; what it has put in place of addresses and ports, or null. */
  | {
      readonly kind: 'gateway';
      /** null: nobody has the destination. */
      readonly gateway: ObjectView | null;
      readonly source: string | null;
      /** Of a NAT gateway: the port, or the identifier of an echo. */
      readonly sourcePort: number | null;
      readonly destination: string | null;
      readonly destinationPort: number | null;
    }
  /** Nobody in the lab has the destination: it is for the real network. */
  | { readonly kind: 'uplink' }
  | {
      readonly kind: 'acl-entry';
      readonly acl: ObjectView;
      /** `*` is the final denial. */
      readonly ruleNumber: number | '*';
      readonly isEgress: boolean;
      readonly action: 'allow' | 'deny';
      readonly traffic: Traffic;
      readonly cidr: string;
    }
  /** Bytes of the packet, and of the largest that the way takes. */
  | { readonly kind: 'size'; readonly packet: number; readonly mtu: number };

export interface Step {
  /** The name of a layer of the dataplane; `interface`, `arp`, `neighbour-discovery` before them. */
  readonly layer: string;
  readonly outcome: 'pass' | 'drop' | 'answer';
  /** Of a drop. */
  readonly code: DropCode | null;
  readonly decision: Decision;
}

/** From one interface to the next: all that a packet meets between two guests. */
export interface Hop {
  readonly from: InterfaceView;
  readonly steps: readonly Step[];
}

/** How the way of a packet may end beside the reasons of the dataplane (RCH-2). */
export type PathCode = 'CYCLIC_PATH_DETECTED' | 'MAX_HOPS_EXCEEDED';

export type WalkEnd =
  /** The interface that has the destination address. */
  | { readonly kind: 'delivered'; readonly interface: InterfaceView }
  /**
   * No interface of the VPC has the destination address, and a route gave the packet to this one:
   * what follows is the guest's. `onward` is what becomes of the packet if the guest sends it on.
   */
  | {
      readonly kind: 'handed-over';
      readonly interface: InterfaceView;
      readonly onward: DropCode | PathCode;
    }
  /** The router of the subnet answers by itself. */
  | { readonly kind: 'answered' }
  /** The services of the lab get it, and answer past all filters (UNF-1). */
  | { readonly kind: 'served' }
  /** The real network gets it, by the uplink of the host. */
  | { readonly kind: 'left' }
  /** The sender has the address itself: no packet leaves it. */
  | { readonly kind: 'local' }
  | {
      readonly kind: 'blocked';
      /** The layer, or null when the way has no end. */
      readonly layer: string | null;
      /** Of a way without end: the interface that the packet came to once more, or too late. */
      readonly interface: InterfaceView | null;
      readonly code: DropCode | PathCode;
      /** What the code means. */
      readonly text: string;
    };

export interface PacketView {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  /** TCP and UDP only. */
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
}

export interface Walk {
  readonly packet: PacketView;
  readonly hops: readonly Hop[];
  readonly end: WalkEnd;
}

export interface Explanation {
  readonly isReachable: boolean;
  readonly forward: Walk;
  /** The way of the answer; null when there is nobody who sends one over the VPC. */
  readonly return: Walk | null;
}

/**
 * What a responder says of a frame that was punted to it: one reply, silence on purpose, or a drop.
 * Responders are pure: a frame and a view of the asking ENI in, an answer out.
 */
import type { DropCode } from '../dataplane/drop-reason.ts';

export type ResponderAnswer =
  /** A frame that hairpins on the ingress port; it carries no vnet header. */
  | { readonly kind: 'reply'; readonly frame: Uint8Array }
  /** Meant for the fabric, needs no reply. */
  | { readonly kind: 'consumed' }
  | { readonly kind: 'drop'; readonly reason: DropCode };

export const CONSUMED: ResponderAnswer = { kind: 'consumed' };

export function reply(frame: Uint8Array): ResponderAnswer {
  return { kind: 'reply', frame };
}

export function drop(reason: DropCode): ResponderAnswer {
  return { kind: 'drop', reason };
}

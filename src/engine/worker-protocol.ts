/** What the controller and the dataplane worker say to each other. */
import type { DropCode } from '../dataplane/drop-reason.ts';
import type { FlowCapacities } from '../dataplane/flow/flow-state.ts';
import type { Program } from '../dataplane/program.ts';
import type { FlowLogWindow } from './flow-log-window.ts';

/** Given to the worker when it starts. */
export interface WorkerSetup {
  readonly ledger: SharedArrayBuffer;
  /** As `FLOW_COUNTER_NAMES`. */
  readonly flowCounters: SharedArrayBuffer;
  /** Signalled after a message was posted. */
  readonly wakeup: number;
  readonly portCount: number;
  readonly capacities: FlowCapacities;
}

/** Each request is answered by its `id` once it is in force. */
export type WorkerRequest = { readonly id: number } & (
  | {
      readonly kind: 'program';
      /** The parts in which it differs from the program before; the first from the empty one. */
      readonly changes: Partial<Program>;
      /** What has passed so far is in a window of its own. */
      readonly cutsFlowLogs: boolean;
    }
  | { readonly kind: 'add-port'; readonly port: number; readonly fd: number }
  | { readonly kind: 'remove-port'; readonly port: number }
  /** Starts to observe these ports; none ends it. */
  | { readonly kind: 'capture'; readonly ports: readonly number[] }
  /** The controller has taken so many captured frames. */
  | { readonly kind: 'captured'; readonly count: number }
  | { readonly kind: 'stop' }
);

export type WorkerReply =
  /** In force since then: milliseconds of the host's monotonic clock. */
  | { readonly kind: 'done'; readonly id: number; readonly atMs: number }
  | { readonly kind: 'captured'; readonly frames: readonly CapturedFrame[]; readonly lost: number }
  /** Before the answer to the request that has ended the window. */
  | { readonly kind: 'flow-logs'; readonly window: FlowLogWindow };

/** What became of a frame; a frame that goes to a guest has none of its own. */
export type CapturedVerdict =
  | { readonly kind: 'forwarded'; readonly port: number }
  | { readonly kind: 'answered' }
  | { readonly kind: 'dropped'; readonly code: DropCode }
  | { readonly kind: 'sent' };

/** One sight of a frame. */
export interface CapturedFrame {
  readonly port: number;
  /** `in` came from the guest, `out` went to it. */
  readonly direction: 'in' | 'out';
  /** Milliseconds since the epoch with a fraction. */
  readonly timeMs: number;
  /** The virtio header, 12 bytes, and the frame from the destination MAC, as the port has it. */
  readonly bytes: Uint8Array;
  readonly verdict: CapturedVerdict;
}

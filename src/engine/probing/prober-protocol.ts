/** What the prober and its thread share. */
import type { MeasuredOutage } from './flow-meter.ts';
import type { PacketSetup } from './probe-packets.ts';

/** Given to the thread when it starts; the arrays are shared. */
export interface ProberSetup {
  readonly flows: readonly (PacketSetup & { readonly fd: number })[];
  /** `STATE_SIZE` numbers for each flow. */
  readonly states: Float64Array;
  /** Not zero: the prober is to end. */
  readonly stop: Int32Array;
}

/** sent, answered, steady, out since (NaN: it is not), the errno of the last probe (0: none). */
export const STATE_SIZE = 5;

/** Posted before the first probe, and as each outage ends. */
export type ProberMessage = 'begun' | OutageMessage;

interface OutageMessage {
  /** Its place among the flows. */
  readonly flow: number;
  readonly outage: MeasuredOutage;
}

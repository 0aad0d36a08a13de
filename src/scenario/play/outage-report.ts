/** An outage as it is told: how long, since when, and which call to the orchestration system ended it. */
import type { Change, Outage, ProbeFlow } from '../../engine/control-api.ts';

/** A call, in milliseconds since the outage began; what was before that is negative. */
export interface CallReport {
  readonly action: string;
  /** The ids, addresses and blocks in its request. */
  readonly subjects: readonly string[];
  readonly askedMs: number;
  /** When the dataplane forwarded by it. */
  readonly inForceMs: number;
  /** null: not yet. */
  readonly answeredMs: number | null;
}

/** What `--json` prints of an outage. */
export interface OutageReport {
  readonly from: string;
  /** With the port, if there is one. */
  readonly to: string;
  readonly protocol: string;
  readonly outageMs: number;
  /** Begin and end may each be so much earlier than the probes tell. */
  readonly errorMs: number;
  readonly lost: number;
  /** ISO 8601. */
  readonly began: string;
  readonly ended: string;
  /** null: no call took effect in that time. */
  readonly endedBy: CallReport | null;
}

/** They change nothing that packets meet. */
const HARMLESS: ReadonlySet<string> = new Set(['CreateTags', 'DeleteTags']);

/** @returns the last call that came into force while the outage lasted; null when none did. */
export function endingCall(outage: Outage, changes: readonly Change[]): Change | null {
  const { fromMs, heardMs, errorMs } = outage;
  const isCandidate = ({ action, inForceMs }: Change): boolean =>
    !HARMLESS.has(action) &&
    inForceMs !== null &&
    inForceMs >= fromMs - errorMs &&
    // The probe may have waited for the dataplane while the call came into force.
    inForceMs <= heardMs;
  return changes.findLast(isCandidate) ?? null;
}

/** @param changes Those that may have ended it, oldest first. */
export function reportOutage(
  flow: ProbeFlow,
  outage: Outage,
  changes: readonly Change[],
): OutageReport {
  const { beganMs, fromMs, toMs, lost, errorMs } = outage;
  const since = (atMs: number): number => tenths(atMs - fromMs);
  const call = endingCall(outage, changes);
  return {
    from: flow.instance,
    to: formatEnd(flow),
    protocol: flow.protocol,
    outageMs: since(toMs),
    errorMs: tenths(errorMs),
    lost,
    began: new Date(beganMs).toISOString(),
    ended: new Date(beganMs + toMs - fromMs).toISOString(),
    endedBy:
      call === null
        ? null
        : {
            action: call.action,
            subjects: call.subjects,
            askedMs: since(call.askedMs),
            inForceMs: since(call.inForceMs ?? toMs),
            answeredMs: call.answeredMs === null ? null : since(call.answeredMs),
          },
  };
}

/** @returns `10.0.9.9`, `10.0.9.9:80` or `[2001:db8::1]:80`. */
export function formatEnd({ address, protocol, port }: ProbeFlow): string {
  if (protocol === 'icmp') return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

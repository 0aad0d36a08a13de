/** Outages in words, for `run` and `watch-failover`. */
import type { CallReport, OutageReport } from '../scenario/play/outage-report.ts';

/** @returns such as `outage 2,143 ms from 12:00:01.234; ended 3 ms after ReplaceRoute rtb-… (…)`. */
export function describeOutage(report: OutageReport): string {
  const { outageMs, began, endedBy } = report;
  const end =
    endedBy === null
      ? `ended at ${timeOfDay(report.ended)}, after no call`
      : describeCall(endedBy, outageMs);
  return `outage ${milliseconds(outageMs)} from ${timeOfDay(began)}; ${end}`;
}

function describeCall(call: CallReport, outageMs: number): string {
  const { action, subjects, askedMs, inForceMs } = call;
  // The probe that came through may have been sent a little before.
  const after = milliseconds(Math.max(0, outageMs - inForceMs));
  const asked = `asked ${milliseconds(askedMs)} after it began`;
  const inForce = `in force ${milliseconds(inForceMs - askedMs)} later`;
  return `ended ${after} after ${[action, ...subjects].join(' ')} (${asked}, ${inForce})`;
}

/** @returns whole milliseconds with a comma at the thousands. */
export function milliseconds(ms: number): string {
  return `${Math.round(ms).toLocaleString('en-US')} ms`;
}

/** @param iso ISO 8601. @returns hours to milliseconds, in the time zone of this host. */
export function timeOfDay(iso: string): string {
  const at = new Date(iso);
  const parts = [at.getHours(), at.getMinutes(), at.getSeconds()];
  const clock = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return `${clock}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/**
 * What probes make of a target (GWLB-6).
 *
 * States: initial (nothing is known) > healthy at the first probe that passes > unhealthy after so many
 * failures in a row > healthy again after so many that pass. A target that never passed becomes
 * unhealthy by failures, too. `streak` counts those in a row that speak against the state.
 */
import type { HealthCheck } from '../../model/load-balancers.ts';

/** Why a probe failed, in AWS's codes. */
export type Failure =
  | 'Target.FailedHealthChecks'
  | 'Target.Timeout'
  | 'Target.ResponseCodeMismatch';

/** What one probe has found. */
export type Finding = 'passed' | Failure;

export interface Health {
  readonly state: 'initial' | 'healthy' | 'unhealthy';
  /** Of the failure that made it unhealthy; null in other states. */
  readonly reason: Failure | null;
  readonly streak: number;
}

export const UNKNOWN_HEALTH: Health = { state: 'initial', reason: null, streak: 0 };
const HEALTHY: Health = { state: 'healthy', reason: null, streak: 0 };

/** @returns what a target is after one more probe. */
export function healthAfter(
  health: Health,
  finding: Finding,
  { healthyThreshold, unhealthyThreshold }: HealthCheck,
): Health {
  return finding === 'passed'
    ? afterPass(health, healthyThreshold)
    : afterFailure(health, finding, unhealthyThreshold);
}

/** @returns the time of the next probe; milliseconds of the clock of the others. */
export function nextProbeMs(startedMs: number, endedMs: number, { intervalSeconds }: HealthCheck) {
  return Math.max(startedMs + intervalSeconds * 1000, endedMs);
}

function afterPass(health: Health, threshold: number): Health {
  if (health.state !== 'unhealthy') return HEALTHY;
  const streak = health.streak + 1;
  return streak < threshold ? { ...health, streak } : HEALTHY;
}

function afterFailure(health: Health, reason: Failure, threshold: number): Health {
  if (health.state === 'unhealthy') return { ...health, streak: 0 };
  const streak = health.streak + 1;
  return streak < threshold ? { ...health, streak } : { state: 'unhealthy', reason, streak: 0 };
}

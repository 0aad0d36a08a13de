/**
 * Measures outages: how long did probes stay without an answer while a step was played?
 *
 * Each flow is probed once a millisecond. The step begins when the probes of all flows are answered
 * without a gap and ends when they are again; what was not answered in between is the outage.
 */
import type { Outage, ProbeFlow, Probing } from '../../engine/control-api.ts';
import { formatDuration } from '../file/durations.ts';
import type { LabOutage } from '../lab.ts';
import { expandVariables } from '../names.ts';
import { poll } from '../poll.ts';
import type { StepRuntime } from './expectations.ts';
import { formatEnd, type OutageReport, reportOutage } from './outage-report.ts';

/** Half a second without a gap. */
const STEADY_PROBES = 500;
/** A probe that is still on its way after so many is missing, and known to be. */
const OVERDUE_PROBES = 150;
const STEADY_WITHIN_MS = 15_000;

export interface OutageResult {
  /** The longest of all flows; null: not measured, as answers never were steady. */
  readonly outageMs: number | null;
  /** Those that are over, of all flows. */
  readonly outages: readonly OutageReport[];
  /** What is wrong, or null. */
  readonly wrong: string | null;
}

export interface OutageMeasurement {
  /** Waits until answers are steady again and compares the outage with what was wanted. */
  finish(): Promise<OutageResult>;
  /** Ends the probes without a result. */
  abandon(): Promise<void>;
}

/** Starts the probes and waits for steady answers. @returns the measurement, or what was wrong. */
export async function startOutage(
  outage: LabOutage,
  runtime: StepRuntime,
): Promise<OutageMeasurement | string> {
  const { protocol, port } = outage;
  const flows = outage.on.flatMap((instance) =>
    outage.to.map((to): ProbeFlow => {
      const address = expandVariables(to, runtime.names());
      return { instance, protocol, address, port };
    }),
  );
  const measurement = new ProbedOutage(outage, flows, runtime);
  const wrong = await measurement.begin();
  if (wrong === null) return measurement;
  await measurement.abandon();
  return wrong;
}

/** Probes on their way. Ends with `finish` or `abandon`. */
class ProbedOutage implements OutageMeasurement {
  readonly #outage: LabOutage;
  readonly #flows: readonly ProbeFlow[];
  readonly #runtime: StepRuntime;
  readonly #probing: Probing;
  #ended: { readonly flow: ProbeFlow; readonly outage: Outage }[] = [];
  /** The number of the last change before the step. */
  #since = 0;

  constructor(outage: LabOutage, flows: readonly ProbeFlow[], runtime: StepRuntime) {
    this.#outage = outage;
    this.#flows = flows;
    this.#runtime = runtime;
    this.#probing = runtime.lab.probe(flows, (index, outage) => {
      this.#ended.push({ flow: flows[index] as ProbeFlow, outage });
    });
  }

  /** What was out before the answers were steady is not the step's. @returns what was wrong. */
  async begin(): Promise<string | null> {
    const wrong = await this.#waitForSteady(STEADY_WITHIN_MS);
    this.#ended = [];
    this.#since = this.#runtime.lab.changes(0).at(-1)?.number ?? 0;
    return wrong;
  }

  async finish(): Promise<OutageResult> {
    const wrong = await this.#waitForSteady(this.#outage.withinMs);
    await this.#probing.stop();
    const changes = this.#runtime.lab.changes(this.#since);
    const outages = this.#ended.map(({ flow, outage }) => reportOutage(flow, outage, changes));
    if (wrong !== null) return { outageMs: null, outages, wrong };
    const outageMs = Math.round(Math.max(0, ...outages.map((each) => each.outageMs)));
    return { outageMs, outages, wrong: this.#compare(outages) };
  }

  async abandon(): Promise<void> {
    await this.#probing.stop();
  }

  /** @param outages Each flow has to be as was wanted. */
  #compare(outages: readonly OutageReport[]): string | null {
    const { belowMs, atLeastMs } = this.#outage;
    for (const flow of this.#flows) {
      const to = formatEnd(flow);
      const own = outages.filter((each) => each.from === flow.instance && each.to === to);
      const longestMs = Math.round(Math.max(0, ...own.map(({ outageMs }) => outageMs)));
      const act = `Cannot confirm the outage from "${flow.instance}" to ${to}: found ${longestMs}ms`;
      if (belowMs !== null && longestMs >= belowMs)
        return `${act}, wanted less than ${formatDuration(belowMs)}`;
      if (atLeastMs !== null && longestMs < atLeastMs)
        return `${act}, wanted at least ${formatDuration(atLeastMs)}`;
    }
    return null;
  }

  /** Probes that were sent from now on have to be answered. @returns null, or what was found instead. */
  #waitForSteady(withinMs: number): Promise<string | null> {
    const before = this.#probing.states.map(({ sent }) => sent);
    return poll(this.#runtime.clock, withinMs, async () => {
      const { states } = this.#probing;
      const late = states.findIndex(
        ({ sent, steady, outSinceMs }, index) =>
          outSinceMs !== null ||
          steady < STEADY_PROBES ||
          sent < (before[index] ?? 0) + STEADY_PROBES + OVERDUE_PROBES,
      );
      if (late === -1) return null;
      const flow = this.#flows[late] as ProbeFlow;
      const { steady = 0, outSinceMs = null, error = null } = states[late] ?? {};
      const why = error === null ? '' : ` (${error})`;
      const isOut = outSinceMs !== null || steady === 0;
      const found = isOut ? `no answer${why}` : `${steady} answers in a row`;
      return `Cannot probe "${formatEnd(flow)}" from "${flow.instance}": found ${found}, wanted steady answers within ${formatDuration(withinMs)}`;
    });
  }
}

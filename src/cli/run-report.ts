/** How the steps of a run ended, on the terminal, as JSON lines and as JUnit. */
import fs from 'node:fs';
import type { LabStep } from '../scenario/lab.ts';
import type { StepReport } from '../scenario/play/steps.ts';
import { CliError, EXIT } from './exit-codes.ts';
import { junitXml } from './junit.ts';
import { describeOutage } from './outage-words.ts';
import type { Output } from './output.ts';

export interface ReportOptions {
  readonly lab: string;
  readonly json: boolean;
  /** Where to write JUnit XML. */
  readonly junit: string | null;
}

/** Shows each step as it ends, and the sum of all at the end. */
export class RunReport {
  readonly #output: Output;
  readonly #options: ReportOptions;
  readonly #results: StepReport[] = [];

  constructor(output: Output, options: ReportOptions) {
    this.#output = output;
    this.#options = options;
  }

  get allGood(): boolean {
    return this.#results.every((result) => result.ok);
  }

  add(step: StepReport): void {
    this.#results.push(step);
    if (this.#options.json) {
      this.#output.json(step);
      return;
    }
    const { name, ok, ms, outageMs, outages = [], message } = step;
    const mark = ok ? this.#output.paint('green', 'ok  ') : this.#output.paint('red', 'FAIL');
    const outage = outageMs === undefined ? '' : `, outage ${outageMs} ms`;
    this.#output.line(`${mark} ${name} ${this.#output.paint('dim', `(${ms} ms${outage})`)}`);
    for (const each of outages) {
      this.#output.line(`     ${each.from} -> ${each.to}: ${describeOutage(each)}`);
    }
    for (const line of message?.split('\n') ?? []) this.#output.line(`     ${line}`);
  }

  /** Counts the steps that were not reached as well: `passed` and `failed` are of those played. */
  finish(steps: readonly LabStep[]): void {
    const passed = this.#results.filter((result) => result.ok).length;
    const failed = this.#results.length - passed;
    const notPlayed = steps.length - this.#results.length;
    this.#writeJunit();
    if (this.#options.json) {
      this.#output.json({
        type: 'summary',
        passed,
        failed,
        ...(notPlayed === 0 ? {} : { notPlayed }),
      });
    } else {
      const rest = notPlayed === 0 ? '' : `, ${notPlayed} not played`;
      this.#output.line(`${this.#options.lab}: ${passed} passed, ${failed} failed${rest}`);
    }
  }

  #writeJunit(): void {
    const file = this.#options.junit;
    if (file === null) return;
    try {
      fs.writeFileSync(file, junitXml({ name: this.#options.lab, steps: this.#results }));
    } catch (error) {
      throw new CliError(EXIT.usage, `Cannot write "${file}": ${String(error)}`);
    }
  }
}

/** Rounds of all measures, alternating between the contestants, so that all meet the same machine. */
import type { Contestant, ContestantKind } from './contestants/contestant.ts';
import { quiet } from './measures/busy.ts';
import type { Figure, Measure } from './measures/measure.ts';
import { buildPrograms } from './programs.ts';
import { median } from './statistics.ts';
import type { Workplace } from './workplace.ts';

export const ROUNDS = 3;
const FIRST_PORT = 20_000;

export class Comparison {
  readonly contestants: readonly string[];
  readonly figures: readonly Figure[];
  /** By contestant and figure: one value a round. */
  readonly #samples = new Map<string, number[]>();

  constructor(kinds: readonly ContestantKind[], measures: readonly Measure[]) {
    this.contestants = kinds.map((kind) => kind.name);
    this.figures = measures.flatMap((measure) => measure.figures);
  }

  add(contestant: string, figures: Readonly<Record<string, number>>): void {
    for (const [figure, value] of Object.entries(figures))
      this.#valuesOf(contestant, figure).push(value);
  }

  /** @returns the values of the rounds, in their order. */
  values(contestant: string, figure: string): readonly number[] {
    return this.#valuesOf(contestant, figure);
  }

  /** @returns the middle value of the rounds; NaN when it was not measured. */
  median(contestant: string, figure: string): number {
    return median(this.values(contestant, figure));
  }

  /** @returns the middle one of the rounds' ratios: what slows the machine for a while slows both. */
  ratio(figure: string, contestant: string, to: string): number {
    const others = this.values(to, figure);
    return median(
      this.values(contestant, figure).map((value, round) => value / (others[round] ?? Number.NaN)),
    );
  }

  /** @returns by contestant and figure: the values of the rounds. */
  toJSON(): Record<string, Record<string, readonly number[]>> {
    return Object.fromEntries(
      this.contestants.map((contestant) => [
        contestant,
        Object.fromEntries(this.figures.map(({ name }) => [name, this.values(contestant, name)])),
      ]),
    );
  }

  #valuesOf(contestant: string, figure: string): number[] {
    const key = `${contestant} ${figure}`;
    const values = this.#samples.get(key) ?? [];
    this.#samples.set(key, values);
    return values;
  }
}

/** @returns true when all that the measure gives is taken of the contestant. */
function takes({ figures }: ContestantKind, measure: Measure): boolean {
  return figures === undefined || measure.figures.every(({ name }) => figures.includes(name));
}

/** Starts all contestants that take part in a measure, and measures them. @param onProgress Gets a few words before each step. */
export async function compare(
  workplace: Workplace,
  kinds: readonly ContestantKind[],
  measures: readonly Measure[],
  onProgress: (words: string) => void,
): Promise<Comparison> {
  const taking = kinds.filter((kind) => measures.some((measure) => takes(kind, measure)));
  const comparison = new Comparison(taking, measures);
  const programs = await buildPrograms(workplace.folder);
  const started: (readonly [ContestantKind, Contestant])[] = [];
  for (const kind of taking) {
    onProgress(`starting ${kind.name}`);
    started.push([kind, await kind.start(workplace, programs)]);
  }
  let port = FIRST_PORT;
  for (let round = 1; round <= ROUNDS; round++) {
    for (const measure of measures) {
      const contestants = started.flatMap(([kind, each]) => (takes(kind, measure) ? [each] : []));
      // There and back again, so that nobody is always the first to meet what changes.
      const order = round % 2 === 1 ? contestants : contestants.toReversed();
      for (const contestant of order) {
        await quiet();
        onProgress(`round ${round} of ${ROUNDS}: ${measure.part}, ${contestant.name}`);
        comparison.add(contestant.name, await measure.run(contestant, programs, port++));
      }
    }
  }
  return comparison;
}

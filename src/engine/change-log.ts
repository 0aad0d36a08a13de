/** The calls that changed the lab, the newest thousand: when each was asked, in force and answered. */
import type { ActionInput } from '../actions/action.ts';
import { monotonicMs } from '../host/clock.ts';
import type { Change } from './control-api.ts';

const MAX_CHANGES = 1000;
const MAX_SUBJECTS = 8;

/** Such as `rtb-0123456789abcdef0`. */
const ID = /^[a-z]+(?:-[a-z]+)*-[0-9a-f]{8,17}$/;
/** Of Elastic Load Balancing. */
const ARN = /^arn:aws[\w-]*:elasticloadbalancing:\S+$/;
/** An address or a block of either family. */
const ADDRESS = /^(?:\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:]*)(?:\/\d+)?$/i;

type Entry = { -readonly [K in keyof Change]: Change[K] };

/** A call when it has changed the model. */
export interface Call {
  readonly action: string;
  readonly input: ActionInput;
  /** The revision of the model that it led to. */
  readonly revision: number;
  readonly askedMs: number;
}

export class ChangeLog {
  readonly #changes: Entry[] = [];
  #last = 0;

  /** Notes a call, and its answer when that settles; settles likewise. */
  async follow({ action, input, revision, askedMs }: Call, answer: Promise<void>): Promise<void> {
    const number = ++this.#last;
    const subjects = subjectsOf(input);
    const times = { askedMs, inForceMs: null, answeredMs: null };
    const entry: Entry = { number, action, subjects, revision, ...times };
    this.#changes.push(entry);
    if (this.#changes.length > MAX_CHANGES) this.#changes.shift();
    await answer;
    entry.answeredMs = monotonicMs();
  }

  /** The dataplane forwards by this revision, and so by all before it, since then. */
  setInForce(revision: number, atMs: number): void {
    for (const entry of this.#changes) {
      if (entry.revision <= revision) entry.inForceMs ??= atMs;
    }
  }

  /** @returns the changes with higher numbers, oldest first. */
  since(number: number): readonly Change[] {
    return this.#changes.filter((change) => change.number > number);
  }
}

/** @returns the ids, addresses and blocks in the parameters of a request, in their order. */
export function subjectsOf(input: unknown): readonly string[] {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (found.size === MAX_SUBJECTS) return;
    if (typeof value === 'string' && [ID, ARN, ADDRESS].some((form) => form.test(value)))
      found.add(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look);
  };
  look(input);
  return [...found];
}

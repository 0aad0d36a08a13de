/**
 * The fuzzer's target for the API: whatever form is posted to a region in which there is one of everything
 * is answered or refused, and the answer is well-formed. Its seeds are the requests that
 * `test/api/every-action/` makes of real clients, so there are some of every action.
 */

import { ApiError } from '../src/actions/api-error.ts';
import { createIdSource } from '../src/actions/ids.ts';
import { performAction } from '../src/actions/table.ts';
import { decodeRequest } from '../src/api/decode.ts';
import { encodeAnswer } from '../src/api/encode.ts';
import { membersOf, wireAction } from '../src/api/model.ts';
import { EC2, serviceOfRequest, type WireService } from '../src/api/wire-services.ts';
import type { WireType } from '../src/api/wire-types.ts';
import { DEFAULT_QUOTAS } from '../src/model/settings.ts';
import type { Snapshot } from '../src/model/snapshot.ts';
import { Store, tableNames } from '../src/model/store.ts';
import { Lab } from '../test/actions/lab.ts';
import { STORIES } from '../test/api/every-action/stories.ts';
import { resolved } from '../test/api/every-action/story.ts';
import { formOf } from '../test/api/form.ts';
import { xmlFault } from '../test/api/well-formed.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { mutate, type Random } from './mutate.ts';

const REQUEST_ID = 'r-1';
/** So that all stories find room in one region. */
const QUOTAS = Object.fromEntries(Object.keys(DEFAULT_QUOTAS).map((name) => [name, 10_000]));
/** What undoes the stories is only a seed. */
const UNDOES = /^(?:Delete|Release|Terminate|Detach|Dis|Reject|Revoke|Unassign|Deregister|Cancel)/;
const ID = /\b[a-z]{1,8}(?:-[a-z]{1,6}){0,2}-0[0-9a-f]{16}\b/g;
/** Values that sit on the edges of what actions take. */
const EDGES: readonly string[] = [
  ...['', ' ', '0', '1', '-1', '5', '16', '65535', '4294967296', '99999999999999', '1.5', '1e3'],
  ...['true', 'false', 'default', 'tcp', '-1', 'all', '*', '?', '\\', ']]>', '<&>', '\u{1f427}'],
  ...['10.0.0.0/16', '10.0.1.0/24', '10.0.1.0/28', '0.0.0.0/0', '10.0.1.77', '255.255.255.255'],
  ...['::/0', '2001:db8:1:100::/56', '2001:db8:1:101::/64', '2001:db8:1:101::7', '10.0.0.0/33'],
  ...['arn:aws:s3:::bucket/', '2020-05-01T12:00:00Z', '__proto__', 'aws:x', 'x'.repeat(300)],
  ...['us-east-1a', 'us-east-1', 'm5.large', 'vpc-', 'vpc-12345678', 'ipsec.1', 'local', '\0'],
];

type Pairs = [key: string, value: string][];

/** The region that every input finds, the requests that made it, and the ids in it. */
interface World {
  readonly lab: Lab;
  readonly snapshot: Snapshot;
  readonly seeds: readonly Uint8Array[];
  readonly ids: readonly string[];
}

/** Plays all stories in one region, and leaves out what would undo them. */
function makeWorld(): World {
  const lab = new Lab({ quotas: QUOTAS });
  const forms: string[] = [];
  for (const { calls } of STORIES) {
    const answers: Record<string, unknown> = {};
    for (const call of calls) {
      if ('aside' in call) continue;
      const { action, input, name } = call;
      try {
        const given = Object(resolved(input, answers));
        forms.push(formOf(action, given).toString());
        if (UNDOES.test(action)) continue;
        // Tokens are those of a story alone.
        const { ClientToken: _token, ...rest } = given;
        const answer = lab.act(action, rest);
        if (name !== undefined) answers[name] = answer;
      } catch (error) {
        // A story may stumble over others in the same region; its first calls are here.
        if (!(error instanceof ApiError)) break;
      }
    }
  }
  const { snapshot } = lab;
  const rows = tableNames(snapshot).map((table) => [...snapshot[table]]);
  const ids = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? null : value)).match(
    ID,
  );
  return { lab, snapshot, seeds: forms.map((form) => Buffer.from(form)), ids: [...new Set(ids)] };
}

/** @throws Error when the API would have answered with InternalError, or with no XML. */
function run(bytes: Uint8Array, { lab, snapshot }: World): void {
  let xml: string;
  let service = EC2;
  const store = new Store(snapshot);
  try {
    const form = new URLSearchParams(Buffer.from(bytes).toString('utf8'));
    service = serviceOfRequest(form);
    const { action, input } = decodeRequest(form);
    // The same ids for each input, so that a crash can be replayed.
    const environment = { ...lab.environment, ...createIdSource('fuzz') };
    xml = encodeAnswer(action, performAction(store, action, input, environment), REQUEST_ID);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    xml = service.errorXml(error, REQUEST_ID);
    if (store.snapshot !== snapshot) throw new Error('a refusal has changed the model');
  }
  const fault = xmlFault(xml);
  if (fault !== null) throw new Error(`no XML: ${fault}`);
}

/** @returns a key of the action's model and a value that may go with it. */
function randomPair(
  { model, listSegment }: WireService,
  action: string,
  random: Random,
  ids: readonly string[],
): [string, string] {
  let type: WireType = { structure: wireAction(model, action)?.input ?? '' };
  if (type.structure === '') return ['DryRun', randomValue(random, ids)];
  const path: string[] = [];
  while (typeof type !== 'string') {
    if ('enum' in type) {
      const values = model.enums[type.enum] ?? [];
      return [path.join('.'), values[random(values.length)] ?? ''];
    }
    if ('list' in type) {
      if (listSegment !== null) path.push(listSegment);
      path.push(String(1 + random(3)));
      type = type.list;
      continue;
    }
    const members = Object.values(membersOf(model, type.structure));
    const [next, query] = members[random(Math.max(1, members.length))] ?? ['string', 'DryRun'];
    path.push(query);
    type = next;
  }
  return [path.join('.'), randomValue(random, ids)];
}

function randomValue(random: Random, ids: readonly string[]): string {
  const values = random(2) === 0 ? ids : EDGES;
  return values[random(values.length)] ?? '';
}

/** Changes the parameters of a form, or now and then its bytes. */
function mutateForm(seed: Uint8Array, random: Random, { ids, seeds }: World): Uint8Array {
  if (random(8) === 0) return mutate(seed, random);
  const pairs: Pairs = [...new URLSearchParams(Buffer.from(seed).toString('utf8'))];
  for (let count = 1 + random(3); count > 0; count--) {
    const at = random(Math.max(1, pairs.length));
    const pair: [string, string] = pairs[at] ?? ['Action', 'DescribeVpcs'];
    switch (random(6)) {
      case 0:
        pairs[at] = [pair[0], randomValue(random, ids)];
        break;
      case 1:
        pairs.splice(at, 1);
        break;
      case 2:
        pairs[at] = [pair[0].replace(/\d+/, String(random(12))), pair[1]];
        break;
      case 3:
        pairs.push([pair[0].replace(/\d+/, String(2 + random(9))), randomValue(random, ids)]);
        break;
      case 4: {
        const other = new URLSearchParams(
          Buffer.from(seeds[random(seeds.length)] ?? '').toString(),
        );
        pairs.push(...[...other].filter(([key]) => !pairs.some(([known]) => known === key)));
        break;
      }
      default: {
        const form = new URLSearchParams(pairs);
        const action = form.get('Action') ?? '';
        pairs.push(randomPair(serviceOfRequest(form), action, random, ids));
      }
    }
  }
  return Buffer.from(new URLSearchParams(pairs).toString());
}

/** Makes the target; playing the stories takes a moment. */
export function apiTarget(): FuzzTarget {
  const world = makeWorld();
  return {
    name: 'api',
    corpus: 'api',
    seeds: world.seeds,
    mutate: (seed, random) => mutateForm(seed, random, world),
    run: (bytes) => run(bytes, world),
  };
}

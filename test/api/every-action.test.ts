/**
 * Every action by the clients that AWS's users have, over HTTP: each answers both a success and a refusal,
 * and both clients read the same out of it.
 */
import t, { type Test } from 'tap';
import { LOAD_BALANCING_ACTIONS } from '../../src/actions/load-balancing/table.ts';
import { ACTIONS } from '../../src/actions/table.ts';
import { ApiServer } from '../../src/api/server.ts';
import { whyNoBoto3 } from './boto3.ts';
import { boto3Client, type Client, type Outcome, sdkClient } from './clients.ts';
import { STORIES } from './every-action/stories.ts';
import { type Expected, resolved, type Story } from './every-action/story.ts';
import { PaperRegion } from './paper-region.ts';

const region = new PaperRegion();
const server = new ApiServer(region, (error) => t.fail('a defect', { error }));
const url = await server.listen();
t.teardown(() => server.close());

/** A call and what came of it. */
interface Told {
  readonly action: string;
  readonly outcome: Outcome;
}

/** @returns what came of the calls, up to the first that is not as expected. */
async function tell(t: Test, { calls }: Story, client: Client): Promise<Told[]> {
  await region.reset();
  const answers: Record<string, unknown> = {};
  const told: Told[] = [];
  for (const call of calls) {
    if ('aside' in call) {
      call.aside(region.lab);
      continue;
    }
    const { action } = call;
    const input = Object(resolved(call.input, answers));
    const outcome = await client.send(action, input);
    told.push({ action, outcome });
    const words = `${client.name}: ${action} ${JSON.stringify(input)}`;
    if (!isAsExpected(t, outcome, Object(resolved(call.expected, answers)), words)) return told;
    if (call.name !== undefined && 'answer' in outcome) answers[call.name] = outcome.answer;
  }
  return told;
}

/** The texts of a pattern may be parts of the answer's; those of a refusal are the whole. */
function isAsExpected(t: Test, outcome: Outcome, expected: Expected, words: string): boolean {
  if ('answer' in expected || 'answer' in outcome) return t.match(outcome, expected, words);
  const { code, message } = expected;
  const isSaid = message === undefined || message instanceof RegExp || message === outcome.message;
  return (
    t.match(outcome, expected, words) && t.ok(code === outcome.code && isSaid, `${words}: ${code}`)
  );
}

/** The actions that were answered, and those that were refused. */
interface Seen {
  readonly answered: Set<string>;
  readonly refused: Set<string>;
}

interface Witness {
  readonly client: Client;
  readonly seen: Seen;
}

function see({ answered, refused }: Seen, told: readonly Told[]): void {
  for (const { action, outcome } of told) ('answer' in outcome ? answered : refused).add(action);
}

/** Refused whatever it is asked for: a lab has no buckets. */
const NEVER_ANSWERED: ReadonlySet<string> = new Set(['ExportTransitGatewayRoutes']);

/** Fails with the names of the actions that no story has. */
function testComplete(t: Test, { client, seen: { answered, refused } }: Witness): void {
  const all = [...ACTIONS.keys(), ...LOAD_BALANCING_ACTIONS.keys()];
  const names = all.filter((name) => client.has(name));
  t.same(
    names.filter((name) => !answered.has(name) && !NEVER_ANSWERED.has(name)),
    [],
    'every action is answered once',
  );
  t.same(
    names.filter((name) => !refused.has(name)),
    [],
    'every action is refused once',
  );
}

/** Has each client live through a story, and compares what they read. */
async function testStory(t: Test, story: Story, witnesses: readonly Witness[]): Promise<void> {
  let first: readonly Told[] | null = null;
  for (const { client, seen } of witnesses) {
    const isKnown = story.calls.every((call) => 'aside' in call || client.has(call.action));
    if (!isKnown) {
      t.comment(`${client.name} does not have all of it`);
      continue;
    }
    const told = await tell(t, story, client);
    see(seen, told);
    first ??= told;
    const wanted = first.map((each) => ({ ...each, outcome: knownTo(client, each) }));
    t.same(told, wanted, `${client.name} reads what the others read`);
  }
}

function knownTo(client: Client, { action, outcome }: Told): unknown {
  return 'answer' in outcome ? { answer: client.known(action, outcome.answer) } : outcome;
}

const noBoto3 = whyNoBoto3();
const makers = noBoto3 === null ? [sdkClient, boto3Client] : [sdkClient];
if (noBoto3 !== null) t.comment(noBoto3);
const witnesses = makers.map((make) => ({
  client: make(url, region.snapshot.region),
  seen: { answered: new Set<string>(), refused: new Set<string>() },
}));
for (const { client } of witnesses) t.teardown(() => client.close());
for (const story of STORIES) t.test(story.title, (t) => testStory(t, story, witnesses));
for (const witness of witnesses) {
  t.test(`${witness.client.name} saw every action`, async (t) => testComplete(t, witness));
}

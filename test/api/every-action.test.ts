/**
 * Every action by the clients that AWS's users have, over HTTP: each answers both a success and a refusal,
 * and both clients read the same out of it.
 */
import t, { type Test } from 'tap';
import { ACTIONS } from '../../src/actions/table.ts';
import { ApiServer } from '../../src/api/server.ts';
import { whyNoBoto3 } from './boto3.ts';
import { boto3Client, type Client, type Outcome, sdkClient } from './clients.ts';
import { STORIES } from './every-action/stories.ts';
import { type Call, type Expected, resolved, type Story } from './every-action/story.ts';
import { PaperRegion } from './paper-region.ts';

const region = new PaperRegion();
const server = new ApiServer(region, (error) => t.fail('a defect', { error }));
const url = await server.listen();
t.teardown(() => server.close());

/** @returns the outcomes of a story's calls; the last is the first that is not as expected. */
async function tell(t: Test, { calls }: Story, client: Client): Promise<Outcome[]> {
  await region.reset();
  const answers: Record<string, unknown> = {};
  const outcomes: Outcome[] = [];
  for (const call of calls) {
    const input = Object(resolved(call.input, answers));
    const outcome = await client.send(call.action, input);
    outcomes.push(outcome);
    const words = `${client.name}: ${call.action} ${JSON.stringify(input)}`;
    if (!isAsExpected(t, outcome, Object(resolved(call.expected, answers)), words)) return outcomes;
    if (call.name !== undefined && 'answer' in outcome) answers[call.name] = outcome.answer;
  }
  return outcomes;
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

function see({ answered, refused }: Seen, calls: readonly Call[], outcomes: readonly Outcome[]) {
  for (const [index, outcome] of outcomes.entries()) {
    const place = 'answer' in outcome ? answered : refused;
    place.add(calls[index]?.action ?? '');
  }
}

/** One account has nothing to answer of another's, and no S3 to export to. */
const ONLY_REFUSED: ReadonlySet<string> = new Set([
  'AcceptTransitGatewayVpcAttachment',
  'RejectTransitGatewayVpcAttachment',
  'AcceptTransitGatewayMulticastDomainAssociations',
  'RejectTransitGatewayMulticastDomainAssociations',
  'ExportTransitGatewayRoutes',
]);

/** Fails with the names of the actions that no story has. */
function testComplete(t: Test, { answered, refused }: Seen): void {
  const names = [...ACTIONS.keys()];
  t.same(
    names.filter((name) => !answered.has(name) && !ONLY_REFUSED.has(name)),
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
  let first: Outcome[] | null = null;
  for (const { client, seen } of witnesses) {
    const outcomes = await tell(t, story, client);
    see(seen, story.calls, outcomes);
    first ??= outcomes;
    const wanted = first.map((outcome, index) =>
      'answer' in outcome
        ? { answer: client.known(story.calls[index]?.action ?? '', outcome.answer) }
        : outcome,
    );
    t.same(outcomes, wanted, `${client.name} reads what the others read`);
  }
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
for (const { client, seen } of witnesses) {
  t.test(`${client.name} saw every action`, async (t) => testComplete(t, seen));
}

/**
 * The fuzzer's target for instance metadata: whatever is asked in whatever words is answered with a
 * status of AWS's and a length that is right, and nobody is told a secret of another instance.
 */
import type { InstanceId } from '../src/model/ids.ts';
import { callerOfEni } from '../src/services/caller.ts';
import { type Answer, REASONS } from '../src/services/metadata/answers.ts';
import { answerTo, type MetadataContext } from '../src/services/metadata/requests.ts';
import { SessionTokens } from '../src/services/metadata/tokens.ts';
import { VERSIONS } from '../src/services/metadata/versions.ts';
import { RoleCredentials } from '../src/services/role-credentials.ts';
import { Lab, NOW_MS } from '../test/actions/lab.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { mutate, type Random } from './mutate.ts';

const TOKEN = 'x-aws-ec2-metadata-token';
const NAMES = [
  ...['meta-data', 'dynamic', 'user-data', 'api', 'token', 'iam', 'security-credentials', 'ha'],
  ...['network', 'interfaces', 'macs', 'tags', 'instance', 'public-keys', '0', 'instance-identity'],
  ...['document', 'pkcs7', 'events', 'maintenance', '..', '.', '', '%2e', '%', '%ff', '__proto__'],
];

/** An instance that wants tokens, and one that has secrets. */
function makeWorld() {
  const lab = new Lab();
  const subnet = lab.subnet(lab.vpc(), '10.0.1.0/24');
  const profile = { IamInstanceProfile: { Name: 'ha' } };
  const asking = lab.instance(subnet, { ...profile, MetadataOptions: { HttpTokens: 'required' } });
  const other = lab.instance(subnet, profile) as InstanceId;
  const enis = [...lab.snapshot.enis.values()];
  const eni = enis.find(({ attachment }) => attachment?.instanceId === asking);
  const caller = eni && callerOfEni(lab.snapshot, eni.eniId);
  if (caller == null) throw new Error('the instance has no interface');
  let drawn = 0;
  const nowMs = () => NOW_MS;
  const context: MetadataContext = {
    tokens: new SessionTokens({
      secret: new Uint8Array(32),
      nowMs,
      random: (size) => new Uint8Array(size).fill(drawn++),
    }),
    credentials: new RoleCredentials(new Uint8Array(32).fill(1), nowMs),
    signer: { signature: async () => '', pkcs7: async () => '' },
  };
  return { caller, context, asking: asking as InstanceId, other };
}

/** The first line is method and target, the others are headers. */
function readRequest(bytes: Uint8Array) {
  const [first = '', ...others] = Buffer.from(bytes).toString('latin1').split('\n');
  const [method = '', target = ''] = first.split(' ', 2);
  const pairs = others.map((line): [string, string] => {
    const [name = '', value = ''] = line.split(': ', 2);
    return [name.toLowerCase(), value];
  });
  return { method, target, headers: Object.fromEntries(pairs) };
}

function check({ status, headers, body }: Answer, isToken: boolean, secret: string): void {
  if (!Object.hasOwn(REASONS, status)) throw new Error(`status ${status}`);
  const length = headers.find(([name]) => name === 'Content-Length')?.[1];
  if (length !== String(body.length)) throw new Error(`length ${length} of ${body.length}`);
  if (body.includes(secret)) throw new Error('a secret of another instance');
  if (status === 200 && !isToken) throw new Error('an answer without a good token');
}

function mutateRequest(seed: Uint8Array, random: Random): Uint8Array {
  if (random(3) === 0) return mutate(seed, random);
  const text = Buffer.from(seed).toString('latin1');
  const names = Array.from({ length: random(6) }, () => NAMES[random(NAMES.length)]);
  const version = VERSIONS[random(VERSIONS.length)];
  const target = ['', version, ...names].join(random(9) === 0 ? '//' : '/');
  return Buffer.from(text.replace(/ [^\n]*/, ` ${target}`), 'latin1');
}

/** Makes the target, whose seeds are requests with tokens of both instances, and without. */
export function metadataTarget(): FuzzTarget {
  const { caller, context, asking, other } = makeWorld();
  const { accountId } = caller.realm;
  const secret = context.credentials.issue({ accountId, roleName: 'ha', instanceId: other });
  const good = context.tokens.issue(asking, 60);
  const tokens = [good, context.tokens.issue(other, 60), ''];
  const targets = ['/latest/meta-data/iam/security-credentials/ha', '/', '/latest/user-data'];
  const seeds = targets.flatMap((target) =>
    tokens.map((each) => `GET ${target}\n${TOKEN}: ${each}`),
  );
  const put = 'PUT /latest/api/token\nx-aws-ec2-metadata-token-ttl-seconds: 60';
  return {
    name: 'metadata',
    corpus: 'metadata',
    seeds: [...seeds, put].map((text) => Buffer.from(text)),
    mutate: mutateRequest,
    run: (bytes) => {
      const request = readRequest(bytes);
      const answer = answerTo(request, caller, context);
      // Only signatures are waited for, and those here hold nothing.
      if (answer instanceof Promise) return;
      const isToken = request.method === 'PUT' || request.headers[TOKEN] === good;
      check(answer, isToken, secret.secretAccessKey);
    },
  };
}

/**
 * What instance metadata costs: the time of a request in a guest, how many a lab answers to all its
 * instances at once, and what the services keep of a thousand interfaces that have asked for all there is.
 */
import { execa } from 'execa';
import type { EniId } from '../../../src/model/ids.ts';
import { type Caller, callerOfEni } from '../../../src/services/caller.ts';
import { answerTo, type MetadataContext } from '../../../src/services/metadata/requests.ts';
import { SessionTokens } from '../../../src/services/metadata/tokens.ts';
import { RoleCredentials } from '../../../src/services/role-credentials.ts';
import { Lab } from '../../../test/actions/lab.ts';
import { buildPrograms } from '../programs.ts';
import { percentile } from '../statistics.ts';
import { vpclab } from '../vpclab.ts';
import type { Workplace } from '../workplace.ts';

export interface MetadataCosts {
  /** Of one instance that asks alone. */
  readonly aloneP50Ms: number;
  readonly instances: number;
  readonly requestsPerSecond: number;
  readonly crowdP50Ms: number;
  readonly crowdP99Ms: number;
  readonly interfaces: number;
  readonly keptMb: number;
}

const INSTANCES = 50;
const ALONE_REQUESTS = 300;
/** So slow that the allowance of the interface lets all packets through (LL-2). */
const ALONE_INTERVAL_US = 10_000;
const CROWD_REQUESTS = 100;
/** 15 requests a second of each instance: half as much again as is wanted. */
const CROWD_INTERVAL_US = 66_667;
const INTERFACES = 1000;
const PATHS = ['', 'meta-data/', 'meta-data/mac', 'meta-data/network/interfaces/macs/'];

/** Measures with a lab of its own; node must run with --expose-gc. */
export async function measureMetadata(
  workplace: Workplace,
  onProgress: (words: string) => void,
): Promise<MetadataCosts> {
  onProgress('metadata: 1,000 interfaces');
  const keptMb = await keptOf(INTERFACES);
  const { metadata: program } = await buildPrograms(workplace.folder);
  const name = workplace.lab('imds');
  onProgress(`metadata: ${INSTANCES} instances`);
  await vpclab(['up', '-'], labText(name));
  const ask = (instance: number, count: number, intervalUs: number) =>
    requestsOf(`vpclab-${name}-h-${instance}`, program, count, intervalUs);
  await ask(1, ALONE_REQUESTS, ALONE_INTERVAL_US);
  const alone = await ask(1, ALONE_REQUESTS, ALONE_INTERVAL_US);
  const places = Array.from({ length: INSTANCES }, (_, place) => place + 1);
  const beganMs = performance.now();
  const crowd = await Promise.all(
    places.map((place) => ask(place, CROWD_REQUESTS, CROWD_INTERVAL_US)),
  );
  const seconds = (performance.now() - beganMs) / 1000;
  await vpclab(['down', '-n', name]);
  const latencies = crowd.flat();
  return {
    aloneP50Ms: percentile(alone, 0.5),
    instances: INSTANCES,
    requestsPerSecond: latencies.length / seconds,
    crowdP50Ms: percentile(latencies, 0.5),
    crowdP99Ms: percentile(latencies, 0.99),
    interfaces: INTERFACES,
    keptMb,
  };
}

function labText(name: string): string {
  return `name: ${name}
vpcs: { main: { cidr: 10.0.0.0/16, subnets: { a: { cidr: 10.0.0.0/24 } } } }
instances: { h: { subnet: a, dhcp: static, count: ${INSTANCES} } }
`;
}

/** @returns the milliseconds of each request. @throws Error when one was not answered. */
async function requestsOf(netns: string, program: string, count: number, intervalUs: number) {
  const argv = ['netns', 'exec', netns, program, String(count), String(intervalUs)];
  const { stdout } = await execa('ip', argv);
  return stdout.split('\n').map((line) => Number(line) / 1000);
}

/** @returns megabytes of heap that are left when every interface has asked. */
async function keptOf(count: number): Promise<number> {
  const lab = new Lab({ quotas: { enisPerRegion: count } });
  const subnet = lab.subnet(lab.vpc(), '10.0.0.0/20');
  const profile = { IamInstanceProfile: { Name: 'ha' } };
  for (let made = 0; made < count; made++) lab.instance(subnet, profile);
  const callers = [...lab.snapshot.enis.keys()].map((eniId: EniId) =>
    callerOfEni(lab.snapshot, eniId),
  );
  const context = contextOf();
  // The code has been used before it is measured what it keeps.
  await askForAll(callers.slice(0, 1), context);
  const before = heapBytes();
  await askForAll(callers, context);
  return Math.max(0, heapBytes() - before) / 1e6;
}

function contextOf(): MetadataContext {
  const nowMs = Date.now;
  return {
    tokens: new SessionTokens({
      secret: new Uint8Array(32),
      nowMs,
      random: (size) => new Uint8Array(size),
    }),
    credentials: new RoleCredentials(new Uint8Array(32), nowMs),
    signer: { signature: async () => '', pkcs7: async () => '' },
  };
}

async function askForAll(callers: readonly (Caller | null)[], context: MetadataContext) {
  for (const caller of callers) {
    if (caller === null) throw new Error('an interface has no instance');
    const ttl = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
    const put = { method: 'PUT', target: '/latest/api/token', headers: ttl };
    const { body } = await answerTo(put, caller, context);
    const headers = { 'x-aws-ec2-metadata-token': body.toString() };
    const role = 'meta-data/iam/security-credentials/ha';
    for (const path of [...PATHS, role]) {
      const { status } = await answerTo(
        { method: 'GET', target: `/latest/${path}`, headers },
        caller,
        context,
      );
      if (status !== 200) throw new Error(`${path}: ${status}`);
    }
  }
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

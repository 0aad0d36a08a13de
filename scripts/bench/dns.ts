/** Queries a second that the resolver of a lab answers, asked by dnsperf(1) from several instances at once. */
import fs from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { vpclab, vpclabJson } from './vpclab.ts';
import type { Workplace } from './workplace.ts';

export interface DnsCosts {
  readonly instances: number;
  /** Answers of all together. */
  readonly queriesPerSecond: number;
  /** Of all queries. */
  readonly lostShare: number;
  /** From query to answer. */
  readonly meanMs: number;
}

const INSTANCES = 8;
/** Of each; an interface may send 1,024 packets a second to services of its link (LL-2). */
const QUERIES_PER_SECOND = 900;
const SECONDS = 4;
/** Names that are there and names that are not, of all kinds. */
const QUESTIONS = `ip-10-0-0-77.ec2.internal A
77.0.0.10.in-addr.arpa PTR
www.corp.example A
any.dev.corp.example A
alias.corp.example AAAA
ec2.us-east-1.amazonaws.com A
www.example.com A
`;

/** @throws Error when dnsperf is not there. */
export async function measureDns(
  workplace: Workplace,
  onProgress: (words: string) => void,
): Promise<DnsCosts> {
  onProgress('dns');
  const name = workplace.lab('dns');
  const lab = `name: ${name}
vpcs: { main: { cidr: 10.0.0.0/16, enableDnsHostnames: true, subnets: { a: { cidr: 10.0.0.0/20 } } } }
hostedZones:
  corp.example: { vpcs: [main], records: { www: { A: 10.0.0.5 }, "*.dev": { A: 10.0.0.6 }, alias: { CNAME: www } } }
instances: { h: { subnet: a, dhcp: static, count: ${INSTANCES} } }
`;
  const questions = path.join(workplace.folder, 'questions');
  fs.writeFileSync(questions, QUESTIONS);
  await vpclab(['up', '-'], lab);
  const status = (await vpclabJson(['ps', '-n', name])) as Record<
    string,
    { instances: { netns: string }[] }
  >;
  const netnsNames = (status[name]?.instances ?? []).map(({ netns }) => netns);
  const runs = await Promise.all(netnsNames.map((netns) => load(netns, questions)));
  await vpclab(['down', '-n', name]);
  const sum = (of: (run: Load) => number) => runs.reduce((total, run) => total + of(run), 0);
  return {
    instances: INSTANCES,
    queriesPerSecond: sum((run) => run.perSecond),
    lostShare: sum((run) => run.lost) / sum((run) => run.sent),
    meanMs: sum((run) => run.meanMs) / runs.length,
  };
}

interface Load {
  readonly sent: number;
  readonly lost: number;
  readonly perSecond: number;
  readonly meanMs: number;
}

async function load(netns: string, questions: string): Promise<Load> {
  const pace = ['-l', `${SECONDS}`, '-Q', `${QUERIES_PER_SECOND}`];
  const asked = ['-s', '169.254.169.253', '-d', questions, ...pace];
  const { stdout } = await execa('ip', ['netns', 'exec', netns, 'dnsperf', ...asked]);
  const numberAfter = (words: string): number =>
    Number(new RegExp(`${words}: +([0-9.]+)`).exec(stdout)?.[1] ?? Number.NaN);
  return {
    sent: numberAfter('Queries sent'),
    lost: numberAfter('Queries lost'),
    perSecond: numberAfter('Queries per second'),
    meanMs: numberAfter('Average Latency \\(s\\)') * 1000,
  };
}

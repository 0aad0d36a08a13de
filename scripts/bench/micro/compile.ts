/** How long a model takes to become a program, whole and after one more rule. */
import { Compiler } from '../../../src/compile/compile.ts';
import type { ModelRuntime } from '../../../test/scenario/model-runtime.ts';
import { FULL_POLICY, labText } from '../lab-text.ts';
import { median } from '../statistics.ts';
import { modelOf, portsOf } from './lab.ts';
import { cpuMs } from './meter.ts';

const ROUNDS = 7;
const PAIRS = 100;
const COUNT = 25;
const RULES_PER_GROUP = 50;

export interface CompileCosts {
  readonly interfaces: number;
  readonly rules: number;
  readonly compileMs: number;
  /** One action that adds a rule, and the program behind it. */
  readonly oneRuleMs: number;
  /** The copy of a program that the dataplane's thread gets. */
  readonly handOverMs: number;
}

export async function measureCompile(): Promise<CompileCosts> {
  const size = { ...FULL_POLICY, pairs: PAIRS, count: COUNT, rules: RULES_PER_GROUP };
  const runtime = await modelOf(labText('bench', size));
  const ports = portsOf(runtime.snapshot);
  let generation = 1;
  const compiler = new Compiler();
  const build = (by: Compiler) => by.compile(runtime.snapshot, ports, generation++);
  const program = build(compiler);
  const compileMs = await middleMs(() => build(new Compiler()));
  const handOverMs = await middleMs(() => structuredClone(program));
  const addRule = await ruleAdder(runtime);
  const oneRuleMs = await middleMs(async (round) => {
    await runtime.perform(...addRule(round));
    build(compiler);
  });
  // Each rule of a group is one for a direction.
  const rules = PAIRS * FULL_POLICY.groups * RULES_PER_GROUP * 2;
  return { interfaces: ports.size, rules, compileMs, oneRuleMs, handOverMs };
}

type Change = readonly [action: string, input: Readonly<Record<string, unknown>>];

/** @returns what adds another rule at each call. */
async function ruleAdder(runtime: ModelRuntime): Promise<(round: number) => Change> {
  const { SecurityGroups } = await runtime.perform('DescribeSecurityGroups', {});
  const GroupId = (SecurityGroups as readonly { GroupId: string }[]).at(-1)?.GroupId;
  return (round) => {
    const ports = { IpProtocol: 'udp', FromPort: 40_000 + round, ToPort: 40_000 + round };
    const IpPermissions = [{ ...ports, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }];
    return ['AuthorizeSecurityGroupIngress', { GroupId, IpPermissions }];
  };
}

async function middleMs(work: (round: number) => unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = cpuMs();
    await work(round);
    times.push(cpuMs() - startMs);
  }
  return median(times);
}

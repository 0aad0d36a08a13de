/** How the cost of a frame grows with flows, interfaces and the rules of security groups. */
import { FULL_POLICY, type LabSize, labText } from '../lab-text.ts';
import { modelOf } from './lab.ts';
import { meter } from './meter.ts';
import { LAB_FLOWS, Traffic } from './traffic.ts';

export interface Growth {
  readonly of: 'flows' | 'interfaces' | 'rules';
  readonly size: number;
  readonly hitNs: number;
  /** The part of the frames whose flow was known; the rest was decided again. */
  readonly hitShare: number;
  /** NaN where it was not measured. */
  readonly missNs: number;
}

const HITS = 400_000;
const MISSES = 50_000;
const FLOWS = [1, 1000, 100_000, 1_000_000];
const INTERFACES = [2, 100, 1000, 5000];
const RULES = [1, 60, 300, 1000, 5000];
/** A prime, so that every flow has its turn and neighbours are not neighbours in the table. */
const STRIDE = 7919;
/** Room for a million flows without sets that overflow: four times as many. */
const ROOM = 4;

const PER_PAIR = 1000;

const PAIR: LabSize = { pairs: 1, count: 1, ...FULL_POLICY };

export async function measureGrowth(): Promise<Growth[]> {
  return [...(await growFlows()), ...(await growInterfaces()), ...(await growRules())];
}

async function growFlows(): Promise<Growth[]> {
  const { snapshot } = await modelOf(labText('bench', PAIR));
  return FLOWS.map((size) => {
    const traffic = new Traffic(snapshot, Math.max(LAB_FLOWS, size * ROOM));
    for (let flow = 0; flow < size; flow++) traffic.sendFlow(flow);
    let flow = 0;
    const hits = measureHits(traffic, () => {
      flow = (flow + STRIDE) % size;
      traffic.sendFlow(flow);
    });
    return { of: 'flows', size, ...hits, missNs: Number.NaN };
  });
}

async function growInterfaces(): Promise<Growth[]> {
  const grown: Growth[] = [];
  for (const size of INTERFACES) {
    const pairs = Math.ceil(size / PER_PAIR);
    const { snapshot } = await modelOf(
      labText('bench', { ...PAIR, pairs, count: size / 2 / pairs }),
    );
    grown.push({ of: 'interfaces', size, ...measureBoth(new Traffic(snapshot)) });
  }
  return grown;
}

async function growRules(): Promise<Growth[]> {
  const grown: Growth[] = [];
  for (const size of RULES) {
    const groups = Math.min(FULL_POLICY.groups, size);
    const rules = Math.ceil(size / groups);
    const { snapshot } = await modelOf(labText('bench', { ...PAIR, groups, rules }));
    grown.push({ of: 'rules', size, ...measureBoth(new Traffic(snapshot)) });
  }
  return grown;
}

function measureBoth(traffic: Traffic): Pick<Growth, 'hitNs' | 'hitShare' | 'missNs'> {
  let flow = 0;
  const hits = measureHits(traffic, (call) => traffic.sendNext(call));
  const miss = meter(MISSES, () => traffic.sendFlow(flow++));
  return { ...hits, missNs: miss.nsPerFrame };
}

function measureHits(
  traffic: Traffic,
  send: (call: number) => void,
): Pick<Growth, 'hitNs' | 'hitShare'> {
  const { flows } = traffic.state;
  const before = { hits: flows.hits, misses: flows.misses };
  const { nsPerFrame } = meter(HITS, send);
  const hits = flows.hits - before.hits;
  return { hitNs: nsPerFrame, hitShare: hits / (hits + flows.misses - before.misses) };
}

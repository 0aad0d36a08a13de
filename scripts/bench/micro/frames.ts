/** What one frame costs without system calls: parsed only, of a known flow, of a new one, answered, wrapped. */
import assert from 'node:assert/strict';
import { ParsedFrame, parseFrame } from '../../../src/dataplane/parse.ts';
import { FULL_POLICY, labText } from '../lab-text.ts';
import { BalancedTraffic } from './balanced-traffic.ts';
import { modelOf } from './lab.ts';
import { type Cost, meter, noise } from './meter.ts';
import { Traffic } from './traffic.ts';

const FRAMES = 1_000_000;
const MISSES = 150_000;
/** Each allocates: more would fill the young generation. */
const PUNTS = 20_000;

export interface FrameCosts {
  readonly noise: Cost;
  readonly parse: Cost;
  readonly hit: Cost;
  readonly miss: Cost;
  readonly punt: Cost;
  /** Of known flows through a Gateway Load Balancer: into Geneve, and out of it. */
  readonly wrap: Cost;
  readonly unwrap: Cost;
}

export async function measureFrames(): Promise<FrameCosts> {
  const text = labText('bench', { pairs: 1, count: 1, ...FULL_POLICY });
  const { snapshot } = await modelOf(text);
  const traffic = new Traffic(snapshot);
  const { bytes, start, size } = traffic.first;
  const parsed = new ParsedFrame();
  const parse = meter(FRAMES, () => parseFrame(bytes, start, size, parsed));
  const hit = meter(FRAMES, () => traffic.sendNext(0));
  let flow = 0;
  const miss = meter(MISSES, () => traffic.sendFlow(flow++));
  const punt = meter(PUNTS, () => traffic.sendArp());
  const balanced = new BalancedTraffic();
  const wrap = meter(FRAMES, () => balanced.wrap());
  const unwrap = meter(FRAMES, () => balanced.unwrap());
  assert(balanced.forwarded > 2 * FRAMES, 'frames were not balanced');
  assert(traffic.forwarded > FRAMES + MISSES, 'frames were not forwarded');
  assert(traffic.answered > PUNTS, 'frames were not answered');
  return { noise: noise(FRAMES), parse, hit, miss, punt, wrap, unwrap };
}

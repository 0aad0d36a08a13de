/** The results of a run as tables, for the terminal and the page. */
import type { ApiCosts } from './api/measure.ts';
import type { Comparison } from './comparison.ts';
import type { DnsCosts } from './dns.ts';
import type { LabResult } from './labs.ts';
import type { MetadataCosts } from './metadata/measure.ts';
import type { CompileCosts } from './micro/compile.ts';
import type { FrameCosts } from './micro/frames.ts';
import type { Growth } from './micro/scaling.ts';
import { number, table } from './table.ts';
import type { Target } from './targets.ts';

export function targetTable(targets: readonly Target[]): string {
  return table([
    ['target', 'value', 'wanted', ''],
    ...targets.map(({ name, value, target, met }) => [
      name,
      number(value, value !== null && Math.abs(value) < 100 ? 3 : 0),
      target,
      met ? 'met' : 'missed',
    ]),
  ]);
}

/** The middle values of the rounds: a line for each figure, a column for each contestant. */
export function medianTable(comparison: Comparison): string {
  const { contestants, figures } = comparison;
  return table([
    ['median', ...contestants],
    ...figures.map(({ name, title, digits }) => [
      title,
      ...contestants.map((each) => number(comparison.median(each, name), digits)),
    ]),
  ]);
}

/** How vpclab stands to each of the others: the middle one of the rounds' ratios. */
export function ratioTable(comparison: Comparison): string {
  const others = comparison.contestants.filter((each) => each !== 'vpclab');
  return table([
    ['vpclab to', ...others],
    ...comparison.figures.map(({ name, title }) => [
      title,
      ...others.map((each) => number(comparison.ratio(name, 'vpclab', each), 2)),
    ]),
  ]);
}

export function frameTable(frames: FrameCosts): string {
  return table([
    ['frame', 'ns', 'bytes allocated'],
    ...Object.entries(frames).map(([name, { nsPerFrame, bytesPerFrame }]) => [
      name,
      number(nsPerFrame),
      number(bytesPerFrame, 4),
    ]),
  ]);
}

export function growthTable(growth: readonly Growth[]): string {
  return table([
    ['number of', '', 'hit, ns', 'flows still known', 'miss, ns'],
    ...growth.map(({ of, size, hitNs, hitShare, missNs }) => [
      of,
      number(size),
      number(hitNs),
      `${number(hitShare * 100, 1)} %`,
      number(missNs),
    ]),
  ]);
}

export function compileTable(costs: CompileCosts): string {
  return table([
    ['interfaces', 'rules', 'compile, ms', 'one more rule, ms', 'copy for the worker, ms'],
    [
      ...[number(costs.interfaces), number(costs.rules)],
      ...[costs.compileMs, costs.oneRuleMs, costs.handOverMs].map((ms) => number(ms, 1)),
    ],
  ]);
}

export function labTable(labs: readonly LabResult[]): string {
  return table([
    ['lab', 'up, s', 'down, s', 'controller, MB'],
    ...labs.map(({ instances, dhcp, upMs, downMs, controllerMb }) => [
      `${instances} instances, ${dhcp}`,
      number(upMs / 1000, 1),
      number(downMs / 1000, 1),
      number(controllerMb),
    ]),
  ]);
}

export function metadataTable(metadata: MetadataCosts): string {
  const { instances, interfaces } = metadata;
  return table([
    ['instance metadata', ''],
    ['a request of one instance, p50 ms', number(metadata.aloneP50Ms, 2)],
    [`${instances} instances at once, requests/s`, number(metadata.requestsPerSecond)],
    ['the same, p50 ms', number(metadata.crowdP50Ms, 2)],
    ['the same, p99 ms', number(metadata.crowdP99Ms, 2)],
    [`kept of ${number(interfaces)} interfaces that have asked, MB`, number(metadata.keptMb, 2)],
  ]);
}

export function apiTable(api: ApiCosts): string {
  return table([
    ['API', ''],
    ['start of an empty lab to the first answer, ms', number(api.startMs)],
    ['DescribeVpcs, p50 ms', number(api.describeVpcsMs, 2)],
    [
      `ReplaceRoute among ${number(api.interfaces)} interfaces, p50 ms`,
      number(api.replaceRouteMs, 2),
    ],
    [`${number(api.pagedInterfaces)} interfaces in pages of 1,000, ms`, number(api.pagesMs)],
    [`mixed calls of ${api.mixedClients} clients, calls/s`, number(api.callsPerSecond)],
    ['the same, p99 ms', number(api.p99Ms, 1)],
    [`heap after ${number(api.mixedCalls / 5)} of them, MB`, number(api.heapFirstMb, 1)],
    [`heap after ${number(api.mixedCalls)}, MB`, number(api.heapLastMb, 1)],
  ]);
}

export function dnsTable(dns: DnsCosts): string {
  return table([
    ['names', ''],
    [`answers to ${dns.instances} instances, queries/s`, number(dns.queriesPerSecond)],
    ['queries lost, %', number(dns.lostShare * 100, 2)],
    ['mean time to an answer, ms', number(dns.meanMs, 2)],
  ]);
}

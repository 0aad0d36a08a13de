/** What vpclab wants to reach, and whether a run did. Shares are the middle ones of the rounds. */
import type { ApiCosts } from './api/measure.ts';
import type { Comparison } from './comparison.ts';
import { internetGateway, natGateway } from './contestants/vpclab-edges.ts';
import type { MetadataCosts } from './metadata/measure.ts';
import type { CompileCosts } from './micro/compile.ts';
import type { FrameCosts } from './micro/frames.ts';
import type { Growth } from './micro/scaling.ts';
import type { Results } from './results.ts';
import { number } from './table.ts';

export interface Target {
  readonly name: string;
  /** null: it could not be measured. */
  readonly value: number | null;
  readonly target: string;
  readonly met: boolean;
}

const TCP_SHARES = [
  ['relay', 0.95],
  ['bridge', 0.7],
  ['vde', 5],
] as const;
/** What gateways leave of TCP within the VPC. */
const EDGE_SHARE = 0.9;
const EDGES = [
  [internetGateway, 'internet gateway'],
  [natGateway, 'NAT gateway'],
] as const;
const UDP_SHARE = 0.85;
const PING_SHARE = 1.5;
const CONNECTIONS_PER_SECOND = 15_000;
const HIT_NS = 400;
const MISS_NS = 15_000;
/** What the meter finds for nothing at all is a tenth of this. */
const NO_BYTES = 0.001;
const COMPILE_MS = 300;
const ONE_RULE_MS = 10;
const API_START_MS = 1000;
const DESCRIBE_VPCS_MS = 2;
const REPLACE_ROUTE_MS = 5;
const PAGES_MS = 400;
const API_CALLS_PER_SECOND = 2000;
const METADATA_MS = 1;
const METADATA_PER_SECOND = 500;
const METADATA_MB = 50;
/** What a heap varies by without growing. */
const HEAP_SHARE = 1.02;
const DNS_QUERIES_PER_SECOND = 5000;

/** @returns the targets of the parts that were measured. */
export function targetsOf(results: Results): Target[] {
  const { comparison, frames, growth, compile, api, metadata, dns } = results;
  return [
    ...comparisonTargets(comparison),
    ...(frames === null ? [] : frameTargets(frames)),
    ...(frames === null ? [] : growthTargets(growth)),
    ...(compile === null ? [] : compileTargets(compile)),
    ...(api === null ? [] : apiTargets(api)),
    ...(metadata === null ? [] : metadataTargets(metadata)),
    ...(dns === null
      ? []
      : [atLeast('names: queries/s', dns.queriesPerSecond, DNS_QUERIES_PER_SECOND)]),
  ];
}

function comparisonTargets(comparison: Comparison): Target[] {
  const share = (figure: string, to: string) => comparison.ratio(figure, 'vpclab', to);
  return comparison.figures.flatMap(({ name, title }): Target[] => {
    const what = title.split(', ').slice(0, -1).join(', ') || title;
    switch (name) {
      case 'tcp1':
      case 'tcp4':
      case 'tcp6':
        return [
          ...TCP_SHARES.map(([to, least]) =>
            atLeast(`${what}: vpclab to ${to}`, share(name, to), least),
          ),
          ...EDGES.filter(([edge]) => edge.figures?.includes(name)).map(([edge, title]) =>
            atLeast(
              `${what}: through the ${title} to plain`,
              comparison.ratio(name, edge.name, 'vpclab'),
              EDGE_SHARE,
            ),
          ),
        ];
      case 'udpDelivered':
        return [atLeast(`${what}: vpclab to relay`, share(name, 'relay'), UDP_SHARE)];
      case 'pingP50':
        return [atMost(`${what}: vpclab to relay`, share(name, 'relay'), PING_SHARE)];
      case 'connections':
        return [connectionTarget(comparison)];
      default:
        return [];
    }
  });
}

/** Where the two kernels alone give fewer, no more is asked for. */
function connectionTarget(comparison: Comparison): Target {
  const kernels = comparison.median('bridge', 'connections');
  const least = Math.min(CONNECTIONS_PER_SECOND, Math.floor(kernels));
  return atLeast('new TCP connections/s', comparison.median('vpclab', 'connections'), least);
}

function frameTargets({ hit, miss, wrap, unwrap }: FrameCosts): Target[] {
  return [
    atMost('hit: bytes allocated', hit.bytesPerFrame, NO_BYTES),
    atMost(
      'into Geneve and out: bytes allocated',
      wrap.bytesPerFrame + unwrap.bytesPerFrame,
      NO_BYTES * 2,
    ),
    atMost('hit: ns', hit.nsPerFrame, HIT_NS),
    atMost('miss with the full policy: ns', miss.nsPerFrame, MISS_NS),
  ];
}

/** Flat means: nowhere above what a hit may cost at all. */
function growthTargets(growth: readonly Growth[]): Target[] {
  const worst = (of: Growth['of']) => {
    const costs = growth.filter((each) => each.of === of).map((each) => each.hitNs);
    return costs.length === 0 ? Number.NaN : Math.max(...costs);
  };
  return [
    atMost('hit among 1 to 1,000,000 flows: worst ns', worst('flows'), HIT_NS),
    atMost('hit with 1 to 5,000 security group rules: worst ns', worst('rules'), HIT_NS),
    atMost('hit among 2 to 5,000 interfaces: worst ns', worst('interfaces'), HIT_NS),
  ];
}

function compileTargets({ compileMs, oneRuleMs }: CompileCosts): Target[] {
  const size = '5,000 interfaces and 50,000 rules';
  return [
    atMost(`compile of ${size}: ms`, compileMs, COMPILE_MS),
    atMost(`one more rule among ${size}: ms`, oneRuleMs, ONE_RULE_MS),
  ];
}

function apiTargets(api: ApiCosts): Target[] {
  const [few, many, calls] = [api.interfaces, api.pagedInterfaces, api.mixedCalls].map((count) =>
    number(count),
  );
  return [
    atMost('API: start to the first answer, ms', api.startMs, API_START_MS),
    atMost('API: DescribeVpcs, p50 ms', api.describeVpcsMs, DESCRIBE_VPCS_MS),
    atMost(
      `API: ReplaceRoute among ${few} interfaces, p50 ms`,
      api.replaceRouteMs,
      REPLACE_ROUTE_MS,
    ),
    atMost(`API: ${many} interfaces in pages, ms`, api.pagesMs, PAGES_MS),
    atLeast(`API: ${calls} mixed calls, calls/s`, api.callsPerSecond, API_CALLS_PER_SECOND),
    atMost(
      `API: heap after ${calls} mixed calls to that after a fifth`,
      api.heapLastMb / api.heapFirstMb,
      HEAP_SHARE,
    ),
  ];
}

function metadataTargets(metadata: MetadataCosts): Target[] {
  const { aloneP50Ms, instances, requestsPerSecond, interfaces, keptMb } = metadata;
  return [
    atMost('metadata: a request in a guest, p50 ms', aloneP50Ms, METADATA_MS),
    atLeast(
      `metadata: ${instances} instances at once, requests/s`,
      requestsPerSecond,
      METADATA_PER_SECOND,
    ),
    atMost(`metadata: kept of ${number(interfaces)} interfaces, MB`, keptMb, METADATA_MB),
  ];
}

function atLeast(name: string, value: number, least: number): Target {
  return target(name, value, `>= ${least}`, value >= least);
}

function atMost(name: string, value: number, most: number): Target {
  return target(name, value, `<= ${most}`, value <= most);
}

function target(name: string, value: number, wanted: string, met: boolean): Target {
  return { name, value: Number.isNaN(value) ? null : value, target: wanted, met };
}

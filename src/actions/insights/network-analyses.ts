/** The actions on network insights analyses: what becomes of the packets of a path, found once and kept. */
import type {
  NetworkInsightsAnalysis,
  NetworkInsightsPath,
  PathExplanation,
  PathFinding,
} from '../../model/network-insights.ts';
import type { Eni } from '../../model/records.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { invalidValue } from '../errors.ts';
import { optionalString, stringOf } from '../input.ts';
import { TAG_SPECIFICATIONS, tagsFor } from '../tag-set.ts';
import { analysisShape, startedShape, statusOf } from './insight-shapes.ts';
import { findAnalysis, findNetworkPath } from './lookup-insights.ts';
import { addressesOf, type End, endOf } from './path-ends.ts';
import { PROTOCOLS, portsToTry } from './path-ports.ts';

/** Nothing was walked: the ends themselves are the obstacle. */
function noWay(code: string, id: string): PathFinding {
  const explanation: PathExplanation = { code, component: { id, name: null } };
  const nothing = { forward: [], back: [], reached: null };
  return { isReachable: false, ...nothing, explanations: [explanation] };
}

const END_CODES = { gone: 'UNKNOWN_RESOURCE', gateway: 'UNSUPPORTED_COMPONENT' } as const;

/**
 * Tries the ends of the path with each port that counts, until a packet arrives.
 * @returns null where there is no network to look at.
 */
function analyze(
  path: NetworkInsightsPath,
  { draft: { snapshot }, observer }: ActionContext,
): PathFinding | null {
  const source = endOf(snapshot, path.source);
  if (source.kind !== 'interfaces') return noWay(END_CODES[source.kind], path.source);
  const destination: End | null =
    path.destination === null ? null : endOf(snapshot, path.destination);
  if (destination !== null && destination.kind !== 'interfaces') {
    return noWay(END_CODES[destination.kind], path.destination ?? '');
  }
  const [sender] = source.enis;
  const receivers = destination?.enis ?? null;
  const addresses = sender === undefined ? null : addressesOf(path, sender, receivers?.[0] ?? null);
  if (sender === undefined || addresses === null) {
    return noWay('NO_SOURCE_OR_DESTINATION', path.source);
  }
  let first: PathFinding | null = null;
  for (const port of portsToTry(snapshot, path)) {
    const question = { eniId: sender.eniId, addresses, protocol: PROTOCOLS[path.protocol], port };
    const found = observer.findPath(question);
    if (found === null) return null;
    const finding = atDestination(found, receivers, path);
    if (finding.isReachable) return finding;
    first ??= finding;
  }
  return first ?? noWay('NO_PATH', path.source);
}

/** A packet that comes to somebody else has found no path. */
function atDestination(
  finding: PathFinding,
  receivers: readonly Eni[] | null,
  { destination }: NetworkInsightsPath,
): PathFinding {
  const isThere = receivers === null || receivers.some(({ eniId }) => eniId === finding.reached);
  if (isThere || !finding.isReachable) return finding;
  const id = destination ?? '';
  const explanation: PathExplanation = { code: 'NO_PATH', component: { id, name: null } };
  return { ...finding, isReachable: false, explanations: [explanation] };
}

function startAnalysis(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId, nowMs } = context;
  const path = findNetworkPath(draft.snapshot, stringOf(input, 'NetworkInsightsPathId'));
  const analysis: NetworkInsightsAnalysis = {
    analysisId: newId('nia'),
    pathId: path.pathId,
    finding: analyze(path, context),
    startTimeMs: nowMs,
    tags: tagsFor(input, 'network-insights-analysis'),
  };
  draft.put('networkInsightsAnalyses', analysis.analysisId, analysis);
  return { NetworkInsightsAnalysis: startedShape(analysis, draft.snapshot) };
}

function deleteAnalysis(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const id = stringOf(input, 'NetworkInsightsAnalysisId');
  const { analysisId } = findAnalysis(draft.snapshot, id);
  draft.delete('networkInsightsAnalyses', analysisId);
  return { NetworkInsightsAnalysisId: analysisId };
}

const DESCRIBE_ANALYSES: DescribeSpec<'nia', NetworkInsightsAnalysis> = {
  member: 'NetworkInsightsAnalyses',
  idsParameter: 'NetworkInsightsAnalysisIds',
  prefix: 'nia',
  rows: (snapshot) => snapshot.networkInsightsAnalyses,
  shape: analysisShape,
  filters: {
    'path-found': ({ finding }) => [finding?.isReachable ?? false],
    status: (analysis) => [statusOf(analysis)],
  },
};

/** Reads a time. @returns milliseconds since the epoch. @throws InvalidParameterValue */
function readTime(input: ActionInput, name: string, otherwise: number): number {
  const text = optionalString(input, name);
  const timeMs = text === undefined ? otherwise : Date.parse(text);
  if (Number.isNaN(timeMs)) throw invalidValue(name, text ?? '');
  return timeMs;
}

function describeAnalyses(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const pathId = optionalString(input, 'NetworkInsightsPathId');
  const path = pathId === undefined ? null : findNetworkPath(snapshot, pathId);
  const from = readTime(input, 'AnalysisStartTime', Number.NEGATIVE_INFINITY);
  const to = readTime(input, 'AnalysisEndTime', Number.POSITIVE_INFINITY);
  const isAsked = (analysis: NetworkInsightsAnalysis): boolean =>
    (path === null || analysis.pathId === path.pathId) &&
    analysis.startTimeMs >= from &&
    analysis.startTimeMs <= to;
  const rows = new Map(
    [...snapshot.networkInsightsAnalyses].filter(([, analysis]) => isAsked(analysis)),
  );
  return describe({ ...DESCRIBE_ANALYSES, rows: () => rows }, input, snapshot);
}

export const NETWORK_ANALYSIS_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'StartNetworkInsightsAnalysis',
    parameters: {
      NetworkInsightsPathId: 'string',
      ClientToken: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['NetworkInsightsPathId'],
    perform: startAnalysis,
  },
  {
    name: 'DeleteNetworkInsightsAnalysis',
    parameters: { NetworkInsightsAnalysisId: 'string' },
    required: ['NetworkInsightsAnalysisId'],
    perform: deleteAnalysis,
  },
  {
    name: 'DescribeNetworkInsightsAnalyses',
    parameters: {
      ...PAGE_PARAMETERS,
      NetworkInsightsAnalysisIds: ['string'],
      NetworkInsightsPathId: 'string',
      AnalysisStartTime: 'string',
      AnalysisEndTime: 'string',
    },
    required: [],
    perform: describeAnalyses,
  },
];

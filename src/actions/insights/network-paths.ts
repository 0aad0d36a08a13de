/** The actions on network insights paths: what somebody wants to know about a way through the network. */
import type { NetworkInsightsPath, PathFilter, PortRange } from '../../model/network-insights.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { invalidValue, missingOneOf, parameterCombination } from '../errors.ts';
import {
  integerOf,
  optionalInteger,
  optionalString,
  optionalStructure,
  stringOf,
} from '../input.ts';
import { TAG_SPECIFICATIONS, tagsFor } from '../tag-set.ts';
import { pathHasAnalyses } from './insight-errors.ts';
import { pathShape } from './insight-shapes.ts';
import { findNetworkPath } from './lookup-insights.ts';
import { checkAddress, readEnd } from './path-ends.ts';

const MAX_PORT = 65_535;

function checkPort(parameter: string, port: number): number {
  if (port < 1 || port > MAX_PORT) throw invalidValue(parameter, String(port));
  return port;
}

function readPorts(input: ActionInput): PortRange | null {
  const given = optionalStructure(input, 'DestinationPortRange');
  if (given === undefined) return null;
  const from = checkPort('fromPort', integerOf(given, 'FromPort'));
  const to = checkPort('toPort', optionalInteger(given, 'ToPort') ?? from);
  if (to < from) throw invalidValue('toPort', String(to));
  return { from, to };
}

function readFilter(input: ActionInput): PathFilter | null {
  const given = optionalStructure(input, 'FilterAtSource');
  if (given === undefined) return null;
  return {
    sourceAddress: checkAddress(optionalString(given, 'SourceAddress')),
    destinationAddress: checkAddress(optionalString(given, 'DestinationAddress')),
    destinationPorts: readPorts(given),
  };
}

/** A filter says more than the older parameters, and takes their place. */
function checkCombination(path: NetworkInsightsPath): void {
  const { filterAtSource, sourceIp, destinationIp, destinationPort } = path;
  const hasOlder = [sourceIp, destinationIp, destinationPort].some((each) => each !== null);
  if (filterAtSource !== null && hasOlder) {
    throw parameterCombination(
      'FilterAtSource cannot be used together with SourceIp, DestinationIp or DestinationPort.',
    );
  }
  const to = filterAtSource?.destinationAddress ?? destinationIp;
  if (path.destination === null && to === null) {
    throw missingOneOf(['Destination', 'DestinationIp', 'FilterAtSource.DestinationAddress']);
  }
}

function createPath(input: ActionInput, { draft, newId, nowMs }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const protocol = stringOf(input, 'Protocol');
  if (protocol !== 'tcp' && protocol !== 'udp') throw invalidValue('protocol', protocol);
  const port = optionalInteger(input, 'DestinationPort');
  const destination = optionalString(input, 'Destination');
  const path: NetworkInsightsPath = {
    pathId: newId('nip'),
    source: readEnd(snapshot, 'source', stringOf(input, 'Source')),
    destination: destination === undefined ? null : readEnd(snapshot, 'destination', destination),
    sourceIp: checkAddress(optionalString(input, 'SourceIp')),
    destinationIp: checkAddress(optionalString(input, 'DestinationIp')),
    protocol,
    destinationPort: port === undefined ? null : checkPort('destinationPort', port),
    filterAtSource: readFilter(input),
    createTimeMs: nowMs,
    tags: tagsFor(input, 'network-insights-path'),
  };
  checkCombination(path);
  draft.put('networkInsightsPaths', path.pathId, path);
  return { NetworkInsightsPath: pathShape(path, snapshot) };
}

function deletePath(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { pathId } = findNetworkPath(draft.snapshot, stringOf(input, 'NetworkInsightsPathId'));
  const analyses = [...draft.snapshot.networkInsightsAnalyses.values()];
  if (analyses.some((analysis) => analysis.pathId === pathId)) throw pathHasAnalyses(pathId);
  draft.delete('networkInsightsPaths', pathId);
  return { NetworkInsightsPathId: pathId };
}

const given = <T>(value: T | null | undefined): T[] =>
  value === null || value === undefined ? [] : [value];

const DESCRIBE_PATHS: DescribeSpec<'nip', NetworkInsightsPath> = {
  member: 'NetworkInsightsPaths',
  idsParameter: 'NetworkInsightsPathIds',
  prefix: 'nip',
  rows: (snapshot) => snapshot.networkInsightsPaths,
  shape: pathShape,
  filters: {
    destination: (path) => given(path.destination),
    'destination-port': (path) => given(path.destinationPort),
    'filter-at-source.destination-address': ({ filterAtSource }) =>
      given(filterAtSource?.destinationAddress),
    'filter-at-source.source-address': ({ filterAtSource }) => given(filterAtSource?.sourceAddress),
    protocol: (path) => [path.protocol],
    source: (path) => [path.source],
  },
};

export const NETWORK_PATH_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateNetworkInsightsPath',
    parameters: {
      Source: 'string',
      SourceIp: 'string',
      Destination: 'string',
      DestinationIp: 'string',
      Protocol: 'string',
      DestinationPort: 'integer',
      FilterAtSource: {
        SourceAddress: 'string',
        DestinationAddress: 'string',
        DestinationPortRange: { FromPort: 'integer', ToPort: 'integer' },
      },
      ClientToken: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['Source', 'Protocol'],
    perform: createPath,
  },
  {
    name: 'DeleteNetworkInsightsPath',
    parameters: { NetworkInsightsPathId: 'string' },
    required: ['NetworkInsightsPathId'],
    perform: deletePath,
  },
  {
    name: 'DescribeNetworkInsightsPaths',
    parameters: { ...PAGE_PARAMETERS, NetworkInsightsPathIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_PATHS, input, draft.snapshot),
  },
];

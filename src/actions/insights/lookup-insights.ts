/** Finding network insights by the ids of a request. */
import type { NetworkInsightsAnalysis, NetworkInsightsPath } from '../../model/network-insights.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { findRow } from '../lookup.ts';

export function findNetworkPath(snapshot: Snapshot, id: string): NetworkInsightsPath {
  return findRow(snapshot.networkInsightsPaths, 'nip', id);
}

export function findAnalysis(snapshot: Snapshot, id: string): NetworkInsightsAnalysis {
  return findRow(snapshot.networkInsightsAnalyses, 'nia', id);
}

/** The refusals of network insights: AWS's codes and texts, one small function each. */
import { ApiError } from '../api-error.ts';

export function pathHasAnalyses(pathId: string): ApiError {
  return new ApiError(
    'AnalysisExistsForNetworkInsightsPath',
    `The network insights path ${pathId} has analyses. Delete them first.`,
  );
}

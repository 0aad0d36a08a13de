/** A plan as people read it: the actions as commands of the AWS CLI, each under its reason. */
import type { ActionInput } from '../actions/action.ts';
import { API_ACTIONS } from '../actions/table.ts';
import { isInternet, type Realm } from '../model/realm.ts';
import { awsLine } from '../scenario/plan/aws-lines.ts';
import type { PlannedAction } from '../scenario/plan/planned-action.ts';
import type { Output } from './output.ts';

/**
 * @param home The region of the lab file, which commands need not name.
 * @returns two lines for each action, its reason as a comment; stages are apart.
 */
export function planLines(
  actions: readonly PlannedAction[],
  home: Realm,
  output: Output,
): string[] {
  return actions.flatMap((planned, index) => {
    const isNext = index > 0 && planned.stage !== actions[index - 1]?.stage;
    const reason = output.paint('dim', `# ${planned.subject}: ${planned.reason}`);
    const line = lineOf(planned, home) ?? `# ${planned.action}, which vpclab does itself`;
    return [...(isNext ? [''] : []), reason, line];
  });
}

/** @returns null for what the API does not have, and for the internet, which no client can name. */
function lineOf(planned: PlannedAction, home: Realm): string | null {
  const { region } = planned.realm;
  if (isInternet(planned.realm)) return null;
  return awsLine(planned, API_ACTIONS, region === home.region ? null : region);
}

/** An action of a plan for machines. */
interface PlanEntry {
  /** AWS's name. */
  readonly action: string;
  /** As AWS names them. */
  readonly parameters: ActionInput;
  readonly region: string;
  /** For a shell; null for what no client can ask for. */
  readonly command: string | null;
  readonly subject: string;
  readonly reason: string;
  readonly stage: number;
}

/** @returns the same for machines. */
export function planEntries(actions: readonly PlannedAction[], home: Realm): PlanEntry[] {
  return actions.map((planned) => {
    const { action, input: parameters, subject, reason, stage } = planned;
    const { region } = planned.realm;
    return { action, parameters, region, command: lineOf(planned, home), subject, reason, stage };
  });
}

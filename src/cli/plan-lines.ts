/** A plan as people read it: the actions as commands of the AWS CLI, each under its reason. */
import type { ActionInput } from '../actions/action.ts';
import { ACTIONS } from '../actions/table.ts';
import { awsLine } from '../scenario/plan/aws-lines.ts';
import type { PlannedAction } from '../scenario/plan/planned-action.ts';
import type { Output } from './output.ts';

/** @returns two lines for each action, its reason as a comment; stages are apart. */
export function planLines(actions: readonly PlannedAction[], output: Output): string[] {
  return actions.flatMap((planned, index) => {
    const isNext = index > 0 && planned.stage !== actions[index - 1]?.stage;
    const reason = output.paint('dim', `# ${planned.subject}: ${planned.reason}`);
    const line = awsLine(planned, ACTIONS) ?? `# ${planned.action}, which vpclab does itself`;
    return [...(isNext ? [''] : []), reason, line];
  });
}

/** An action of a plan for machines. */
interface PlanEntry {
  /** AWS's name. */
  readonly action: string;
  /** As AWS names them. */
  readonly parameters: ActionInput;
  /** For a shell; null for what the EC2 API does not have. */
  readonly command: string | null;
  readonly subject: string;
  readonly reason: string;
  readonly stage: number;
}

/** @returns the same for machines. */
export function planEntries(actions: readonly PlannedAction[]): PlanEntry[] {
  return actions.map((planned) => {
    const { action, input: parameters, subject, reason, stage } = planned;
    return { action, parameters, command: awsLine(planned, ACTIONS), subject, reason, stage };
  });
}

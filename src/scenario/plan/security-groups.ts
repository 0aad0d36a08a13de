/** Plans security groups; their rules are planned by `group-rules.ts`. */
import type { ActionInput } from '../../actions/action.ts';
import { DEFAULT } from '../lab-filters.ts';
import { type PlanContext, realmOf } from './context.ts';
import { planRules } from './group-rules.ts';
import { reference, tagSpecifications } from './planned-action.ts';
import { groupIdOf, keptGroup } from './references.ts';

export function planSecurityGroups(context: PlanContext): void {
  const { lab, plan } = context;
  plan.nextStage();
  for (const group of lab.securityGroups.values()) {
    if (group.name === DEFAULT || keptGroup(context, group.key) !== undefined) continue;
    plan.add(
      'CreateSecurityGroup',
      {
        GroupName: group.name,
        Description: group.description,
        VpcId: reference('vpc', group.vpc),
        ...tagSpecifications('security-group', group.name, lab.name),
      },
      {
        realm: realmOf(context, group.vpc),
        subject: `security group ${group.key}`,
        reason: 'not there yet',
      },
      [{ name: `securityGroup:${group.key}`, at: ['GroupId'] }],
    );
  }
  planRules(context);
}

/** @returns the parameter that puts a new interface into its groups; AWS knows the default one. */
export function groupsInput(
  vpc: string,
  names: readonly string[],
  context: PlanContext,
): ActionInput {
  if (names.length === 1 && names[0] === DEFAULT) return {};
  return { Groups: groupIds(vpc, names, context) };
}

/** @returns the ids of groups of a VPC, or what stands for them. */
export function groupIds(vpc: string, names: readonly string[], context: PlanContext): string[] {
  return names.map((name) => groupIdOf(context, `${vpc}/${name}`));
}

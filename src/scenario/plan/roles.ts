/** Plans roles, by actions that the EC2 API does not have, and which instance has which. */
import type { ActionInput } from '../../actions/action.ts';
import { roleNameOf, type Statement } from '../../model/roles.ts';
import { kept, type PlanContext, realmOf } from './context.ts';
import { REMOVED } from './departing.ts';

/** Instances have other roles by now. */
export function planRoleDeletions({ lab, current, plan }: PlanContext): void {
  for (const RoleName of current.roles.keys()) {
    if (lab.roles.has(RoleName)) continue;
    plan.add(
      'DeleteRole',
      { RoleName },
      { realm: lab.home, subject: `role ${RoleName}`, reason: REMOVED },
    );
  }
}

/** Before the instances that have them. */
export function planRoles({ lab, current, plan }: PlanContext): void {
  plan.nextStage();
  for (const { name, statements } of lab.roles.values()) {
    const now = current.roles.get(name);
    if (JSON.stringify(now?.statements) === JSON.stringify(statements)) continue;
    const reason = now === undefined ? 'not there yet' : 'it may do something else';
    plan.add(
      'PutRole',
      { RoleName: name, Statements: statements.map(statementInput) },
      { realm: lab.home, subject: `role ${name}`, reason },
    );
  }
}

function statementInput({ effect, actions }: Statement): ActionInput {
  return {
    Effect: effect,
    ...('only' in actions ? { Action: actions.only } : { NotAction: actions.except }),
  };
}

/** Those that are launched have theirs from the start. */
export function planInstanceRoles(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  plan.nextStage();
  for (const { name, role, subnet } of lab.instances.values()) {
    const instance = kept(current.instances, departures.instances, name);
    if (instance === undefined) continue;
    const { profile } = instance.options;
    if (role === (profile === null ? null : roleNameOf(profile))) continue;
    const given = profileInput(role);
    const about = {
      realm: realmOf(context, subnet),
      subject: `instance ${name}`,
      reason: `role: ${role ?? 'none'}`,
    };
    if (profile === null) {
      const input = { InstanceId: instance.instanceId, ...given };
      plan.add('AssociateIamInstanceProfile', input, about);
    } else {
      const AssociationId = profile.associationId;
      const [action, input] =
        role === null
          ? ['DisassociateIamInstanceProfile', { AssociationId }]
          : ['ReplaceIamInstanceProfileAssociation', { AssociationId, ...given }];
      plan.add(action, input, about);
    }
  }
}

/** As RunInstances takes it. */
export function profileInput(role: string | null): ActionInput {
  return role === null ? {} : { IamInstanceProfile: { Name: role } };
}

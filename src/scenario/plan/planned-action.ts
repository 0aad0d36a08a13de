/** What a plan is made of: actions with references to objects by their names. */
import type { ActionInput } from '../../actions/action.ts';
import type { Realm } from '../../model/realm.ts';
import { DEFAULT } from '../lab-filters.ts';
import { NAME_TAG, type NamedKind } from '../names.ts';

/** The tag that marks what a lab file made; all else in a lab is left alone. */
export const LAB_TAG = 'vpclab:lab';

/** An id in the answer of an action that later actions refer to. */
export interface PlannedId {
  /** A reference such as `subnet:main/a`. */
  readonly name: string;
  /** Where the id stands in the answer. */
  readonly at: readonly (string | number)[];
}

export interface PlannedAction {
  /** As `performAction` takes it, such as `CreateSubnet`. */
  readonly action: string;
  /** Texts of the form `${subnet:main/a}` stand for ids that are known when the plan is applied. */
  readonly input: ActionInput;
  /** Where it is done. */
  readonly realm: Realm;
  /** The object of the lab file, such as `subnet main/a`. */
  readonly subject: string;
  /** Why the action is needed. */
  readonly reason: string;
  /** Actions of one stage do not depend on each other; stages follow each other. */
  readonly stage: number;
  readonly produces: readonly PlannedId[];
}

/** @returns the text that stands for the object's id until the plan is applied. */
export function reference(
  kind: NamedKind | 'mainAssociation' | 'networkAclAssociation' | 'endpointServiceName',
  name: string,
): string {
  return `\${${kind}:${name}}`;
}

export type ResourceType =
  | 'vpc'
  | 'subnet'
  | 'route-table'
  | 'security-group'
  | 'network-acl'
  | 'prefix-list'
  | 'vpc-flow-log'
  | 'network-interface'
  | 'instance'
  | 'dhcp-options'
  | 'internet-gateway'
  | 'egress-only-internet-gateway'
  | 'natgateway'
  | 'vpc-endpoint'
  | 'vpc-endpoint-service'
  | 'vpc-peering-connection'
  | 'elastic-ip';

/** @returns the parameter that gives a new object its name and its mark. */
export function tagSpecifications(
  type: ResourceType,
  name: string,
  lab: string,
  more: readonly ActionInput[] = [],
): ActionInput {
  const tags = [{ Key: NAME_TAG, Value: name }, { Key: LAB_TAG, Value: lab }, ...more];
  return { TagSpecifications: [{ ResourceType: type, Tags: tags }] };
}

/** A group or an ACL of the lab file, as far as its mark goes. */
interface Markable {
  readonly name: string;
  readonly isDeclared: boolean;
  readonly id: string;
  readonly isMarked: boolean;
  readonly realm: Realm;
  readonly subject: string;
}

/** What a VPC is made with carries the mark of the lab file as long as the file speaks of it. */
export function planDefaultMark(
  plan: PlanWriter,
  lab: string,
  { name, isDeclared, id, isMarked, realm, subject }: Markable,
): void {
  if (name !== DEFAULT || isDeclared === isMarked) return;
  const input = { Resources: [id], Tags: [{ Key: LAB_TAG, Value: lab }] };
  const reason = isDeclared ? 'the lab file changes it' : 'the lab file leaves it to AWS again';
  plan.add(isDeclared ? 'CreateTags' : 'DeleteTags', input, { realm, subject, reason });
}

/** Collects the actions of a plan in order. */
export class PlanWriter {
  readonly actions: PlannedAction[] = [];
  #stage = 0;

  /** What follows depends on what was added so far. */
  nextStage(): void {
    if (this.actions.at(-1)?.stage === this.#stage) this.#stage += 1;
  }

  add(
    action: string,
    input: ActionInput,
    about: Pick<PlannedAction, 'realm' | 'subject' | 'reason'>,
    produces: readonly PlannedId[] = [],
  ): void {
    const { realm, subject, reason } = about;
    this.actions.push({ action, input, realm, subject, reason, stage: this.#stage, produces });
  }
}

/**
 * Which service an action is of. EC2's go by AWS's own names; those of Elastic Load Balancing by the names
 * that policies have for them, such as `elasticloadbalancing:DescribeTags`: EC2 has a DescribeTags too.
 */

/** As policies and endpoints name them. */
export type ServiceName = 'ec2' | 'elasticloadbalancing';

export interface ActionName {
  readonly service: ServiceName;
  /** AWS's name. */
  readonly name: string;
}

const LOAD_BALANCING = 'elasticloadbalancing:';

/** @returns the name by which `performAction` knows the action. */
export function actionNamed({ service, name }: ActionName): string {
  return service === 'ec2' ? name : `${service}:${name}`;
}

export function partsOfAction(action: string): ActionName {
  return action.startsWith(LOAD_BALANCING)
    ? { service: 'elasticloadbalancing', name: action.slice(LOAD_BALANCING.length) }
    : { service: 'ec2', name: action };
}

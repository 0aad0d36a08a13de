/** A region with appliances behind a Gateway Load Balancer, for the tests of Elastic Load Balancing. */
import type { ActionInput, ActionOutput } from '../../src/actions/action.ts';
import { at, Lab, type LabOptions, listAt, type Refusal, textAt } from './lab.ts';

/** Nobody's. */
export const NO_BALANCER =
  'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/gwy/none/0123456789abcdef';
export const NO_GROUP =
  'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/none/0123456789abcdef';
export const NO_LISTENER =
  'arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/gwy/none/0123456789abcdef/0123456789abcdef';

export class BalancingLab extends Lab {
  readonly vpcId: string;
  /** One in each of the two zones. */
  readonly subnetIds: readonly [string, string];

  constructor(options: LabOptions = {}) {
    super({ rules: 'current', ...options });
    this.vpcId = this.vpc();
    this.subnetIds = [
      this.subnet(this.vpcId, '10.0.1.0/24', { AvailabilityZone: 'us-east-1a' }),
      this.subnet(this.vpcId, '10.0.2.0/24', { AvailabilityZone: 'us-east-1b' }),
    ];
  }

  /** @param name Of an action of Elastic Load Balancing, as AWS has it. */
  elb(name: string, input: ActionInput = {}): ActionOutput {
    return this.act(`elasticloadbalancing:${name}`, input);
  }

  /** Performs an action that must be refused and must change nothing. */
  elbRefuse(name: string, input: ActionInput = {}): Refusal {
    return this.refuse(`elasticloadbalancing:${name}`, input);
  }

  /** @returns the ARN. */
  balancer(Name = 'walls', Subnets: readonly string[] = this.subnetIds): string {
    const output = this.elb('CreateLoadBalancer', { Name, Type: 'gateway', Subnets });
    return textAt(output, 'LoadBalancers', 0, 'LoadBalancerArn');
  }

  /** @returns the ARN. */
  targetGroup(Name = 'firewalls', more: ActionInput = {}): string {
    const input = { Name, Protocol: 'GENEVE', Port: 6081, VpcId: this.vpcId, ...more };
    return textAt(this.elb('CreateTargetGroup', input), 'TargetGroups', 0, 'TargetGroupArn');
  }

  /** @returns the ARN. */
  listener(LoadBalancerArn: string, TargetGroupArn: string): string {
    const input = { LoadBalancerArn, DefaultActions: [{ Type: 'forward', TargetGroupArn }] };
    return textAt(this.elb('CreateListener', input), 'Listeners', 0, 'ListenerArn');
  }

  register(TargetGroupArn: string, ...ids: readonly string[]): void {
    this.elb('RegisterTargets', { TargetGroupArn, Targets: ids.map((Id) => ({ Id })) });
  }

  deregister(TargetGroupArn: string, ...ids: readonly string[]): void {
    this.elb('DeregisterTargets', { TargetGroupArn, Targets: ids.map((Id) => ({ Id })) });
  }

  /** What the checks of the lab have found. */
  found(TargetGroupArn: string, TargetId: string, State: string, more: ActionInput = {}): void {
    this.act('PutTargetHealth', { TargetGroupArn, TargetId, State, ...more });
  }

  /** @returns `ID state reason` of the targets; of those that are asked for, or of all. */
  health(TargetGroupArn: string, ...ids: readonly string[]): string[] {
    const Targets = ids.map((Id) => ({ Id }));
    const output = this.elb('DescribeTargetHealth', { TargetGroupArn, Targets });
    return listAt(output, 'TargetHealthDescriptions').map((each) =>
      [
        textAt(each, 'Target', 'Id'),
        textAt(each, 'TargetHealth', 'State'),
        at(each, 'TargetHealth', 'Reason') ?? '',
      ]
        .join(' ')
        .trimEnd(),
    );
  }

  /** @returns `key value` of the attributes of a thing. @param kind Such as `LoadBalancer`. */
  attributes(kind: 'LoadBalancer' | 'TargetGroup' | 'Listener', arn: string): string[] {
    const output = this.elb(`Describe${kind}Attributes`, { [`${kind}Arn`]: arn });
    return listAt(output, 'Attributes').map(
      (each) => `${textAt(each, 'Key')} ${textAt(each, 'Value')}`,
    );
  }

  setAttribute(
    kind: 'LoadBalancer' | 'TargetGroup' | 'Listener',
    arn: string,
    values: Readonly<Record<string, string>>,
  ): ActionInput {
    const Attributes = Object.entries(values).map(([Key, Value]) => ({ Key, Value }));
    return { [`${kind}Arn`]: arn, Attributes };
  }
}

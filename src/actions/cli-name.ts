/** What the AWS CLI calls services, actions and parameters. */
import type { ServiceName } from './action-names.ts';

export const CLI_SERVICES: Readonly<Record<ServiceName, string>> = {
  ec2: 'ec2',
  elasticloadbalancing: 'elbv2',
};

/** @returns `replace-route` for `ReplaceRoute`, as the AWS CLI derives it. */
export function toKebab(name: string): string {
  return name
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1-$2')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();
}

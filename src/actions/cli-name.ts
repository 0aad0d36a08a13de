/** What the AWS CLI calls actions and parameters. */

/** @returns `replace-route` for `ReplaceRoute`, as the AWS CLI derives it. */
export function toKebab(name: string): string {
  return name
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1-$2')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();
}

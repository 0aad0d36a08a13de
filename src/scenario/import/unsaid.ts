/** What a lab file never says, told once for all objects and not for each. */
import type { AwsInterface } from './aws-shapes.ts';
import type { ImportContext } from './context.ts';
import type { ImportedInterfaces } from './interfaces.ts';

/** @param imagesUnknown True when nothing is known of what runs in the instances. */
export function tellInGeneral(
  { records, leftOut }: ImportContext,
  { interfaceNames, instances }: ImportedInterfaces,
  imagesUnknown: boolean,
): void {
  const add = (what: string, count: number, reason: string) => {
    if (count > 0) leftOut.push({ what: `${what} (${count})`, id: null, reason });
  };
  add('MAC addresses', interfaceNames.size, 'a lab file does not say them');
  const isPublic = ([id, { Association }]: readonly [string, AwsInterface]) =>
    interfaceNames.has(id) && Association?.IpOwnerId === 'amazon';
  const published = [...records.interfaces].filter(isPublic);
  add('public addresses of instances', published.length, 'a lab draws others');
  const rules = [...records.securityGroups.values()].flatMap(
    ({ IpPermissions, IpPermissionsEgress }) => [...IpPermissions, ...IpPermissionsEgress],
  );
  const described = rules
    .flatMap((each) => [
      ...each.IpRanges,
      ...each.Ipv6Ranges,
      ...each.UserIdGroupPairs,
      ...each.PrefixListIds,
    ])
    .filter(({ Description }) => Description !== undefined);
  add('descriptions of security group rules', described.length, 'a lab file has none');
  const entries = [...records.prefixListEntries.values()].flat();
  const describedEntries = entries.filter(({ Description }) => (Description ?? '') !== '');
  add('descriptions of prefix list entries', describedEntries.length, 'a lab file has none');
  if (imagesUnknown) {
    const reason = 'the instances run the image linux, with nothing of their own';
    add('images and what runs in them', Object.keys(instances).length, reason);
  }
}

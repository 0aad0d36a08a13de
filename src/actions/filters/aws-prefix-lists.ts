/**
 * The prefix lists that AWS keeps in every region: names and weights are AWS's. The blocks are
 * stand-ins out of public ranges of AWS, the same in every region; AWS's own change from day to day.
 */
import { parseCidr } from '../../addr/cidr.ts';
import type { PrefixList } from '../../model/filters.ts';
import type { PrefixListId } from '../../model/ids.ts';
import type { Draft } from '../../model/store.ts';
import { createIdSource } from '../ids.ts';

/** The owner of the lists, as AWS writes itself. */
export const AWS = 'AWS';

interface ListPlan {
  /** Behind `com.amazonaws.` and the region, or `global`. */
  readonly name: string;
  readonly isGlobal?: true;
  readonly family: 4 | 6;
  /** What a reference counts for against a quota of rules or routes. */
  readonly weight: number;
  readonly cidrs: readonly string[];
}

const PLANS: readonly ListPlan[] = [
  { name: 's3', family: 4, weight: 1, cidrs: ['3.5.0.0/19', '52.216.0.0/15', '54.231.0.0/16'] },
  { name: 'ipv6.s3', family: 6, weight: 1, cidrs: ['2600:1fa0:8000::/39'] },
  { name: 'dynamodb', family: 4, weight: 1, cidrs: ['3.218.180.0/22', '52.94.0.0/22'] },
  { name: 'ipv6.dynamodb', family: 6, weight: 1, cidrs: ['2600:1f70:8000::/39'] },
  { name: 's3express', family: 4, weight: 6, cidrs: ['52.95.128.0/21'] },
  { name: 'ec2-instance-connect', family: 4, weight: 2, cidrs: ['18.206.107.24/29'] },
  {
    name: 'ipv6.ec2-instance-connect',
    family: 6,
    weight: 2,
    cidrs: ['2600:1f18:6fe3:8c00::/56'],
  },
  { name: 'route53-healthchecks', family: 4, weight: 25, cidrs: ['15.177.0.0/18'] },
  {
    name: 'ipv6.route53-healthchecks',
    family: 6,
    weight: 25,
    cidrs: ['2600:1f1c:fff:f800::/53'],
  },
  { name: 'vpc-lattice', family: 4, weight: 10, cidrs: ['169.254.171.0/24'] },
  { name: 'ipv6.vpc-lattice', family: 6, weight: 10, cidrs: ['fd00:ec2:80::/64'] },
  {
    name: 'cloudfront.origin-facing',
    isGlobal: true,
    family: 4,
    weight: 55,
    cidrs: ['64.252.64.0/18', '130.176.0.0/17'],
  },
  {
    name: 'ipv6.cloudfront.origin-facing',
    isGlobal: true,
    family: 6,
    weight: 55,
    cidrs: ['2600:9000:1000::/36'],
  },
  { name: 'groundstation', isGlobal: true, family: 4, weight: 5, cidrs: ['3.2.16.0/24'] },
];

/** Adds AWS's lists to a region that does not have them; their ids follow from region and name. */
export function addAwsPrefixLists({ draft }: { readonly draft: Draft }): void {
  const { region, prefixLists } = draft.snapshot;
  for (const list of awsPrefixLists(region)) {
    if (!prefixLists.has(list.prefixListId)) draft.put('prefixLists', list.prefixListId, list);
  }
}

function awsPrefixLists(region: string): PrefixList[] {
  return PLANS.map(({ name: suffix, isGlobal, family, weight, cidrs }) => {
    const name = `com.amazonaws.${isGlobal ? 'global' : region}.${suffix}`;
    const blocks = cidrs.flatMap((text) => parseCidr(text) ?? []);
    return {
      prefixListId: idOf(region, name),
      ownerId: AWS,
      name,
      family,
      maxEntries: weight,
      versions: [blocks.map((cidr) => ({ cidr, description: null }))],
      lastChange: 'create',
      tags: new Map(),
    };
  });
}

/** Of eight digits, as AWS's lists have them. */
function idOf(region: string, name: string): PrefixListId {
  const digits = createIdSource(`${region} ${name}`).random(0x1_0000_0000).toString(16);
  return `pl-${digits.padStart(8, '0')}`;
}

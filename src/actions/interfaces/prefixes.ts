/** Delegated prefixes of interfaces, given by name or drawn: /28 and /80 (ENI-11). */
import { type Cidr, formatCidr } from '../../addr/cidr.ts';
import type { EniId } from '../../model/ids.ts';
import type { ActionContext } from '../action.ts';
import { findEni, subnetOf } from '../lookup.ts';
import {
  chooseIpv4Prefix,
  chooseIpv6Prefix,
  parseFreeIpv4Prefix,
  parseFreeIpv6Prefix,
} from './subnet-addresses.ts';

const FAMILIES = {
  4: { parse: parseFreeIpv4Prefix, choose: chooseIpv4Prefix },
  6: { parse: parseFreeIpv6Prefix, choose: chooseIpv6Prefix },
} as const;

/**
 * Gives prefixes to an interface.
 * @param texts Those that the request names. @param count How many more are drawn.
 * @returns the new ones, as text.
 * @throws the refusals of `subnet-addresses.ts`.
 * @source ENI-11
 */
export function delegatePrefixes(
  context: ActionContext,
  eniId: EniId,
  family: 4 | 6,
  texts: readonly string[],
  count: number,
): string[] {
  const { draft } = context;
  const { parse, choose } = FAMILIES[family];
  const given: Cidr[] = [];
  for (let index = 0; index < texts.length + count; index++) {
    const eni = findEni(draft.snapshot, eniId);
    const subnet = subnetOf(draft.snapshot, eni);
    const text = texts[index];
    const prefix =
      text === undefined ? choose(context, subnet) : parse(draft.snapshot, subnet, text);
    draft.put('enis', eniId, { ...eni, prefixes: [...eni.prefixes, prefix] });
    given.push(prefix);
  }
  return given.map(formatCidr);
}

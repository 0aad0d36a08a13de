/** The autonomous system of Amazon's end of BGP: of virtual private gateways and transit gateways. */
import type { ActionInput } from '../action.ts';
import { invalidValue } from '../errors.ts';
import { optionalInteger } from '../input.ts';

/** Since 2018-06-30 (VGW-1). */
export const DEFAULT_AMAZON_ASN = 64_512;
const PRIVATE_ASNS = [
  [64_512, 65_534],
  [4_200_000_000, 4_294_967_294],
] as const;

/**
 * Reads `AmazonSideAsn`.
 * @returns undefined when it was not given.
 * @throws InvalidParameterValue unless it is a private ASN.
 * @source VGW-1, TGW-11
 */
export function readAmazonSideAsn(input: ActionInput): number | undefined {
  const asn = optionalInteger(input, 'AmazonSideAsn');
  if (asn === undefined || PRIVATE_ASNS.some(([first, last]) => asn >= first && asn <= last)) {
    return asn;
  }
  throw invalidValue('amazonSideAsn', String(asn), 'It must be a private ASN.');
}

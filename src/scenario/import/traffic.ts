/** Protocols and ports of AWS's answers, as the model has them; `traffic-words.ts` puts them in words. */
import { ApiError } from '../../actions/api-error.ts';
import { hasIcmpTypes, hasPorts, parseProtocol } from '../../actions/filters/traffic.ts';
import type { Traffic } from '../../model/filters.ts';
import { allOfProtocol } from '../traffic-words.ts';

/**
 * @param range The ports, or the type and code of ICMP; null: all.
 * @returns null for a protocol that there is not.
 */
export function readTraffic(
  protocolText: string,
  range: readonly [from: number, to: number] | null,
): Traffic | null {
  const protocol = protocolNumberOf(protocolText);
  if (protocol === null) return null;
  const all = allOfProtocol(protocol);
  if (range === null || !(hasPorts(protocol) || hasIcmpTypes(protocol))) return all;
  // -1 for both is all of it, of ports too.
  if (range[0] === -1) return all;
  return { protocol, fromPort: range[0], toPort: range[1] };
}

function protocolNumberOf(text: string): number | null {
  try {
    return parseProtocol(text);
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

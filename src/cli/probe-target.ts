/** What `--to` names: an address of either family, with a port where the protocol has ports. */
import { parseIpv4 } from '../addr/ipv4.ts';
import { parseIpv6 } from '../addr/ipv6.ts';
import type { ProbeFlow, ProbeProtocol } from '../engine/control-api.ts';
import { LAST_PORT } from '../scenario/traffic-words.ts';
import { CliError, EXIT } from './exit-codes.ts';

const BRACKETED = /^\[(.+)\](?::(\d+))?$/;
const IPV4 = /^([^:]+)(?::(\d+))?$/;

/**
 * @param text `10.0.9.9`, `10.0.9.9:80`, `2001:db8::1` or `[2001:db8::1]:80`.
 * @throws CliError usage for what is no address, and for a port that is missing or too much.
 */
export function readTarget(
  text: string,
  protocol: ProbeProtocol,
): Pick<ProbeFlow, 'protocol' | 'address' | 'port'> {
  const [, address = text, port] = BRACKETED.exec(text) ?? IPV4.exec(text) ?? [];
  if (parseIpv4(address) === null && parseIpv6(address) === null)
    throw usage(text, 'found no address, wanted one such as 10.0.9.9 or [2001:db8::1]:80');
  if (protocol === 'icmp') {
    if (port !== undefined)
      throw usage(text, 'found a port, and icmp has none, wanted --protocol tcp or udp');
    return { protocol, address, port: 0 };
  }
  const number = Number(port ?? 0);
  if (number === 0 || number > LAST_PORT)
    throw usage(text, `found no port, wanted 1-${LAST_PORT} behind a colon for ${protocol}`);
  return { protocol, address, port: number };
}

function usage(text: string, rest: string): CliError {
  return new CliError(EXIT.usage, `Cannot probe "${text}": ${rest}`);
}

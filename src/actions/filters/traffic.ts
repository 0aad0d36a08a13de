/** Protocols, ports and ICMP types as the API writes them, for security groups and network ACLs. */
import type { Traffic } from '../../model/filters.ts';
import {
  icmpOutOfRange,
  icmpTypeNeedsCode,
  portOutOfRange,
  portsReversed,
  unknownProtocol,
} from './filter-errors.ts';

const TCP = 6;
const UDP = 17;
const ICMP = 1;
const ICMPV6 = 58;
const ANY = -1;
const MAX_PROTOCOL = 255;
const MAX_PORT = 65_535;
const MAX_ICMP = 255;

/** The protocols that the API gives a name. */
const NAMES: ReadonlyMap<string, number> = new Map([
  ['tcp', TCP],
  ['udp', UDP],
  ['icmp', ICMP],
  ['icmpv6', ICMPV6],
  ['all', ANY],
]);

/** Reads a name or a number. @throws InvalidParameterValue when it is no protocol. */
export function parseProtocol(text: string): number {
  const named = NAMES.get(text.toLowerCase());
  if (named !== undefined) return named;
  const protocol = Number(text);
  if (!/^(?:-1|\d{1,3})$/.test(text) || protocol > MAX_PROTOCOL) throw unknownProtocol(text);
  return protocol;
}

/** @returns `tcp`, `udp`, `icmp`, `icmpv6`, or the number. */
export function protocolName(protocol: number): string {
  for (const [name, number] of NAMES) {
    if (number === protocol && protocol !== ANY) return name;
  }
  return String(protocol);
}

/** @returns true for TCP and UDP. */
export function hasPorts(protocol: number): boolean {
  return protocol === TCP || protocol === UDP;
}

/** @returns true for ICMP and ICMPv6. */
export function hasIcmpTypes(protocol: number): boolean {
  return protocol === ICMP || protocol === ICMPV6;
}

/** @returns true for ICMPv6, whose types a request may leave out. */
export function isIcmpv6(protocol: number): boolean {
  return protocol === ICMPV6;
}

/** @returns the whole traffic of a protocol; -1 for everything. */
export function anyTraffic(protocol: number): Traffic {
  return { protocol, fromPort: ANY, toPort: ANY };
}

export function isPort(port: number): boolean {
  return port >= 0 && port <= MAX_PORT;
}

function isIcmpNumber(value: number): boolean {
  return value >= ANY && value <= MAX_ICMP;
}

/** @returns true for a type and a code; -1 is any, and every type has every code. */
export function isIcmpPair(type: number, code: number): boolean {
  return isIcmpNumber(type) && isIcmpNumber(code) && (type !== ANY || code === ANY);
}

/** @throws InvalidPermission.Malformed or InvalidParameterValue when it is no range of ports. */
export function portTraffic(protocol: number, fromPort: number, toPort: number): Traffic {
  for (const port of [fromPort, toPort]) {
    if (!isPort(port)) throw portOutOfRange(port);
  }
  if (fromPort > toPort) throw portsReversed(fromPort, toPort);
  return { protocol, fromPort, toPort };
}

/** @throws InvalidPermission.Malformed when type or code is none; every type needs every code. */
export function icmpTraffic(protocol: number, type: number, code: number): Traffic {
  if (!isIcmpNumber(type)) throw icmpOutOfRange('type', type);
  if (!isIcmpNumber(code)) throw icmpOutOfRange('code', code);
  if (!isIcmpPair(type, code)) throw icmpTypeNeedsCode(code);
  return { protocol, fromPort: type, toPort: code };
}

/** What `explain` is asked, as the command line reads it and the control socket carries it. */
import { hasPorts } from '../actions/filters/traffic.ts';
import { parseIpv4 } from '../addr/ipv4.ts';
import { parseIpv6 } from '../addr/ipv6.ts';
import { nearest } from '../scenario/file/problems.ts';
import { familyOf, LAST_PORT, PROTOCOL_WORDS, protocolNumber } from '../scenario/traffic-words.ts';
import { CliError, EXIT } from './exit-codes.ts';

/** Answers with an `Explanation`. */
export const EXPLAIN_PATH = '/explain';

export type Family = 4 | 6;

export interface ExplainRequest {
  /** An instance, an interface by its name, or an id of either. */
  readonly from: string;
  /** The same, or an address. */
  readonly to: string;
  /** null: the echo request of the family. */
  readonly protocol: number | null;
  /** TCP and UDP only. */
  readonly port: number | null;
  /** null: that which both ends have, IPv4 first. */
  readonly family: Family | null;
  /** Default: the primary address of the sender. */
  readonly source: string | null;
}

interface Wishes {
  readonly traffic?: string | undefined;
  readonly source?: string | undefined;
  readonly ipv6?: boolean | undefined;
}

/** @throws CliError usage for words that no packet can have. */
export function readRequest(from: string, to: string, wishes: Wishes): ExplainRequest {
  const traffic = wishes.traffic ?? ECHO;
  const { protocol, port } = readTraffic(traffic);
  const source = wishes.source ?? null;
  if (source !== null && addressFamily(source) === null) {
    throw usage(`Cannot send from "${source}": found no address, wanted one such as 192.0.2.10`);
  }
  const said: readonly (readonly [what: string, family: Family | null])[] = [
    ['--ipv6', wishes.ipv6 === true ? 6 : null],
    [to, addressFamily(to)],
    [source ?? '', source === null ? null : addressFamily(source)],
    [traffic, protocol === null ? null : familyOf(protocol)],
  ];
  const [first, ...others] = said.filter(([, family]) => family !== null);
  const other = others.find(([, family]) => family !== first?.[1]);
  if (first !== undefined && other !== undefined) {
    const [a, b] = [`"${first[0]}" (IPv${first[1]})`, `"${other[0]}" (IPv${other[1]})`];
    throw usage(`Cannot send a packet: found ${a} and ${b}, wanted one family`);
  }
  return { from, to, protocol, port, family: first?.[1] ?? null, source };
}

/** @returns the family of an address, or null when it is none. */
export function addressFamily(text: string): Family | null {
  if (parseIpv4(text) !== null) return 4;
  return parseIpv6(text) === null ? null : 6;
}

const WANTED = 'tcp/443, udp/53, icmp, icmpv6, a protocol such as ospf, or its number';
const LAST_PROTOCOL = 255;
/** The word that stands for the echo request of the family; a number is meant as it is. */
const ECHO = 'icmp';

function readTraffic(text: string): Pick<ExplainRequest, 'protocol' | 'port'> {
  const [word = '', port, ...rest] = text.split('/');
  const isNumber = /^\d+$/.test(word) && Number(word) <= LAST_PROTOCOL;
  const protocol = isNumber ? Number(word) : protocolNumber(word);
  if (protocol === null || rest.length > 0) {
    const near = nearest(word, PROTOCOL_WORDS);
    const wanted = near === null || rest.length > 0 ? WANTED : `"${near}"`;
    throw usage(`Cannot send "${text}": found no such protocol, wanted ${wanted}`);
  }
  if (!hasPorts(protocol)) {
    if (port !== undefined)
      throw usage(`Cannot send "${text}": ${word} has no ports, wanted "${word}"`);
    return { protocol: word === ECHO ? null : protocol, port: null };
  }
  if (port === undefined || !/^\d+$/.test(port) || port === '0' || Number(port) > LAST_PORT) {
    const found = port === undefined ? 'no port' : `port "${port}"`;
    throw usage(
      `Cannot send "${text}": found ${found}, wanted ${word}/PORT with 1 to ${LAST_PORT}`,
    );
  }
  return { protocol, port: Number(port) };
}

function usage(message: string): CliError {
  return new CliError(EXIT.usage, message);
}

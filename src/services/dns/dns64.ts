/**
 * DNS64: to instances of some subnets, names that have IPv4 addresses only get those behind the well-known
 * prefix, by which a NAT gateway reaches them (NAT-8). Read first: RFC 6147 sections 5.1 and 5.1.7.
 */
import type { Ipv4Addr } from '../../addr/ipv4.ts';
import { ipv6FromWords } from '../../addr/ipv6.ts';
import { NAT64_PREFIX_WORD } from '../../packet/siit-header.ts';
import type { Caller } from '../caller.ts';
import type { DnsRecord, Reply } from './reply.ts';
import { RCODE, TYPE } from './wire.ts';

/** Of addresses for a name whose zone does not say for how long it has no others. */
const UNKNOWN_TTL_S = 600;

/** @returns true when the subnet of the interface that asks has DNS64. */
export function hasDns64({ eni, fabric }: Caller): boolean {
  return fabric.subnets.get(eni.subnetId)?.enableDns64 === true;
}

/**
 * Answers a question for IPv6 addresses.
 * @param ask Answers the same question for a type, without DNS64.
 * @source RFC 6147 5.1
 */
export async function resolveDns64(ask: (type: number) => Promise<Reply>): Promise<Reply> {
  const own = await ask(TYPE.AAAA);
  const isWhole =
    own.rcode === RCODE.nameError || own.answers.some(({ data }) => data.type === 'AAAA');
  if (isWhole) return own;
  const { answers } = await ask(TYPE.A);
  const [soa] = own.authorities;
  const maxTtl = soa?.ttl ?? UNKNOWN_TTL_S;
  const made = answers.flatMap((record) => inIpv6(record, maxTtl));
  const hasAddress = made.some(({ data }) => data.type === 'AAAA');
  return hasAddress ? { rcode: RCODE.noError, answers: made, authorities: [] } : own;
}

/** @returns an address behind the prefix, or an alias as it is; nothing of an address that is of no use there. */
function inIpv6(record: DnsRecord, maxTtl: number): DnsRecord[] {
  const { data, ttl } = record;
  if (data.type !== 'A') return [record];
  if (isLinkLocal4(data.addr)) return [];
  const addr = ipv6FromWords(NAT64_PREFIX_WORD, 0, 0, data.addr | 0);
  return [{ ...record, ttl: Math.min(ttl, maxTtl), data: { type: 'AAAA', addr } }];
}

/** 169.254.0.0/16, where the services of the link are: no route leads there. */
function isLinkLocal4(addr: Ipv4Addr): boolean {
  return addr >>> 16 === 0xa9fe;
}

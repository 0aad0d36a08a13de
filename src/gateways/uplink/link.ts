/** The link between the uplink's namespace and the host: what its two ends are called. */
import { createHash } from 'node:crypto';
import type { Ipv4Cidr } from '../../addr/cidr.ts';
import { formatIpv4, ipv4FromWord } from '../../addr/ipv4.ts';
import { formatIpv6, type Ipv6Addr } from '../../addr/ipv6.ts';
import { formatMac, macFromWords } from '../../addr/mac.ts';

/** One end, as ip(8) reads it. */
export interface LinkEnd {
  readonly device: string;
  readonly mac: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

export interface Link {
  /** In the host's own namespace. */
  readonly host: LinkEnd;
  /** In that of the uplink. All that the lab sends comes from its address. */
  readonly lab: LinkEnd;
}

/** fd76:7063:6c62::/96, in which the last word is the IPv4 address. */
const LINKS_IPV6 = 0xfd76_7063_6c62n << 80n;
/** No interface has a longer name. */
const MAX_NAME = 15;

/** @returns the name of a lab's interface in the host's namespace; it follows from that of the lab. */
export function linkName(lab: string): string {
  const hash = createHash('sha256').update(lab).digest('hex');
  return `vpclab-${hash}`.slice(0, MAX_NAME);
}

/** @returns the name of a lab's table of nftables, of the family inet; names there have no `-`. */
export function tableName(lab: string): string {
  return `vpclab_${lab.replaceAll('-', '_')}`;
}

/** @param pair The addresses: the first one is the host's. */
export function linkOf(lab: string, pair: Ipv4Cidr): Link {
  return { host: endOf(linkName(lab), pair, 0), lab: endOf('uplink', pair, 1) };
}

function endOf(device: string, pair: Ipv4Cidr, place: number): LinkEnd {
  const address = ipv4FromWord(pair.addr + place);
  return {
    device,
    mac: formatMac(macFromWords(0x0a00, 0xa9fef010 + place)),
    ipv4: formatIpv4(address),
    ipv6: formatIpv6((LINKS_IPV6 | BigInt(address)) as Ipv6Addr),
  };
}

/** The SOA records of the zones that AWS makes, and of the rest of the tree. */
import type { SoaData } from '../../model/dns-records.ts';
import type { Zone } from './zone.ts';

/** Of all that the resolver says about a VPC. @source DNS-2 */
export const TTL = 60;

/** @returns the zone's SOA as AWS words it; that a name is missing is known for a minute. */
export function awsSoa(apex: string): Zone['soa'] {
  return soa({
    primary: `ns0.${apex}`,
    mailbox: 'hostmaster.amazon.com',
    serial: 2012103100,
    refresh: 3600,
    retry: 3600,
    expire: 3600,
  });
}

/** The root, which knows of nothing: the internet is not there. */
export const ROOT_SOA: Zone['soa'] = soa({
  primary: 'a.root-servers.net',
  mailbox: 'nstld.verisign-grs.com',
  serial: 2012103100,
  refresh: 1800,
  retry: 900,
  expire: 604_800,
});

function soa(data: Omit<SoaData, 'type' | 'minimum'>): Zone['soa'] {
  return { ttl: TTL, data: { type: 'SOA', ...data, minimum: TTL } };
}

/**
 * Time on the link (NTP-1): chrony's daemon, which tells the clock of the host and never sets it.
 * Read first: chrony.conf(5).
 */
import { formatIpv4 } from '../addr/ipv4.ts';
import { formatIpv6 } from '../addr/ipv6.ts';
import { PEERS_IPV4, PEERS_IPV6, TIME } from '../addr/service-addresses.ts';

/** Program to Debian package. */
export const TIME_PROGRAMS = { chronyd: 'chrony' } as const;

/** As AWS's own. @source EC2 User Guide, "Set the time reference", output of `chronyc sources` */
const STRATUM = 3;
/** 16 answers a second and address, and 64 at once; then one in four. */
const RATE_LIMIT = 'interval -4 burst 64';
/** What it remembers of clients for that. */
const CLIENTS_BYTES = 1024 * 1024;

/**
 * @param pidFile In a folder of the lab: the daemon insists on one.
 * @param hasIpv6 Of the host's kernel.
 * @returns the program, which stays in the foreground; it has no sources and no command socket.
 */
export function timeServerCommand(pidFile: string, hasIpv6: boolean): [string, ...string[]] {
  const families = [
    { address: formatIpv4(TIME.ipv4), peers: PEERS_IPV4 },
    ...(hasIpv6 ? [{ address: formatIpv6(TIME.ipv6), peers: PEERS_IPV6 }] : []),
  ];
  return [
    'chronyd',
    // It does not touch the clock, logs to its output, and is held to few system calls.
    ...['-x', '-d', '-F', '1'],
    `local stratum ${STRATUM}`,
    ...families.flatMap(({ address, peers }) => [`bindaddress ${address}`, `allow ${peers}`]),
    ...['cmdport 0', 'bindcmdaddress /'],
    `pidfile ${pidFile}`,
    `ratelimit ${RATE_LIMIT}`,
    `clientloglimit ${CLIENTS_BYTES}`,
  ];
}

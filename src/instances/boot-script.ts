/**
 * The shell script that is the first process of a `namespace` instance: it makes the root, the
 * network and the daemons, tells descriptor 3 how far it is, and then reaps what dies.
 *
 * Lines on descriptor 3: `pid N` (in the host's numbers), `network ok|failed`, `ready`,
 * `exit NAME CODE` for each daemon that ended.
 */
import { formatIpv4, type Ipv4Addr } from '../addr/ipv4.ts';
import { formatIpv6, type Ipv6Addr } from '../addr/ipv6.ts';
import { RESOLVER } from '../addr/service-addresses.ts';
import type { Blueprint, DhcpClient } from './blueprint.ts';
import { cloudInitCommand } from './cloud-init.ts';
import { LOG_FOLDER } from './log-folder.ts';
import { type UserData, userDataCommand } from './user-data.ts';

interface BootIpv4 {
  readonly address: Ipv4Addr;
  readonly prefixLength: number;
  readonly router: Ipv4Addr;
}

export interface BootInterface {
  readonly device: string;
  /** What DHCP tells of the link; bytes. */
  readonly mtu: number;
  /** null: an IPv6-only subnet. */
  readonly ipv4: BootIpv4 | null;
  /** Those that DHCPv6 gives; none: nothing of IPv6 is configured. */
  readonly ipv6Addresses: readonly Ipv6Addr[];
}

export interface BootPlaces {
  /** The control group of the instance. */
  readonly cgroup: string;
  /** Where the root of the instance is mounted. */
  readonly root: string;
  /** The host's folder for logs. */
  readonly logs: string;
}

/** Quotes a word for the shell. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * The mounts of an instance, for `mount --all`: one process makes them all.
 * @param overlays Lines of fstab(5) that mount the root.
 */
export function bootMounts(
  overlays: readonly string[],
  { root, logs }: Pick<BootPlaces, 'root' | 'logs'>,
): string {
  return [
    ...overlays,
    `proc ${root}/proc proc defaults`,
    `sysfs ${root}/sys sysfs defaults`,
    `/dev ${root}/dev none rbind`,
    `tmpfs ${root}/dev/shm tmpfs mode=1777`,
    `tmpfs ${root}/run tmpfs mode=0755`,
    `tmpfs ${root}/tmp tmpfs mode=1777`,
    `${logs} ${root}${LOG_FOLDER} none bind`,
    '',
  ].join('\n');
}

/**
 * @param mountsFile Holds what `bootMounts` gave.
 * @returns the program to start, inside the network namespace: it joins the control group, then boots.
 */
export function bootCommand(
  name: string,
  blueprint: Blueprint,
  interfaces: readonly BootInterface[],
  places: BootPlaces,
  mountsFile: string,
  userData: UserData | null,
): [string, ...string[]] {
  const inner = [
    rootScript(name, places, mountsFile),
    networkScript(blueprint.dhcp, interfaces),
    daemonScript(blueprint, userData),
  ].join('\n');
  const outer = [
    `echo $$ >${shellQuote(`${places.cgroup}/cgroup.procs`)} || exit 1`,
    'exec unshare --mount --uts --pid --cgroup --fork --kill-child sh -c "$1" init',
  ].join('\n');
  return ['sh', '-c', outer, 'boot', inner];
}

function rootScript(name: string, places: BootPlaces, mountsFile: string): string {
  return [
    'set -e',
    'read -r pid rest </proc/self/stat',
    'echo "pid $pid" >&3',
    `mount --all --fstab ${shellQuote(mountsFile)}`,
    `cd ${shellQuote(places.root)}`,
    // The old root ends up on top of the new one, and goes (pivot_root(2), NOTES).
    'pivot_root . .',
    'umount -l .',
    'cd /',
    `echo ${shellQuote(name)} >/proc/sys/kernel/hostname`,
    'set +e',
  ].join('\n');
}

/**
 * @returns the commands that configure one interface, as one shell command. The default route over
 *   IPv6 is the kernel's own work, or dhcpcd's, by router advertisement (RA-1).
 */
export function configureCommand(client: DhcpClient, nic: BootInterface): string {
  const { device } = nic;
  if (client === 'static') return staticCommand(nic);
  const hasIpv4 = nic.ipv4 !== null;
  const hasIpv6 = nic.ipv6Addresses.length > 0;
  if (!hasIpv4 && !hasIpv6) return bringUp(device);
  if (client === 'dhcpcd') return `dhcpcd ${dhcpcdFlags(hasIpv4, hasIpv6)} -t 30 ${device}`;
  return [
    ...(hasIpv6 ? [bringUp(device)] : []),
    ...(hasIpv4 ? [ipv4Command(client, device)] : []),
    ...(hasIpv6 ? [ipv6Command(client, device)] : []),
  ].join(' &&\n');
}

/** Debian's own settings ask for Rapid Commit, which gets no answer (DHCP-14). */
function dhcpcdFlags(hasIpv4: boolean, hasIpv6: boolean): string {
  if (!hasIpv6) return '-4 -w';
  return `${hasIpv4 ? '--waitip=4' : '-6'} --waitip=6 -O rapid_commit`;
}

/** Starts the link, and duplicate address detection with it; the client binds to that address. */
function bringUp(device: string): string {
  return `ip link set ${device} up`;
}

function dhclient6(device: string): string {
  const tentative = `ip -6 address show dev ${device} scope link tentative | grep -q .`;
  const settled = `ip -6 address show dev ${device} scope link | grep -q .`;
  return [
    `n=0; while [ $n -lt 100 ] && { ${tentative} || ! ${settled}; }; do sleep 0.05; n=$((n+1)); done`,
    `dhclient -6 -1 -v -pf /run/dhclient6.${device}.pid -lf /var/lib/dhcp/dhclient6.${device}.leases ${device}`,
  ].join('; ');
}

function ipv4Command(client: 'dhclient' | 'udhcpc', device: string): string {
  return client === 'dhclient'
    ? `dhclient -4 -1 -v -pf /run/dhclient.${device}.pid -lf /var/lib/dhcp/dhclient.${device}.leases ${device}`
    : `ip link set ${device} up && udhcpc -i ${device} -n -t 8 -T 1 -A 1 -O mtu -p /run/udhcpc.${device}.pid`;
}

function ipv6Command(client: 'dhclient' | 'udhcpc', device: string): string {
  return client === 'dhclient'
    ? dhclient6(device)
    : `udhcpc6 -i ${device} -n -t 8 -T 1 -p /run/udhcpc6.${device}.pid`;
}

function staticCommand(nic: BootInterface): string {
  const resolver = nic.ipv4 === null ? formatIpv6(RESOLVER.ipv6) : formatIpv4(RESOLVER.ipv4);
  return `ip -batch - <<END\n${staticLines(nic).join('\n')}\nEND\necho 'nameserver ${resolver}' >/etc/resolv.conf\n`;
}

/** The router's in every subnet (RA-4). */
const ROUTER_ALIAS = 'fe80:ec2::1';

/**
 * A second interface gets no default route: it would hide the first's (DHCP-6). No address of another
 * interface can be taken, so none is looked for (ND-2).
 */
function staticLines(nic: BootInterface): readonly string[] {
  const { device, ipv4, ipv6Addresses } = nic;
  const hasIpv6 = ipv6Addresses.length > 0;
  return [
    `link set ${device} mtu ${nic.mtu} up`,
    ...(ipv4 === null ? [] : staticIpv4Lines(device, ipv4)),
    ...ipv6Addresses.map((addr) => `addr add ${formatIpv6(addr)}/64 dev ${device} nodad`),
    ...(hasIpv6 && device === 'eth0'
      ? [`route add default via ${ROUTER_ALIAS} dev ${device} metric 512`]
      : []),
  ];
}

function staticIpv4Lines(device: string, { address, prefixLength, router }: BootIpv4): string[] {
  return [
    `addr add ${formatIpv4(address)}/${prefixLength} broadcast + dev ${device}`,
    ...(device === 'eth0' ? [`route add default via ${formatIpv4(router)}`] : []),
  ];
}

function networkScript(client: DhcpClient, interfaces: readonly BootInterface[]): string {
  return [
    'configure() {',
    'set -e',
    ...interfaces.map((nic) => configureCommand(client, nic)),
    '}',
    `if (configure) >>${LOG_FOLDER}/network.log 2>&1 3>&-`,
    "then echo 'network ok' >&3; else echo 'network failed' >&3; fi",
  ].join('\n');
}

/** @returns what does at every boot what is left to do of the first one. */
function firstBootCommand({ cloudInit }: Blueprint, userData: UserData | null): string | null {
  if (cloudInit) return cloudInitCommand();
  return userData === null ? null : userDataCommand(userData);
}

function daemonScript(blueprint: Blueprint, userData: UserData | null): string {
  const firstBoot = firstBootCommand(blueprint, userData);
  return [
    ...blueprint.start.map(
      (command) => `sh -c ${shellQuote(command)} >>${LOG_FOLDER}/start.log 2>&1 3>&-`,
    ),
    'echo ready >&3',
    // Nobody waits for it: it may be a server.
    ...(firstBoot === null ? [] : [`sh -c ${shellQuote(firstBoot)} 3>&- &`]),
    // The trap lets a shutdown end the daemon and leaves this shell to tell of it.
    `daemon() { trap : TERM; sh -c "$2" >>${LOG_FOLDER}/"$1".log 2>&1 3>&-; echo "exit $1 $?" >&3; }`,
    ...blueprint.daemons.map(
      ({ name, command }) => `daemon ${shellQuote(name)} ${shellQuote(command)} &`,
    ),
    // The first process of a pid namespace inherits every orphan: `wait` reaps them.
    'while :; do sleep 2147483 3>&- & wait; done',
  ].join('\n');
}

/**
 * The built-in images: the host's own packages with a config folder, the daemons that they run, and
 * the Debian package of every program they need.
 */
import { findProgram } from '../host/proc.ts';
import type { ImageId } from '../model/ids.ts';
import { BUILT_IN_IMAGE_NAMES, type BuiltInImageName, builtInImageId } from '../model/images.ts';
import type { Blueprint, BlueprintFile, Daemon } from './blueprint.ts';

export interface BuiltInImage {
  /** Program to Debian package. */
  readonly programs: Readonly<Record<string, string>>;
  readonly start: readonly string[];
  readonly daemons: (files: readonly BlueprintFile[]) => readonly Daemon[];
}

/** A Linux that forwards heeds advertisements only when it is told to. */
const HEED_ADVERTISEMENTS =
  'for each in /proc/sys/net/ipv6/conf/*/accept_ra; do echo 2 >$each; done; ';

const FORWARD_PACKETS =
  HEED_ADVERTISEMENTS +
  'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding';

/** A word at the start of a line of frr.conf, and the daemon that understands what follows. */
const FRR_DAEMONS: readonly (readonly [line: RegExp, daemon: string])[] = [
  [/^router bgp\b/m, 'bgpd'],
  [/^router ospf\b/m, 'ospfd'],
  [/^router ospf6\b/m, 'ospf6d'],
  [/^router rip\b/m, 'ripd'],
  [/^router isis\b/m, 'isisd'],
  [/^router eigrp\b/m, 'eigrpd'],
  [/^bfd\b/m, 'bfdd'],
  [/^vrrp\b|^ *vrrp \d/m, 'vrrpd'],
];

export const BUILT_IN_IMAGES: Readonly<Record<BuiltInImageName, BuiltInImage>> = {
  linux: {
    programs: { ip: 'iproute2', ping: 'iputils-ping' },
    start: [],
    daemons: () => [],
  },
  frr: {
    programs: { ip: 'iproute2', zebra: 'frr', vtysh: 'frr' },
    start: [FORWARD_PACKETS, 'install -d -o frr -g frr /run/frr; touch /etc/frr/vtysh.conf'],
    daemons: frrDaemons,
  },
  bird: {
    programs: { ip: 'iproute2', bird: 'bird2', birdc: 'bird2' },
    start: [FORWARD_PACKETS, 'install -d /run/bird'],
    daemons: () => [{ name: 'bird', command: 'exec bird -f -c /etc/bird/bird.conf' }],
  },
  keepalived: {
    programs: { ip: 'iproute2', keepalived: 'keepalived' },
    start: [FORWARD_PACKETS],
    daemons: () => [
      {
        name: 'keepalived',
        command: 'exec keepalived -n -l -D -f /etc/keepalived/keepalived.conf',
      },
    ],
  },
};

/** @returns the built-in images as they come: nothing laid over them, the default DHCP client. */
export function builtInBlueprints(): ReadonlyMap<ImageId, Blueprint> {
  return new Map(
    BUILT_IN_IMAGE_NAMES.map((name) => {
      const { start, daemons } = BUILT_IN_IMAGES[name];
      const bare = {
        root: '/',
        layers: [],
        dhcp: 'dhclient',
        files: [],
        env: {},
        cloudInit: false,
      } as const;
      const blueprint: Blueprint = { image: name, ...bare, start, daemons: daemons([]) };
      return [builtInImageId(name), blueprint];
    }),
  );
}

/** The daemons that frr.conf has a part for; `vtysh -b` gives each its part when all listen. */
function frrDaemons(files: readonly BlueprintFile[]): readonly Daemon[] {
  const file = files.find(({ path }) => path === '/etc/frr/frr.conf');
  const config = file === undefined ? '' : Buffer.from(file.content).toString('utf8');
  const names = [
    'zebra',
    'staticd',
    ...FRR_DAEMONS.filter(([line]) => line.test(config)).map(([, name]) => name),
  ];
  const sockets = names.map((name) => `[ -S /run/frr/${name}.vty ]`).join(' && ');
  // A daemon that finds no zebra asks again after 10 s; zebra opens its vty when it serves them.
  const untilZebra = 'until [ -S /run/frr/zebra.vty ]; do sleep 0.02; done; ';
  return [
    ...names.map((name) => ({
      name,
      command: `${name === 'zebra' ? '' : untilZebra}exec /usr/lib/frr/${name} -A 127.0.0.1 --log stdout --log-level informational`,
    })),
    { name: 'config', command: `until ${sockets}; do sleep 0.05; done; exec vtysh -b` },
  ];
}

/** Program to Debian package, of what an instance needs of the host whatever its image is. */
export const COMMON_PROGRAMS: Readonly<Record<string, string>> = {
  sh: 'dash',
  mount: 'mount',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  pivot_root: 'util-linux',
};

/** DHCP client to the Debian package that has it. */
export const DHCP_PROGRAMS: Readonly<Record<string, string>> = {
  dhclient: 'isc-dhcp-client',
  udhcpc: 'udhcpc',
  dhcpcd: 'dhcpcd-base',
};

/** @returns program and package of those that this host lacks. */
export function missingPrograms(
  programs: Readonly<Record<string, string>>,
): readonly { readonly program: string; readonly aptPackage: string }[] {
  return Object.entries(programs)
    .filter(([program]) => findProgram(program) === null)
    .map(([program, aptPackage]) => ({ program, aptPackage }));
}

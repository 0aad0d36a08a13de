/** What a host must have for labs, and the command that mends what it lacks. */
import fs from 'node:fs';
import {
  blocksInUse,
  defaultDevice,
  forwardsIpv4,
  freePair,
  LINK_BLOCK_WORDS,
} from '../gateways/uplink/host-network.ts';
import { UPLINK_PROGRAMS } from '../gateways/uplink/rules.ts';
import { cgroupRoot } from '../host/cgroup.ts';
import {
  BUILT_IN_IMAGES,
  COMMON_PROGRAMS,
  DHCP_PROGRAMS,
  missingPrograms,
} from '../instances/images.ts';
import type { Lab } from '../scenario/lab.ts';
import { TIME_PROGRAMS } from '../services/time.ts';
import { CliError, EXIT } from './exit-codes.ts';

export interface HostCheck {
  readonly name: string;
  readonly ok: boolean;
  /** No lab can run without it; the others are needed by some labs. */
  readonly essential: boolean;
  /** What was found when it is not ok. */
  readonly found: string;
  /** The command or deed that mends it. */
  readonly mend: string;
}

/** For looking at captures; no lab needs it. */
const VIEWERS = { tcpdump: 'tcpdump', tshark: 'tshark' };

/** For `vpclab aws`; no lab needs it. */
const AWS_CLI = { aws: 'awscli' };

/** @returns all checks, the essential ones first. */
export function checkHost(): HostCheck[] {
  return [
    {
      name: 'root',
      ok: process.geteuid?.() === 0,
      essential: true,
      found: 'you are not root',
      mend: 'run vpclab through sudo',
    },
    {
      name: '/dev/net/tun',
      ok: canOpen('/dev/net/tun'),
      essential: true,
      found: 'it cannot be opened',
      mend: 'modprobe tun; in a container: start it with --device /dev/net/tun',
    },
    {
      name: 'overlay file system',
      ok: /\boverlay$/m.test(fs.readFileSync('/proc/filesystems', 'utf8')),
      essential: true,
      found: 'the kernel does not offer it',
      mend: 'modprobe overlay',
    },
    {
      name: 'cgroup version 2',
      ok: cgroupRoot() !== null,
      essential: true,
      found: 'it is not mounted',
      mend: 'mount -t cgroup2 none /sys/fs/cgroup',
    },
    programCheck('programs', { ip: 'iproute2', openssl: 'openssl', ...COMMON_PROGRAMS }, true),
    ...Object.entries(DHCP_PROGRAMS).map(([client, aptPackage]) =>
      programCheck(`dhcp: ${client}`, { [client]: aptPackage }, false),
    ),
    ...Object.entries(BUILT_IN_IMAGES).map(([image, { programs }]) =>
      programCheck(`image: ${image}`, programs, false),
    ),
    timeCheck(),
    // That it does not forward is no lack of a host: only a lab with an uplink asks for it.
    uplinkPrograms(),
    programCheck('reading captures', VIEWERS, false),
    programCheck('vpclab aws', AWS_CLI, false),
  ];
}

/** @throws CliError host that names every essential thing this host lacks. */
export function requireHost(): void {
  const failed = checkHost().filter((check) => check.essential && !check.ok);
  if (failed.length === 0) return;
  const lacks = failed.map((check) => `${check.name}: ${check.found}`).join(', ');
  throw new CliError(
    EXIT.host,
    `Cannot run a lab on this host: ${lacks}`,
    failed.map((check) => check.mend).join('\n'),
  );
}

/** @returns whether guests find the time where AWS has it; a lab starts without. */
export function timeCheck(): HostCheck {
  return programCheck('time for instances', TIME_PROGRAMS, false);
}

function uplinkPrograms(): HostCheck {
  return programCheck('uplink of labs', UPLINK_PROGRAMS, false);
}

/** @returns whether the host takes on what labs with `uplink: host` send to the real network. */
function uplinkCheck(): HostCheck {
  const programs = uplinkPrograms();
  if (!programs.ok) return programs;
  const device = defaultDevice();
  if (device === null) {
    return { ...programs, ok: false, found: 'no IPv4 default route', mend: 'connect this host' };
  }
  if (freePair(blocksInUse()) === null) {
    const found = `routes to or addresses of all in ${LINK_BLOCK_WORDS}`;
    return { ...programs, ok: false, found, mend: 'free two addresses there' };
  }
  return {
    ...programs,
    ok: forwardsIpv4(device),
    found: `${device} does not forward IPv4`,
    mend: `sysctl -w net/ipv4/conf/${device}/forwarding=1`,
  };
}

/** @throws CliError host when the lab is to reach the real network, and the host cannot do it as it is. */
export function requireUplink({ name, hasUplink }: Lab): void {
  if (!hasUplink) return;
  const { ok, found, mend } = uplinkCheck();
  if (ok) return;
  throw new CliError(
    EXIT.host,
    `Cannot connect lab "${name}" to the real network: found ${found}, wanted a host that forwards`,
    mend,
  );
}

function programCheck(
  name: string,
  programs: Readonly<Record<string, string>>,
  essential: boolean,
): HostCheck {
  const missing = missingPrograms(programs);
  const packages = new Set(missing.map(({ aptPackage }) => aptPackage));
  return {
    name,
    ok: missing.length === 0,
    essential,
    found: `no ${missing.map(({ program }) => program).join(', ')}`,
    mend: `apt-get install ${[...packages].join(' ')}`,
  };
}

function canOpen(device: string): boolean {
  try {
    fs.closeSync(fs.openSync(device, 'r+'));
    return true;
  } catch {
    // Whatever the reason, the check reports it.
    return false;
  }
}

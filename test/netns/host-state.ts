/**
 * A picture of what a lab could leave behind on the host, and what changed between two of them.
 * Labs of others may come and go meanwhile: what bears their names is left out.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { cgroupRoot } from '../../src/host/cgroup.ts';

/** The labs of one test process begin with this, and no other labs do. */
export const LAB_PREFIX = `t${process.pid.toString(36)}-`;

const LAB_FOLDERS = ['/run/vpclab', '/var/lib/vpclab'];
/** Files of the host that daemons of an instance like to write. */
const HOST_FILES = ['/etc/hosts', '/etc/resolv.conf', '/etc/hostname', '/proc/sys/kernel/hostname'];
const WATCHED_FOLDERS = ['/var/lib/dhcp', '/var/lib/dhcpcd', '/run/dhcpcd', '/run/frr'];
const MENTIONED_LAB = /vpclab[-/]\.?([a-z0-9-]+)/g;
/** Labs of others that were just being made or removed leave the picture within this time. */
const SETTLE_MS = 3000;

export type HostPicture = ReadonlySet<string>;

/** @returns one line for each thing: namespaces, mounts, links, groups, processes, files. */
export async function takePicture(): Promise<HostPicture> {
  const { stdout } = await execa('ip', ['-json', 'link']);
  const links = JSON.parse(stdout) as readonly { readonly ifname: string }[];
  const lines = [
    ...list('/run/netns').map((name) => `netns ${name}`),
    ...mounts(),
    ...links.map(({ ifname }) => `link ${ifname}`),
    ...cgroups(),
    ...processes(),
    ...LAB_FOLDERS.flatMap(labFiles),
    ...HOST_FILES.map((file) => `file ${file}: ${fs.readFileSync(file, 'utf8')}`),
    ...WATCHED_FOLDERS.flatMap((folder) => list(folder).map((name) => `file ${folder}/${name}`)),
  ];
  return new Set(lines.filter((line) => !isForeign(line)));
}

/**
 * What came and what went since `before`. A trace of one of this test's labs is reported at once:
 * nothing may be left when `down` has ended.
 */
export async function changesSince(before: HostPicture): Promise<readonly string[]> {
  const end = performance.now() + SETTLE_MS;
  for (;;) {
    const changes = differences(before, await takePicture());
    const isOwn = changes.some((line) => line.includes(LAB_PREFIX));
    if (changes.length === 0 || isOwn || performance.now() > end) return changes;
    await delay(100);
  }
}

function differences(before: HostPicture, after: HostPicture): readonly string[] {
  return [
    ...[...after].filter((line) => !before.has(line)).map((line) => `new: ${line}`),
    ...[...before].filter((line) => !after.has(line)).map((line) => `gone: ${line}`),
  ];
}

function isForeign(line: string): boolean {
  const labs = [...line.matchAll(MENTIONED_LAB)].map(([, lab = '']) => lab);
  return labs.length > 0 && labs.every((lab) => !lab.startsWith(LAB_PREFIX));
}

function list(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    // Absent, or removed while it was read.
    return [];
  }
}

/** The folder of namespaces itself is a mount after the first use of iproute2, and stays one. */
function mounts(): readonly string[] {
  return fs
    .readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ').slice(0, 3).join(' '))
    .filter((line) => line !== '' && !line.includes(' /run/netns '))
    .map((line) => `mount ${line}`);
}

function cgroups(): readonly string[] {
  const root = path.join(cgroupRoot() ?? '/sys/fs/cgroup', 'vpclab');
  const below = (folder: string): readonly string[] =>
    list(folder)
      .map((name) => path.join(folder, name))
      .filter((name) => fs.statSync(name, { throwIfNoEntry: false })?.isDirectory())
      .flatMap((name) => [`cgroup ${name}`, ...below(name)]);
  const found = below(root);
  // Labs of others keep the folder; nobody keeps an empty one.
  return found.length === 0 && fs.existsSync(root) ? [`cgroup ${root}`] : found;
}

/** Processes in the group of a lab, controllers, and all that is in a network of its own. */
function processes(): readonly string[] {
  const home = fs.readlinkSync('/proc/self/ns/net');
  return list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const group = /^0::(.*)$/m.exec(fs.readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? '';
        const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const isElsewhere = fs.readlinkSync(`/proc/${pid}/ns/net`) !== home;
        const isLabs = /\/vpclab\//.test(group) || command.includes('__controller');
        return isLabs || isElsewhere ? [`process ${pid} ${group} ${command}`] : [];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

function labFiles(folder: string): readonly string[] {
  const names = list(folder);
  if (names.length === 0 && fs.existsSync(folder)) return [`file ${folder}, empty`];
  return names.map((name) => `file ${folder}/${name}`);
}

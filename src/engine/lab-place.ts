/** Where a lab keeps what it makes on the host. */
import os, { type UserInfo } from 'node:os';
import path from 'node:path';
import { cgroupRoot } from '../host/cgroup.ts';
import type { EniId } from '../model/ids.ts';

/** The folders of one host; tests give their own. */
export interface HostFolders {
  /** Sockets and overlays; empty after a reboot. */
  readonly run: string;
  /** State and logs. */
  readonly state: string;
}

export const HOST_FOLDERS: HostFolders = { run: '/run/vpclab', state: '/var/lib/vpclab' };

/** @returns the folders of the labs that a user can have without being root: those of records. */
export function userFolders(
  { uid, homedir }: UserInfo<string>,
  env: NodeJS.ProcessEnv,
): HostFolders {
  const run = env['XDG_RUNTIME_DIR'] ?? path.join(os.tmpdir(), `vpclab-${uid}`);
  const state = env['XDG_STATE_HOME'] ?? path.join(homedir, '.local', 'state');
  return { run: path.join(run, 'vpclab'), state: path.join(state, 'vpclab') };
}

export interface LabPlace {
  readonly name: string;
  readonly run: string;
  readonly socket: string;
  /** In memory: the disks of the instances. */
  readonly overlays: string;
  /** What makes the instances trust the lab; beside their disks, so that overlays may have both. */
  readonly trust: string;
  readonly state: string;
  readonly logs: string;
  readonly flowLogs: string;
  /** The key that signs the identity of instances, and its certificate. */
  readonly identity: string;
  /** The certificate authority of the lab, with its keys. */
  readonly authority: string;
  /** What the server of time writes. */
  readonly timeLog: string;
  /** The process id of the server of time. */
  readonly timePid: string;
  /** What its accounts hold: it outlives a controller that dies, so that the next one goes on. */
  readonly accounts: string;
  /** What the lab made on the host. */
  readonly journal: string;
  /** The process that runs the lab. */
  readonly controller: string;
}

export function labPlace(name: string, folders: HostFolders = HOST_FOLDERS): LabPlace {
  const run = path.join(folders.run, name);
  const state = path.join(folders.state, name);
  return {
    name,
    run,
    socket: path.join(run, 'control.sock'),
    overlays: path.join(run, 'overlays'),
    trust: path.join(run, 'overlays', 'trust'),
    state,
    logs: path.join(state, 'logs'),
    flowLogs: path.join(state, 'flow-logs'),
    identity: path.join(state, 'identity'),
    authority: path.join(state, 'authority'),
    timeLog: path.join(state, 'time.log'),
    timePid: path.join(run, 'time.pid'),
    accounts: path.join(state, 'accounts.jsonl'),
    journal: path.join(state, 'journal'),
    controller: path.join(state, 'controller.json'),
  };
}

/** @returns the control group of a lab; its instances have groups below it. @throws Error without cgroup 2. */
export function labCgroup(name: string): string {
  const root = cgroupRoot();
  if (root === null)
    throw new Error('Cannot make a control group: cgroup version 2 is not mounted');
  return path.join(root, 'vpclab', name);
}

/** @returns the name of the namespace of the services; no instance can have it. */
export function servicesNetnsName(lab: string): string {
  return `vpclab-${lab}.services`;
}

/** @returns the name of the namespace of a node of a load balancer; no instance can have it. */
export function nodeNetnsName(lab: string, eniId: EniId): string {
  return `vpclab-${lab}.${eniId}`;
}

/** @returns the name of the namespace of the uplink; no instance can have it. */
export function uplinkNetnsName(lab: string): string {
  return `vpclab-${lab}.uplink`;
}

/** @returns the control group of what runs for the services; no instance can have it. */
export function servicesCgroup(lab: string): string {
  return path.join(labCgroup(lab), '.services');
}

/** @returns the name that `ip netns` shows. */
export function netnsName(lab: string, instance: string): string {
  return `vpclab-${lab}-${instance}`;
}

/**
 * What a running lab tells and takes: the JSON of the control socket, and the facade that steps use.
 * Routes on the socket: GET /status, GET /stats, GET /changes?since=NUMBER, POST /actions,
 * POST /instances/NAME/kill, GET /capture (pcap or pcapng stream), POST /plan, POST /apply,
 * POST /export, POST /explain (the answer is an `Explanation` of `explain/explanation.ts`), POST /down.
 */
import type { ActionInput, ActionOutput } from '../actions/action.ts';
import type { InstanceHealth } from '../model/compute.ts';
import type { Realm } from '../model/realm.ts';
import type { LabFabric } from '../model/snapshot.ts';

export interface InterfaceStatus {
  /** `eth0`, `eth1`, … */
  readonly device: string;
  readonly eniId: string;
  readonly mac: string;
  readonly subnet: string;
  /** The primary address first. */
  readonly addresses: readonly string[];
  readonly sourceDestCheck: boolean;
}

export interface DaemonStatus {
  readonly name: string;
  readonly state: 'running' | 'exited';
  readonly exitCode: number | null;
}

export interface InstanceStatus {
  readonly name: string;
  readonly instanceId: string;
  readonly image: string;
  /** EC2's state name. */
  readonly state: string;
  readonly health: InstanceHealth;
  /** The first process of the instance in the host's pid namespace; null when nothing runs. */
  readonly pid: number | null;
  /** As `ip netns` shows it. */
  readonly netns: string;
  readonly zone: string;
  readonly interfaces: readonly InterfaceStatus[];
  readonly daemons: readonly DaemonStatus[];
}

/** An object of the model that the dataplane does not act by yet. */
export interface RecordedObject {
  /** AWS's name of the kind, such as `nat-gateway`. */
  readonly kind: string;
  readonly id: string;
  /** The `Name` tag; null when there is none. */
  readonly name: string | null;
}

/** What goes on to the real network by the host. */
export interface UplinkStatus {
  /** The interface of the lab in the host's own namespace. */
  readonly device: string;
  /** IPv6 too: the host has a way for it, and forwards it. */
  readonly hasIpv6: boolean;
  /** Chains of nftables of the host's own, `family table chain`, that drop unless a rule lets pass. */
  readonly closedChains: readonly string[];
}

export interface LabStatus {
  readonly name: string;
  /** The controller's process. */
  readonly pid: number;
  readonly region: string;
  readonly rules: string;
  /** A lab of records has no instances that run, and no packets. */
  readonly isRecords: boolean;
  /** The way to the real network; null: the lab has none. */
  readonly uplink: UplinkStatus | null;
  /** The lab file's path, or `-`. */
  readonly labPath: string;
  /** Where the EC2 API answers, such as `http://127.0.0.1:4566`; null while it does not. */
  readonly apiUrl: string | null;
  readonly startedMs: number;
  readonly memoryBytes: number;
  readonly instances: readonly InstanceStatus[];
  readonly recordedOnly: readonly RecordedObject[];
}

/** The ledger of one port: every frame read from it is in exactly one of the four outcomes. */
export interface PortStats {
  readonly instance: string;
  readonly device: string;
  readonly eniId: string;
  readonly received: { readonly frames: number; readonly bytes: number };
  readonly sent: { readonly frames: number; readonly bytes: number };
  readonly forwarded: number;
  readonly answered: number;
  readonly punted: number;
  /** Drop reason to frames; only those that are not zero. */
  readonly drops: Readonly<Record<string, number>>;
}

export interface StatsReport {
  readonly generation: number;
  readonly flows: {
    readonly entries: number;
    readonly hits: number;
    readonly misses: number;
    readonly evictions: number;
    /** What security groups track. */
    readonly connections: number;
    /** Connections that gave way to newer ones, and new ones that found no place. */
    readonly connectionEvictions: number;
    readonly connectionRefusals: number;
  };
  readonly ports: readonly PortStats[];
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  /** Sends SIGINT, then waits for the end. */
  stop(): Promise<ExecResult>;
}

/** A call that changed the lab. Times: milliseconds of the host's monotonic clock. */
export interface Change {
  /** Counts from 1. */
  readonly number: number;
  readonly action: string;
  /** The ids, addresses and blocks in its request. */
  readonly subjects: readonly string[];
  /** Of the model, after the call. */
  readonly revision: number;
  readonly askedMs: number;
  /** When the dataplane forwarded by it; null: it does not yet. */
  readonly inForceMs: number | null;
  readonly answeredMs: number | null;
}

export const PROBE_PROTOCOLS = ['icmp', 'udp', 'tcp'] as const;
/** What a probe is, and its answer: an echo and its reply, a datagram and its echo, a SYN and a SYN-ACK or RST. */
export type ProbeProtocol = (typeof PROBE_PROTOCOLS)[number];

/** Probes from an instance, one each millisecond. */
export interface ProbeFlow {
  readonly instance: string;
  readonly protocol: ProbeProtocol;
  /** Of either family. */
  readonly address: string;
  /** 0 for icmp. */
  readonly port: number;
}

/** A time without answers that is over. Times: milliseconds of the host's monotonic clock. */
export interface Outage {
  /** The time of day at `fromMs`: milliseconds since the epoch. */
  readonly beganMs: number;
  /** When the first probe that was not answered was sent. */
  readonly fromMs: number;
  /** When the first that was answered again was sent. */
  readonly toMs: number;
  /** When that answer came. */
  readonly heardMs: number;
  /** Probes that were not answered. */
  readonly lost: number;
  /** Its real begin may be so much earlier, and so may its end. */
  readonly errorMs: number;
}

export interface FlowState {
  readonly sent: number;
  readonly answered: number;
  /** Probes that were answered in a row, up to now. */
  readonly steady: number;
  /** Milliseconds since the epoch; null: probes are answered. */
  readonly outSinceMs: number | null;
  /** Why the kernel did not send the last probe, such as ENETUNREACH; null: it did. */
  readonly error: string | null;
}

/** Probes that are being sent. */
export interface Probing {
  /** Of now, in the order of the flows. */
  readonly states: readonly FlowState[];
  stop(): Promise<void>;
}

/** A running lab, as the steps of a scenario see it. */
export interface LabRuntime {
  readonly name: string;
  /** What the lab file has to do with: all regions of its account, and the internet. */
  readonly fabric: LabFabric;
  /** Does an EC2 action, in the region of the lab file unless told otherwise; when it settles the dataplane forwards by it. @throws ApiError with AWS's code. */
  perform(action: string, input: ActionInput, realm?: Realm): Promise<ActionOutput>;
  status(): LabStatus;
  stats(): Promise<StatsReport>;
  /** Runs a shell command in an instance. A command that outlives the time is killed: exit code 124. */
  exec(
    instance: string,
    command: string,
    options: { readonly timeoutMs: number },
  ): Promise<ExecResult>;
  /** Starts a shell command in an instance that runs until it is stopped. */
  start(instance: string, command: string): RunningCommand;
  /** Starts to probe. @param onOutage Gets each outage as it ends, with the place of its flow. */
  probe(flows: readonly ProbeFlow[], onOutage: (flow: number, outage: Outage) => void): Probing;
  /** The calls behind that number that changed the lab, oldest first; a thousand are kept. */
  changes(since: number): readonly Change[];
  /** All that the daemons and the start-up of the instance wrote, oldest first per daemon. */
  readLog(instance: string): Promise<string>;
  /** The records of flow logs that there are of the interfaces of the instance, file by file. */
  readFlowLogs(instance: string): Promise<string>;
  /** Ends every process of the instance at once, behind the orchestration system's back. */
  kill(instance: string): Promise<void>;
}

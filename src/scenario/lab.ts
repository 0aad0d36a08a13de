/**
 * A lab as it is meant: all names resolved, all defaults filled in, all texts parsed.
 * Made by `load.ts`; `plan.ts` turns it into EC2 actions and `steps.ts` plays its steps.
 */
import type { ActionInput } from '../actions/action.ts';
import type { Cidr, Ipv4Cidr, Ipv6Cidr } from '../addr/cidr.ts';
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { Ipv6Addr } from '../addr/ipv6.ts';
import type { MacAddr } from '../addr/mac.ts';
import type { ProbeProtocol } from '../engine/control-api.ts';
import type { InstanceHealth, MetadataOptions } from '../model/compute.ts';
import type { Realm } from '../model/realm.ts';
import type { ConnectionTracking } from '../model/records.ts';
import type { FabricSettings, Quotas, RuleSet } from '../model/settings.ts';
import type { Path } from './file/problems.ts';
import type { LabHostedZone } from './lab-dns.ts';
import type { LabFlowLog, LabNetworkAcl, LabPrefixList, LabSecurityGroup } from './lab-filters.ts';
import type { GatewayRef, LabGateways } from './lab-gateways.ts';
import type { LabLoadBalancing } from './lab-load-balancing.ts';
import type { LabRole } from './lab-roles.ts';

/** Each object knows where in the file it stands, for messages. */
interface Placed {
  readonly path: Path;
}

export interface Lab extends LabGateways, LabLoadBalancing {
  readonly name: string;
  readonly description: string;
  /** As it was given, or `-`. */
  readonly file: string;
  /** What the sources of files are relative to. */
  readonly folder: string;
  /** Of whatever the file says no region of. */
  readonly home: Realm;
  /** Of the region at home. */
  readonly zones: readonly string[];
  readonly rules: RuleSet;
  /** false: as if the account had deleted the default VPC of the region. */
  readonly hasDefaultVpc: boolean;
  /** Makes ids and addresses repeat; null: drawn at random. */
  readonly seed: string | null;
  readonly quotas: Partial<Quotas>;
  readonly settings: Partial<FabricSettings>;
  /** What nobody in the lab has goes on to the real network. */
  readonly hasUplink: boolean;
  /** By name, in the order of the file. */
  readonly vpcs: ReadonlyMap<string, LabVpc>;
  /** By `vpc/subnet`. */
  readonly subnets: ReadonlyMap<string, LabSubnet>;
  /** By `vpc/table`. */
  readonly routeTables: ReadonlyMap<string, LabRouteTable>;
  /** By `vpc/group`; of every VPC the default group too. */
  readonly securityGroups: ReadonlyMap<string, LabSecurityGroup>;
  /** By `vpc/acl`; of every VPC the default ACL too. */
  readonly networkAcls: ReadonlyMap<string, LabNetworkAcl>;
  readonly prefixLists: ReadonlyMap<string, LabPrefixList>;
  readonly roles: ReadonlyMap<string, LabRole>;
  readonly interfaces: ReadonlyMap<string, LabInterface>;
  /** `count:` is spread out: one entry for each instance. */
  readonly instances: ReadonlyMap<string, LabInstance>;
  readonly flowLogs: readonly LabFlowLog[];
  readonly hostedZones: readonly LabHostedZone[];
  readonly steps: readonly LabStep[];
}

export interface LabDhcpOptions {
  readonly domainName: string | null;
  readonly domainNameServers: readonly string[];
  readonly ntpServers: readonly string[];
  readonly netbiosNameServers: readonly string[];
  readonly netbiosNodeType: number | null;
  /** Seconds. */
  readonly ipv6LeaseTimeS: number;
}

export interface LabVpc extends Placed {
  readonly name: string;
  readonly realm: Realm;
  /** The primary block first. */
  readonly cidrs: readonly Ipv4Cidr[];
  /** null: no IPv6. */
  readonly ipv6: Ipv6Cidr | null;
  /** `default`: no option set; null: what a new VPC has. */
  readonly dhcpOptions: LabDhcpOptions | 'default' | null;
  readonly enableDnsSupport: boolean;
  readonly enableDnsHostnames: boolean;
}

export interface LabReservation {
  readonly cidr: Ipv4Cidr;
  readonly type: 'prefix' | 'explicit';
}

export interface LabSubnet extends Placed {
  readonly name: string;
  readonly vpc: string;
  /** `vpc/subnet`. */
  readonly key: string;
  /** null: IPv6-only. */
  readonly cidr: Ipv4Cidr | null;
  /** null: no IPv6. */
  readonly ipv6: Ipv6Cidr | null;
  readonly zone: string;
  /** Name within the VPC; null: the main table. */
  readonly routeTable: string | null;
  /** Name within the VPC. */
  readonly networkAcl: string;
  readonly mapPublicIpOnLaunch: boolean;
  readonly dns64: boolean;
  readonly reservations: readonly LabReservation[];
}

/** One interface: the first of an instance, or one of the file's `interfaces`. */
export type InterfaceRef =
  | { readonly kind: 'primary'; readonly instance: string }
  | { readonly kind: 'named'; readonly name: string };

export type LabRouteTarget =
  | InterfaceRef
  | GatewayRef
  | { readonly kind: 'instance'; readonly instance: string };

export interface LabRoute extends Placed {
  /** A block of the VPC itself: its local route leads elsewhere (RT-2). */
  readonly destination: Cidr;
  readonly target: LabRouteTarget;
}

/** A route to every entry of a prefix list. */
export interface LabPrefixListRoute extends Placed {
  readonly prefixList: string;
  readonly target: LabRouteTarget;
}

export interface LabRouteTable extends Placed {
  readonly name: string;
  readonly vpc: string;
  /** `vpc/table`. */
  readonly key: string;
  readonly main: boolean;
  readonly routes: readonly LabRoute[];
  readonly prefixListRoutes: readonly LabPrefixListRoute[];
}

interface Addressed extends Placed {
  readonly name: string;
  /** `vpc/subnet`. */
  readonly subnet: string;
  /** null: any free address. */
  readonly address: Ipv4Addr | null;
  readonly secondaryAddresses: readonly Ipv4Addr[];
  /** null: any free one, when the subnet has IPv6. */
  readonly ipv6Addresses: readonly Ipv6Addr[] | null;
  /** The field that gives them, for messages. */
  readonly ipv6Field: 'ipv6Address' | 'ipv6Addresses';
  /** The name of the elastic address of the primary one; null: none. */
  readonly elasticAddress: string | null;
  readonly sourceDestCheck: boolean;
  /** Names within the VPC of the subnet. */
  readonly securityGroups: readonly string[];
  readonly connectionTracking: ConnectionTracking;
}

export interface LabInterface extends Addressed {
  readonly attach: { readonly instance: string; readonly device: number } | null;
}

export type DhcpClient = 'dhclient' | 'udhcpc' | 'dhcpcd' | 'static';

export interface LabInstanceFile {
  /** Absolute, inside the instance. */
  readonly path: string;
  /** An absolute path on the host, or the text itself. */
  readonly from: { readonly source: string } | { readonly content: string };
  /** null: that of the source, 0644 for content. */
  readonly mode: number | null;
}

export interface LabDaemon {
  readonly name: string;
  readonly command: string;
}

/** What an instance is launched with besides its place in the network. */
export interface LaunchOptions {
  readonly metadata: MetadataOptions;
  /** Base64; null: none. */
  readonly userData: string | null;
  /** Beside those that a lab gives; null: the lab file says nothing of them. */
  readonly tags: ReadonlyMap<string, string> | null;
}

/** What runs in an instance or a public host. */
export interface InstanceSoftware {
  /** The name of a built-in image, or the absolute path of a folder that is the root. */
  readonly image: string;
  /** Absolute paths of folders between the root and what the instance writes, the top one first. */
  readonly layers: readonly string[];
  readonly dhcp: DhcpClient;
  readonly files: readonly LabInstanceFile[];
  readonly start: string | null;
  readonly daemons: readonly LabDaemon[];
  readonly env: Readonly<Record<string, string>>;
}

export interface LabInstance extends Addressed, LaunchOptions, InstanceSoftware {
  /** Whether it gets a public address by itself; null: as its subnet has it. */
  readonly publicAddress: 'auto' | 'none' | null;
  /** cloud-init of the root or a layer runs at boot. */
  readonly cloudInit: boolean;
  /** The name of its role; null: it has none. */
  readonly role: string | null;
  /** null: what RunInstances takes by default. */
  readonly type: string | null;
}

/** The parts of a step, in the order in which they are played; the outage is measured around all. */
export interface LabStep extends Placed {
  readonly name: string;
  readonly power: readonly LabPower[];
  readonly set: readonly LabSetting[];
  readonly aws: readonly LabAwsCommand[];
  readonly run: readonly LabRun[];
  readonly expect: readonly Expectation[];
  readonly outage: LabOutage | null;
}

export interface LabPower {
  readonly kind: 'stop' | 'start' | 'kill';
  readonly instances: readonly string[];
}

/** The interface may also be one that an instance has by its device: `r1.eth1`. */
export interface LabSetting {
  /** A variable without `$`: `r1.eth0`, or the name of an interface. */
  readonly interface: string;
  readonly sourceDestCheck: boolean | null;
  /** Names within the VPC of the interface. */
  readonly securityGroups: readonly string[] | null;
  /** An address or a variable. */
  readonly address: string | null;
  readonly attach: { readonly instance: string; readonly device: number } | 'none' | null;
}

export interface LabAwsCommand {
  readonly command: string;
  /** Where it is asked for. */
  readonly realm: Realm;
  readonly action: string;
  /** May hold variables. */
  readonly input: ActionInput;
  /** The code of the refusal that is wanted. */
  readonly fails: string | null;
}

export interface LabRun {
  readonly on: readonly string[];
  readonly command: string;
  readonly withinMs: number;
}

/** What an address in the ARP cache must be: this MAC, that of an interface (a variable), or absent. */
export type ArpEntry =
  | { readonly kind: 'mac'; readonly mac: MacAddr }
  | { readonly kind: 'interface'; readonly variable: string }
  | { readonly kind: 'none' };

export type Expectation = { readonly withinMs: number } & (
  | {
      readonly kind: 'command';
      readonly on: readonly string[];
      readonly command: string;
      readonly fails: boolean;
      readonly matches: RegExp | null;
      readonly equals: string | null;
    }
  | {
      readonly kind: 'log';
      readonly on: readonly string[];
      readonly log: RegExp;
      readonly count: number;
    }
  | {
      readonly kind: 'flow-log';
      readonly on: readonly string[];
      /** Tested on each record. */
      readonly flowLog: RegExp;
      readonly count: number;
    }
  | {
      readonly kind: 'drops';
      /** Instances, or single devices such as `r1.eth1`. */
      readonly from: readonly string[];
      readonly reason: string;
      readonly atLeast: number;
      readonly atMost: number;
      readonly since: 'lab' | 'step';
    }
  | {
      readonly kind: 'arp';
      readonly on: readonly string[];
      /** Address or variable to what is wanted. */
      readonly entries: ReadonlyMap<string, ArpEntry>;
    }
  | { readonly kind: 'health'; readonly on: readonly string[]; readonly health: InstanceHealth }
);

/** A flow of probes from each instance to each address. */
export interface LabOutage {
  readonly on: readonly string[];
  /** Addresses or variables. */
  readonly to: readonly string[];
  readonly protocol: ProbeProtocol;
  /** 0 for icmp. */
  readonly port: number;
  readonly belowMs: number | null;
  readonly atLeastMs: number | null;
  readonly withinMs: number;
}

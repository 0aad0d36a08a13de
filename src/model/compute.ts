/** What instances are launched from and with: images, key pairs, launch templates, volumes. */
import type {
  ImageId,
  InstanceId,
  KeyPairId,
  LaunchTemplateId,
  ProfileAssociationId,
  VolumeId,
} from './ids.ts';
import type { Tagged } from './tags.ts';

/** The instance status check (ARP-9): does the instance answer the fabric's ARP request? */
export type InstanceHealth = 'initializing' | 'ok' | 'impaired' | 'not-applicable';

/** An image that RunInstances can start; what it is made of is known to `instances/`. */
export interface Image extends Tagged {
  readonly imageId: ImageId;
  /** What people call it: `linux`, or the folder that is its root. */
  readonly name: string;
  readonly description: string;
  /** Everybody's, and nobody's to change; else the account's own. */
  readonly isBuiltIn: boolean;
  /** Account ids, and `all`. */
  readonly launchPermissions: readonly string[];
}

/** Of a key pair AWS keeps the public half only. */
export interface KeyPair extends Tagged {
  readonly keyPairId: KeyPairId;
  readonly name: string;
  readonly type: 'rsa' | 'ed25519';
  /** In the form that AWS gives for the type, and for how the pair came to be. */
  readonly fingerprint: string;
  /** One line as in `authorized_keys`. */
  readonly publicKey: string;
  /** Milliseconds since the epoch. */
  readonly createTimeMs: number;
}

/** AWS's members of a launch, as RunInstances takes them. */
export type LaunchTemplateData = Readonly<Record<string, unknown>>;

export interface LaunchTemplateVersion {
  /** From 1; the number of a deleted version is not given again. */
  readonly versionNumber: number;
  readonly description: string | null;
  /** Milliseconds since the epoch. */
  readonly createTimeMs: number;
  readonly data: LaunchTemplateData;
}

export interface LaunchTemplate extends Tagged {
  readonly launchTemplateId: LaunchTemplateId;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createTimeMs: number;
  readonly defaultVersion: number;
  readonly latestVersion: number;
  /** In ascending order. */
  readonly versions: readonly LaunchTemplateVersion[];
}

/** Recorded only: the disk of an instance is the host's. */
export interface Volume extends Tagged {
  readonly volumeId: VolumeId;
  readonly availabilityZone: string;
  readonly sizeGib: number;
  readonly type: string;
  readonly iops: number | null;
  /** MiB per second. */
  readonly throughput: number | null;
  readonly encrypted: boolean;
  /** Milliseconds since the epoch. */
  readonly createTimeMs: number;
  /** null: its instance is gone. */
  readonly attachment: VolumeAttachment | null;
}

export interface VolumeAttachment {
  readonly instanceId: InstanceId;
  /** Such as `/dev/xvda`. */
  readonly device: string;
  readonly deleteOnTermination: boolean;
  /** Milliseconds since the epoch. */
  readonly attachTimeMs: number;
}

export interface MetadataOptions {
  readonly httpTokens: 'optional' | 'required';
  readonly httpPutResponseHopLimit: number;
  readonly httpEndpoint: 'enabled' | 'disabled';
  readonly httpProtocolIpv6: 'enabled' | 'disabled';
  readonly instanceMetadataTags: 'enabled' | 'disabled';
}

/** What AWS gives to a launch that does not say otherwise. */
export const DEFAULT_METADATA_OPTIONS: MetadataOptions = {
  httpTokens: 'optional',
  httpPutResponseHopLimit: 1,
  httpEndpoint: 'enabled',
  httpProtocolIpv6: 'disabled',
  instanceMetadataTags: 'disabled',
};

export interface InstanceProfile {
  readonly associationId: ProfileAssociationId;
  readonly arn: string;
  /** As IAM's ids are: `AIPA` and more capitals and digits. */
  readonly id: string;
}

/** What an instance was launched with besides its network; most of it can be changed. */
export interface InstanceOptions {
  readonly keyName: string | null;
  /** One line as in `authorized_keys`; it stays when the key pair is deleted. */
  readonly publicKey: string | null;
  /** Base64, as it was given. */
  readonly userData: string | null;
  readonly disableApiTermination: boolean;
  readonly disableApiStop: boolean;
  readonly shutdownBehavior: 'stop' | 'terminate';
  readonly monitoring: boolean;
  readonly ebsOptimized: boolean;
  /** Of burstable types; null for the others. */
  readonly cpuCredits: 'standard' | 'unlimited' | null;
  readonly metadata: MetadataOptions;
  readonly profile: InstanceProfile | null;
  readonly clientToken: string;
}

/** The answer to a request with a client token: the same request again gets it again. */
export interface AnsweredRequest {
  /** The parameters, as JSON with the members in the order of their names. */
  readonly parameters: string;
  readonly output: Readonly<Record<string, unknown>>;
}

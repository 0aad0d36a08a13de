/** What an instance is made of: all that EC2's API does not say. */

export type DhcpClient = 'dhclient' | 'udhcpc' | 'dhcpcd' | 'static';

export interface Daemon {
  readonly name: string;
  /** A shell command that stays in the foreground. */
  readonly command: string;
}

/** A file laid over the root. */
export interface BlueprintFile {
  /** Absolute path inside the instance. */
  readonly path: string;
  readonly content: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
}

export interface Blueprint {
  /** The name of the image, for people. */
  readonly image: string;
  /** The folder that is the root: `/` is the host's own. */
  readonly root: string;
  /** Folders that are seen above the root, the top one first; absolute. */
  readonly layers: readonly string[];
  readonly dhcp: DhcpClient;
  readonly files: readonly BlueprintFile[];
  readonly env: Readonly<Record<string, string>>;
  /** Shell commands that run once the network is up, in order; the daemons start after them. */
  readonly start: readonly string[];
  readonly daemons: readonly Daemon[];
  /** cloud-init of the root or a layer takes care of user data, keys and the host name. */
  readonly cloudInit: boolean;
}

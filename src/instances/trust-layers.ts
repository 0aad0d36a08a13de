/**
 * What makes instances trust the certificate authority of their lab: a layer above the root which
 * shows the lists of trusted authorities with one more. Instances of the same root share it.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Blueprint } from './blueprint.ts';
import { type Found, find } from './stacked-folders.ts';

export interface TrustedAuthority {
  /** PEM. */
  readonly ca: string;
  /** As OpenSSL looks it up in a folder of certificates. */
  readonly subjectHash: string;
}

/** Debian's; made where there is none. */
const BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
/** Where other systems, and programs that bring their own, have lists of authorities. */
const OTHER_BUNDLES: readonly string[] = [
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/usr/lib/python3/dist-packages/awscli/botocore/cacert.pem',
  '/usr/lib/python3/dist-packages/botocore/cacert.pem',
  '/usr/lib/python3/dist-packages/certifi/cacert.pem',
  '/usr/local/aws-cli/v2/current/dist/awscli/botocore/cacert.pem',
];
/** What update-ca-certificates(8) adds to the list. */
const SOURCE = '/usr/local/share/ca-certificates/vpclab.crt';
const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;

/** For programs that bring a list of their own; nothing that Debian has needs them. */
export const TRUST_ENVIRONMENT: Readonly<Record<string, string>> = {
  AWS_CA_BUNDLE: BUNDLE,
  NODE_EXTRA_CA_CERTS: SOURCE,
};

export class TrustLayers {
  readonly #folder: string;
  readonly #authority: TrustedAuthority;
  /** By the folders that it is above. */
  readonly #made = new Map<string, string>();

  /** @param folder For the layers; goes with the lab. */
  constructor(folder: string, authority: TrustedAuthority) {
    this.#folder = folder;
    this.#authority = authority;
  }

  /** @returns the folder to be seen above the root and the layers of an instance. */
  above({ root, layers }: Pick<Blueprint, 'root' | 'layers'>): string {
    const below = [...layers, root];
    const key = JSON.stringify(below);
    const made = this.#made.get(key) ?? path.join(this.#folder, String(this.#made.size));
    if (!this.#made.has(key)) this.#make(made, below);
    this.#made.set(key, made);
    return made;
  }

  #make(layer: string, below: readonly string[]): void {
    const { ca, subjectHash } = this.#authority;
    fs.mkdirSync(layer, { recursive: true });
    fs.chmodSync(layer, fs.statSync(below.at(-1) ?? '/').mode);
    for (const bundle of [BUNDLE, ...OTHER_BUNDLES]) {
      const found = find(below, bundle);
      if (found.source === null && bundle !== BUNDLE) continue;
      const known = found.source === null ? '' : fs.readFileSync(found.source, 'utf8');
      lay(layer, below, found, `${known}${known === '' || known.endsWith('\n') ? '' : '\n'}${ca}`);
    }
    for (const file of [SOURCE, path.join(path.dirname(BUNDLE), `${subjectHash}.0`)]) {
      lay(layer, below, find(below, file), ca);
    }
  }
}

/** Writes a file at its place in a layer, in folders that are like those below. */
function lay(layer: string, below: readonly string[], { name }: Found, content: string): void {
  makeFolders(layer, below, path.dirname(name));
  const target = path.join(layer, name);
  fs.writeFileSync(target, content);
  fs.chmodSync(target, FILE_MODE);
}

function makeFolders(layer: string, below: readonly string[], folder: string): void {
  const target = path.join(layer, folder);
  if (fs.existsSync(target)) return;
  makeFolders(layer, below, path.dirname(folder));
  fs.mkdirSync(target);
  const { source } = find(below, folder);
  const { mode, uid, gid } =
    source === null ? { mode: FOLDER_MODE, uid: 0, gid: 0 } : fs.statSync(source);
  fs.chmodSync(target, mode);
  fs.chownSync(target, uid, gid);
}

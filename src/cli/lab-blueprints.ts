/** What the instances of a lab file are made of: built-in images, the host's files, the commands. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { Blueprint, BlueprintFile } from '../instances/blueprint.ts';
import {
  BUILT_IN_IMAGES,
  type BuiltInImage,
  DHCP_PROGRAMS,
  missingPrograms,
} from '../instances/images.ts';
import type { ImageId } from '../model/ids.ts';
import { BUILT_IN_IMAGE_NAMES } from '../model/images.ts';
import type { Lab, LabInstance, LabInstanceFile } from '../scenario/lab.ts';
import { CliError, EXIT } from './exit-codes.ts';

const DEFAULT_MODE = 0o644;

/** A folder as an image: what runs in it is the lab file's to say. */
const OWN_ROOT: BuiltInImage = {
  programs: {},
  start: [],
  daemons: () => [],
};

/** Blueprints by the id of their image; instances that are alike share one. */
export interface LabBlueprints {
  readonly byImage: ReadonlyMap<ImageId, Blueprint>;
  /** Instance name to image. */
  readonly imageOf: ReadonlyMap<string, ImageId>;
}

/** @throws Error when a file of the lab cannot be read. */
export function labBlueprints(lab: Lab): LabBlueprints {
  const byImage = new Map<ImageId, Blueprint>();
  const imageOf = new Map<string, ImageId>();
  for (const instance of lab.instances.values()) {
    const blueprint = blueprintOf(instance);
    const imageId = imageIdOf(blueprint);
    byImage.set(imageId, blueprint);
    imageOf.set(instance.name, imageId);
  }
  return { byImage, imageOf };
}

/** @throws CliError host that names every program that the lab needs and this host lacks. */
export function requirePrograms(lab: Lab): void {
  requireUdhcpc6(lab);
  const programs: Record<string, string> = {};
  for (const { image, dhcp } of lab.instances.values()) {
    // What a root of its own has is not the host's to say.
    if (image.startsWith('/')) continue;
    Object.assign(programs, builtIn(image).programs);
    const dhcpPackage = DHCP_PROGRAMS[dhcp];
    if (dhcpPackage !== undefined) programs[dhcp] = dhcpPackage;
  }
  const missing = missingPrograms(programs);
  if (missing.length === 0) return;
  const packages = new Set(missing.map(({ aptPackage }) => aptPackage));
  throw new CliError(
    EXIT.host,
    `Cannot start lab "${lab.name}": this host lacks ${missing.map(({ program }) => program).join(', ')}`,
    `apt-get install ${[...packages].join(' ')}`,
  );
}

/** Debian's busybox has none, so no package can be named. @throws CliError host. */
function requireUdhcpc6(lab: Lab): void {
  const asking = [...lab.instances.values()].find(
    ({ image, dhcp, subnet, ipv6Addresses }) =>
      !image.startsWith('/') &&
      dhcp === 'udhcpc' &&
      (lab.subnets.get(subnet)?.ipv6 ?? null) !== null &&
      ipv6Addresses?.length !== 0,
  );
  if (asking === undefined || missingPrograms({ udhcpc6: 'busybox' }).length === 0) return;
  throw new CliError(
    EXIT.host,
    `Cannot start "${asking.name}": this host's busybox has no udhcpc6, wanted it for a subnet with IPv6`,
    'take dhclient, dhcpcd or static, or "ipv6Addresses: []"',
  );
}

function blueprintOf(instance: LabInstance): Blueprint {
  const ownRoot = instance.image.startsWith('/');
  const image = ownRoot ? OWN_ROOT : builtIn(instance.image);
  const files = instance.files.map(readFile);
  return {
    image: instance.image,
    root: ownRoot ? instance.image : '/',
    layers: instance.layers,
    dhcp: instance.dhcp,
    files,
    env: instance.env,
    start: [...image.start, ...(instance.start === null ? [] : [instance.start])],
    daemons: [...image.daemons(files), ...instance.daemons],
    cloudInit: instance.cloudInit,
  };
}

function builtIn(name: string): BuiltInImage {
  const known = BUILT_IN_IMAGE_NAMES.find((each) => each === name);
  if (known === undefined) throw new Error(`Cannot find image "${name}"`);
  return BUILT_IN_IMAGES[known];
}

function readFile(file: LabInstanceFile): BlueprintFile {
  if ('content' in file.from) {
    const content = Buffer.from(file.from.content, 'utf8');
    return { path: file.path, content, mode: file.mode ?? DEFAULT_MODE };
  }
  const { source } = file.from;
  const mode = file.mode ?? fs.statSync(source).mode & 0o777;
  return { path: file.path, content: fs.readFileSync(source), mode };
}

/** The same blueprint has the same id, so a changed one tells that the instance must be made anew. */
function imageIdOf(blueprint: Blueprint): ImageId {
  const hash = createHash('sha256').update(JSON.stringify(blueprint)).digest('hex');
  return `ami-0${hash.slice(0, 16)}`;
}

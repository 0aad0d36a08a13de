/**
 * The root of an instance: overlays that show what it writes above what makes it trust its lab, above
 * its layers, above its root. What lies on storage of its own below the root, such as /usr, has an overlay of its own.
 *
 * Folders are named by links of short names: the options of an overlay fit into a page, and commas
 * and colons part them.
 */
import fs from 'node:fs';
import path from 'node:path';
import { storageMounts } from '../host/mounts.ts';
import type { Blueprint, BlueprintFile } from './blueprint.ts';

/** The links to the root and to what makes an instance trust its lab. */
const BASE = 'base';
const TRUST = 'trust';
/** Layers that lie below the root's own folder overlap with it, which the kernel refuses: an overlay of them does not. */
const LAYERS = 'layers';
/** An overlay that is only read has two folders at least. */
const NOTHING = 'nothing';

export class InstanceOverlay {
  readonly #folder: string;
  readonly #layers: readonly string[];
  readonly #trust: string;
  /** Where overlays are, outer ones first: '' is the root, the others are what it does not show. */
  readonly #targets: readonly string[];

  /**
   * Makes the folders; what a former instance wrote there stays.
   * @param folder On storage that can be the upper part of an overlay.
   * @param trust The folder that is seen above the layers; on the same storage.
   */
  constructor(folder: string, { root, layers }: Pick<Blueprint, 'root' | 'layers'>, trust: string) {
    this.#folder = folder;
    this.#layers = layers;
    this.#trust = trust;
    this.#targets = ['', ...(root === '/' ? storageMounts() : [])];
    const folders = ['root', LAYERS, NOTHING, ...this.#targets.flatMap((_, n) => writtenTo(n))];
    for (const each of folders) fs.mkdirSync(path.join(folder, each), { recursive: true });
    this.#link(BASE, root);
    this.#link(TRUST, trust);
    for (const [index, layer] of layers.entries()) this.#link(layerLink(index), layer);
  }

  /** Where the whole is seen once it is mounted. */
  get root(): string {
    return path.join(this.#folder, 'root');
  }

  /** Makes a folder as if the instance had made it. @param folder Absolute inside the instance. */
  makeFolder(folder: string): void {
    fs.mkdirSync(this.#writtenPath(folder), { recursive: true });
  }

  /** Lays a file as if the instance had written it. */
  lay(file: BlueprintFile): void {
    const target = this.#writtenPath(file.path);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, file.content);
    fs.chmodSync(target, file.mode);
  }

  /** @returns what `mount --all` mounts, as lines of fstab(5). */
  mounts(): readonly string[] {
    const links = this.#layers.map((_, index) => path.join(this.#folder, layerLink(index)));
    const layers = [...links, path.join(this.#folder, NOTHING)].join(':');
    return [
      ...(links.length === 0
        ? []
        : [`vpclab ${path.join(this.#folder, LAYERS)} overlay lowerdir=${layers}`]),
      ...this.#targets.map((target, index) => {
        const [upper, work] = writtenTo(index).map((each) => path.join(this.#folder, each));
        const lower = this.#lowerFolders(target).join(':');
        return `vpclab ${this.root}${target} overlay lowerdir=${lower},upperdir=${upper},workdir=${work}`;
      }),
    ];
  }

  /** @returns what is seen below what the instance writes, the top first. */
  #lowerFolders(target: string): readonly string[] {
    const isInLayers = this.#layers.some((layer) => isFolder(path.join(layer, target)));
    const isInTrust = isFolder(path.join(this.#trust, target));
    return [...(isInTrust ? [TRUST] : []), ...(isInLayers ? [LAYERS] : []), BASE].map((each) =>
      path.join(this.#folder, each, target),
    );
  }

  #writtenPath(file: string): string {
    const index = this.#targets.findLastIndex((target) => file.startsWith(`${target}/`));
    const [upper = ''] = writtenTo(index);
    return path.join(this.#folder, upper, file.slice(this.#targets[index]?.length));
  }

  #link(name: string, target: string): void {
    const link = path.join(this.#folder, name);
    fs.rmSync(link, { force: true });
    fs.symlinkSync(target, link);
  }
}

const layerLink = (index: number): string => `layer${index}`;

/** @returns the folder that shows what was written, and the one that the kernel works in. */
function writtenTo(index: number): readonly [upper: string, work: string] {
  return [`upper${index}`, `work${index}`];
}

function isFolder(folder: string): boolean {
  return fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

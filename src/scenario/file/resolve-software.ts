/** What runs in an instance or a public host: its image and layers, its files, and the commands. */
import { realpathSync, statSync } from 'node:fs';
import { relative as relativePath, resolve as resolvePath } from 'node:path';
import type { InstanceSoftware, LabInstanceFile } from '../lab.ts';
import { type Path, wantedName } from './problems.ts';
import { unreadable } from './readable.ts';
import type { LabFileSoftware } from './schema-software.ts';
import type { Scope } from './scope.ts';

export function resolveSoftware(
  name: string,
  fields: LabFileSoftware,
  path: Path,
  scope: Scope,
): InstanceSoftware {
  return {
    image: resolveImage(fields.image ?? 'linux', [...path, 'image'], name, scope),
    layers: resolveLayers(fields.layers ?? [], [...path, 'layers'], name, scope),
    dhcp: fields.dhcp ?? 'dhclient',
    files: resolveFiles(fields, path, scope),
    start: fields.start ?? null,
    daemons: Object.entries(fields.daemons ?? {}).map(([daemon, command]) => ({
      name: daemon,
      command,
    })),
    env: Object.fromEntries(
      Object.entries(fields.env ?? {}).map(([key, value]) => [key, String(value)]),
    ),
  };
}

/** @returns the name of a built-in image, or the absolute path of a folder that is the root. */
function resolveImage(image: string, path: Path, instance: string, scope: Scope): string {
  const { images, folder } = scope.options;
  if (image.includes('/')) {
    const root = resolvePath(folder, image);
    if (!isFolder(root)) {
      const found = `Cannot start "${instance}": found no folder "${image}"`;
      scope.report.at(path, `${found}, wanted a folder that can be its root`);
    }
    return root;
  }
  if (!images.has(image)) {
    const wanted = wantedName(image, images, 'an image');
    scope.report.at(
      path,
      `Cannot start "${instance}": found unknown image "${image}", wanted ${wanted}`,
    );
  }
  return image;
}

/** @returns the absolute paths of the folders. */
function resolveLayers(
  layers: readonly string[],
  path: Path,
  instance: string,
  { options: { folder }, report }: Scope,
): string[] {
  const resolved = layers.map((layer) => resolvePath(folder, layer));
  for (const [index, layer] of resolved.entries()) {
    const refuse = (found: string, wanted: string) => {
      const act = `Cannot lay "${layers[index]}" over the root of "${instance}"`;
      report.at([...path, index], `${act}: found ${found}, wanted ${wanted}`);
    };
    if (!isFolder(layer)) {
      refuse('no such folder', `one in ${folder}`);
      continue;
    }
    // The kernel refuses an overlay of both.
    const outer = resolved.findIndex((other, at) => at !== index && isWithin(layer, other));
    if (outer !== -1) refuse(`it inside "${layers[outer]}"`, 'folders apart from each other');
  }
  return resolved;
}

function isWithin(folder: string, outer: string): boolean {
  if (!isFolder(outer)) return false;
  const way = relativePath(realpathSync(outer), realpathSync(folder));
  return way === '' || !/^\.\.(?:\/|$)/.test(way);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function resolveFiles(fields: LabFileSoftware, path: Path, scope: Scope): LabInstanceFile[] {
  const { folder } = scope.options;
  return Object.entries(fields.files ?? {}).map(([target, file]) => {
    const mode = typeof file === 'string' || file.mode === undefined ? null : octal(file.mode);
    if (typeof file === 'object' && 'content' in file) {
      return { path: target, from: { content: file.content }, mode };
    }
    const name = typeof file === 'string' ? file : file.source;
    const source = resolvePath(folder, name);
    const state = unreadable(source);
    if (state !== null) {
      const at = [...path, 'files', target, ...(typeof file === 'string' ? [] : ['source'])];
      scope.report.at(at, `Cannot read "${name}": found ${state}, wanted a file in ${folder}`);
    }
    return { path: target, from: { source }, mode };
  });
}

/** YAML reads `0755` as the number 755; its digits are meant. */
function octal(mode: string | number): number {
  return Number.parseInt(String(mode), 8);
}

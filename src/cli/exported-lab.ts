/**
 * The lab file of a running lab: its documents imported, and what runs in its instances out of the
 * lab file that it was made by, as far as that still says the same.
 */
import path from 'node:path';
import type { LabStatus } from '../engine/control-api.ts';
import { LabFileError } from '../scenario/file/problems.ts';
import type { LabFileSettings } from '../scenario/file/schema-filters.ts';
import type { AwsInstance } from '../scenario/import/aws-shapes.ts';
import type { InstanceContent } from '../scenario/import/context.ts';
import { type ImportedLab, importLab } from '../scenario/import/import-lab.ts';
import { nameTag } from '../scenario/import/names.ts';
import { readRecords } from '../scenario/import/records.ts';
import type { Lab, LabInstance } from '../scenario/lab.ts';
import { CliError } from './exit-codes.ts';
import { STANDARD_INPUT } from './lab-argument.ts';
import { labBlueprints } from './lab-blueprints.ts';
import type { LabExport } from './lab-export.ts';
import { loadOptions, parseLab, readLabSource } from './lab-loading.ts';

/** @param folder Where the lab file will stand. */
export async function exportedLab(
  status: LabStatus,
  exported: LabExport,
  folder: string,
): Promise<ImportedLab> {
  const { documents, region, zones, rules, quotas, settings, images } = exported;
  const sources = documents.map(({ name, body }) => ({
    file: `${name}.json`,
    text: JSON.stringify(body),
  }));
  const origin = await originOf(status);
  return importLab(readRecords(sources), {
    name: status.name,
    header: `Lab ${status.name} as it ran, by vpclab export; what a lab file cannot say is listed at the end.`,
    vpcs: [],
    region,
    load: loadOptions({ shown: `${status.name}.vpclab.yml`, folder }),
    facts: {
      region,
      zones,
      rules,
      quotas,
      settings: settingsOf(settings),
      description: origin?.description ?? '',
      seed: origin?.seed ?? null,
      contentOf: (instance) => contentOf(instance, origin, images, folder),
    },
  });
}

/** @returns the lab file that the lab was made by; null when it is not there any more, or is wrong now. */
async function originOf({ labPath }: LabStatus): Promise<Lab | null> {
  if (labPath === STANDARD_INPUT) return null;
  try {
    return parseLab(await readLabSource(labPath, path.dirname(labPath)));
  } catch (error) {
    if (error instanceof LabFileError || error instanceof CliError) return null;
    throw error;
  }
}

/** The same image is the same content, to the last byte of its files. */
function contentOf(
  instance: AwsInstance,
  origin: Lab | null,
  images: LabExport['images'],
  folder: string,
): InstanceContent {
  const name = nameTag(instance.Tags) ?? '';
  const declared = origin?.instances.get(name);
  const isSame =
    origin !== null &&
    declared !== undefined &&
    labBlueprints(origin).imageOf.get(name) === instance.ImageId;
  if (declared !== undefined && isSame) return contentOfDeclared(declared, folder);
  const image = images[instance.ImageId ?? ''] ?? 'linux';
  return image === 'linux' ? {} : { image };
}

function contentOfDeclared(
  { image, dhcp, files, start, daemons, env }: LabInstance,
  folder: string,
): InstanceContent {
  const relative = (file: string) => path.relative(folder, file) || '.';
  return {
    ...(image === 'linux'
      ? {}
      : { image: image.startsWith('/') ? rootOf(relative(image)) : image }),
    ...(dhcp === 'dhclient' ? {} : { dhcp }),
    ...(files.length === 0
      ? {}
      : {
          files: Object.fromEntries(
            files.map(({ path: target, from, mode }) => {
              const octal = mode === null ? {} : { mode: mode.toString(8).padStart(4, '0') };
              return 'content' in from
                ? [target, { content: from.content, ...octal }]
                : [target, { source: relative(from.source), ...octal }];
            }),
          ),
        }),
    ...(start === null ? {} : { start }),
    ...(daemons.length === 0
      ? {}
      : { daemons: Object.fromEntries(daemons.map(({ name, command }) => [name, command])) }),
    ...(Object.keys(env).length === 0 ? {} : { env: { ...env } }),
  };
}

/** A folder has a slash in it, which tells it from the name of an image. */
function rootOf(folder: string): string {
  return folder.includes('/') ? folder : `./${folder}`;
}

function settingsOf({
  fragments,
  tcpEstablishedTimeoutS,
  flowLogIntervalS,
}: LabExport['settings']): LabFileSettings {
  return {
    ...(fragments === undefined ? {} : { fragments }),
    ...(tcpEstablishedTimeoutS === undefined
      ? {}
      : { tcpEstablishedTimeout: `${tcpEstablishedTimeoutS}s` }),
    ...(flowLogIntervalS === undefined ? {} : { flowLogInterval: `${flowLogIntervalS}s` }),
  };
}

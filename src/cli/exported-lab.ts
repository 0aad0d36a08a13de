/**
 * The lab file of a running lab: its documents imported, and what runs in its instances out of the
 * lab file that it was made by, as far as that still says the same.
 */
import path from 'node:path';
import type { LabStatus } from '../engine/control-api.ts';
import { LabFileError } from '../scenario/file/problems.ts';
import type { LabFileSettings } from '../scenario/file/schema-filters.ts';
import type { InstanceContent, KnownContent } from '../scenario/import/context.ts';
import { type ImportedLab, importLab } from '../scenario/import/import-lab.ts';
import { nameTag } from '../scenario/import/names.ts';
import { readRecords } from '../scenario/import/records.ts';
import type { Lab, LabInstance } from '../scenario/lab.ts';
import { CliError } from './exit-codes.ts';
import { STANDARD_INPUT } from './lab-argument.ts';
import { labBlueprints } from './lab-blueprints.ts';
import type { LabExport } from './lab-export.ts';
import { loadOptions, parseLab } from './lab-loading.ts';
import { readLabSource } from './lab-reading.ts';

/** What instances have that say nothing. */
const PLAIN_IMAGE = 'linux';

/** @param folder Where the lab file will stand. */
export async function exportedLab(
  status: LabStatus,
  exported: LabExport,
  folder: string,
): Promise<ImportedLab> {
  const {
    documents,
    others,
    hosts,
    region,
    zones,
    rules,
    quotas,
    settings,
    hostedZones,
    roles,
    images,
  } = exported;
  const all = [...documents, ...others.flatMap((each) => each.documents)];
  const sources = all.map(({ name, body }) => ({
    file: `${name}.json`,
    text: JSON.stringify(body),
  }));
  const origin = await originOf(status);
  const imageOf = origin === null ? [] : [...labBlueprints(origin).imageOf];
  const declaredBy = new Map(imageOf.map(([name, id]) => [`${id}`, origin?.instances.get(name)]));
  return importLab(readRecords(sources), {
    name: status.name,
    header: `Lab ${status.name} as it ran, by vpclab export; what a lab file cannot say is listed at the end.`,
    vpcs: [],
    region: null,
    load: loadOptions({ shown: `${status.name}.vpclab.yml`, folder }),
    facts: {
      region,
      zones,
      rules,
      quotas,
      settings: settingsOf(settings),
      hostedZones,
      roles,
      uplink: status.uplink === null ? null : 'host',
      regionOfVpc: new Map(
        others.flatMap(({ region: where, vpcIds }) => vpcIds.map((id) => [id, where] as const)),
      ),
      hosts: Object.fromEntries(
        hosts.map(({ name, imageId, address, ipv6Address }) => {
          const declared = declaredBy.get(imageId);
          return [
            name,
            {
              address,
              ...(ipv6Address === null ? {} : { ipv6Address }),
              ...(declared === undefined ? {} : contentOf(declared, folder)),
            },
          ];
        }),
      ),
      description: origin?.description ?? '',
      seed: origin?.seed ?? null,
      contentOf: ({ ImageId = '', Tags }) => {
        const declared = declaredBy.get(ImageId);
        if (declared !== undefined) {
          const { content, lost } = userDataOf(origin?.instances.get(nameTag(Tags) ?? ''));
          return { content: { ...contentOf(declared, folder), ...content }, lost };
        }
        const image = images[ImageId] ?? PLAIN_IMAGE;
        const found = origin === null ? 'is not there any more' : 'says it differently by now';
        const lost = `the lab file that it was made by ${found}, so it is the image ${image} only`;
        return { content: image === PLAIN_IMAGE ? {} : { image }, lost };
      },
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

/** One image is one content, to the last byte of its files, so any instance that has it tells. */
function contentOf(
  { image, layers, dhcp, files, start, daemons, env, cloudInit }: LabInstance,
  folder: string,
): InstanceContent {
  const relative = (file: string) => path.relative(folder, file) || '.';
  return {
    ...(image === 'linux'
      ? {}
      : { image: image.startsWith('/') ? rootOf(relative(image)) : image }),
    ...(layers.length === 0 ? {} : { layers: layers.map(relative) }),
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
    ...(cloudInit ? { cloudInit } : {}),
  };
}

/** @param instance That of the same name in the lab file; its content may be another's. */
function userDataOf(instance: LabInstance | undefined): KnownContent {
  const base64 = instance?.userData ?? null;
  if (base64 === null) return { content: {}, lost: null };
  const text = Buffer.from(base64, 'base64').toString();
  return Buffer.from(text).toString('base64') === base64
    ? { content: { userData: text }, lost: null }
    : { content: {}, lost: 'its user data is no text' };
}

/** A folder has a slash in it, which tells it from the name of an image. */
function rootOf(folder: string): string {
  return folder.includes('/') ? folder : `./${folder}`;
}

function settingsOf(settings: LabExport['settings']): LabFileSettings {
  const { tcpEstablishedTimeoutS, flowLogIntervalS, packetDelayMs } = settings;
  const { fragments, dnsRecursion, timing, timingScale, throttling, eventualConsistencyMs } =
    settings;
  const all = {
    fragments,
    tcpEstablishedTimeout: withUnit(tcpEstablishedTimeoutS, 's'),
    flowLogInterval: withUnit(flowLogIntervalS, 's'),
    dnsRecursion,
    timing,
    timingScale,
    packetDelay: withUnit(packetDelayMs ?? undefined, 'ms'),
    throttling,
    eventualConsistency: withUnit(eventualConsistencyMs, 'ms'),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function withUnit(value: number | undefined, unit: 's' | 'ms'): string | undefined {
  return value === undefined ? undefined : `${value}${unit}`;
}

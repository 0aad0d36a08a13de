/** What an instance is launched with besides its place in the network. */
import { readFileSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { DEFAULT_METADATA_OPTIONS, type MetadataOptions } from '../../model/compute.ts';
import type { LaunchOptions } from '../lab.ts';
import { isTakenTag } from '../names.ts';
import type { Path } from './problems.ts';
import { unreadable } from './readable.ts';
import type { LabFileInstance } from './schema-instances.ts';
import type { Scope } from './scope.ts';

const MAX_USER_DATA_BYTES = 16 * 1024;

export function resolveLaunch(fields: LabFileInstance, path: Path, scope: Scope): LaunchOptions {
  return {
    metadata: metadataOf(fields.metadata ?? {}),
    userData: userDataOf(fields.userData, [...path, 'userData'], scope),
    tags: tagsOf(fields.tags, [...path, 'tags'], scope),
  };
}

function metadataOf(given: NonNullable<LabFileInstance['metadata']>): MetadataOptions {
  const otherwise = DEFAULT_METADATA_OPTIONS;
  return {
    httpTokens: given.tokens ?? otherwise.httpTokens,
    httpPutResponseHopLimit: given.hopLimit ?? otherwise.httpPutResponseHopLimit,
    httpEndpoint: given.endpoint ?? otherwise.httpEndpoint,
    httpProtocolIpv6: given.ipv6 ?? otherwise.httpProtocolIpv6,
    instanceMetadataTags: given.tags ?? otherwise.instanceMetadataTags,
  };
}

/** @returns base64, or null for none. */
function userDataOf(
  given: LabFileInstance['userData'],
  path: Path,
  { options: { folder }, report }: Scope,
): string | null {
  if (given === undefined) return null;
  const content = typeof given === 'string' ? Buffer.from(given) : read(given.source);
  if (content.length > MAX_USER_DATA_BYTES) {
    const found = `found ${content.length} bytes`;
    report.at(path, `Cannot use the user data: ${found}, wanted at most ${MAX_USER_DATA_BYTES}`);
  }
  return content.length === 0 ? null : content.toString('base64');

  function read(source: string): Buffer {
    const file = resolvePath(folder, source);
    const state = unreadable(file);
    if (state === null) return readFileSync(file);
    const at = [...path, 'source'];
    report.at(at, `Cannot read "${source}": found ${state}, wanted a file in ${folder}`);
    return Buffer.alloc(0);
  }
}

/** @returns null when the lab file says nothing of tags. */
function tagsOf(
  given: LabFileInstance['tags'],
  path: Path,
  { report }: Scope,
): ReadonlyMap<string, string> | null {
  if (given === undefined) return null;
  for (const key of Object.keys(given)) {
    if (!isTakenTag(key)) continue;
    const act = `Cannot tag with "${key}"`;
    report.atKey([...path, key], `${act}: found a key that is taken, wanted another one`);
  }
  return new Map(Object.entries(given));
}

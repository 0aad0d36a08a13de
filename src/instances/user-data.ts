/**
 * User data as cloud-init takes it: a script runs as root at the first boot of an instance, once the
 * network is up; of other kinds the log says that they were not run.
 */
import { gunzipSync } from 'node:zlib';
import type { BlueprintFile } from './blueprint.ts';
import { LOG_FOLDER } from './log-folder.ts';

/** What cloud-init understands besides scripts, by the beginning of the text. @source cloud-init docs, user-data formats */
const OTHER_KINDS: readonly (readonly [beginning: RegExp, kind: string])[] = [
  [/^#cloud-config/, 'a cloud-config'],
  [/^#include/, 'an include file'],
  [/^#cloud-boothook/, 'a boothook'],
  [/^#part-handler/, 'a part handler'],
  [/^## template/, 'a template'],
  [/^(?:content-type|mime-version):/i, 'a multi-part message'],
];
const GZIP_MAGIC = Buffer.of(0x1f, 0x8b);
/** More is no script that fits into 16 KiB. */
const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;

export interface UserData {
  /** A name for the instance's own folder: what ran on one instance has not run on its copy. */
  readonly instanceId: string;
  /** What runs or is told at the first boot. */
  readonly part:
    | { readonly kind: 'script'; readonly content: Buffer }
    | { readonly kind: 'other'; readonly name: string };
}

/** @param base64 As EC2 has it. @returns null when there is none. */
export function readUserData(instanceId: string, base64: string | null): UserData | null {
  if (base64 === null) return null;
  const content = unpacked(Buffer.from(base64, 'base64'));
  if (content === null) return { instanceId, part: { kind: 'other', name: 'a broken archive' } };
  if (content.subarray(0, 2).equals(Buffer.from('#!'))) {
    return { instanceId, part: { kind: 'script', content } };
  }
  const text = content.subarray(0, 64).toString('latin1');
  const known = OTHER_KINDS.find(([beginning]) => beginning.test(text));
  return { instanceId, part: { kind: 'other', name: known?.[1] ?? 'no script' } };
}

/** cloud-init unpacks what gzip packed. @returns null when that cannot be. */
function unpacked(data: Buffer): Buffer | null {
  if (!data.subarray(0, 2).equals(GZIP_MAGIC)) return data;
  try {
    return gunzipSync(data, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch {
    return null;
  }
}

const folderOf = ({ instanceId }: UserData): string => `/var/lib/cloud/instances/${instanceId}`;
const scriptOf = (userData: UserData): string => `${folderOf(userData)}/scripts/part-001`;

/** @returns what must lie in the instance for `userDataCommand`. */
export function userDataFiles(userData: UserData): readonly BlueprintFile[] {
  const { part } = userData;
  if (part.kind === 'other') return [];
  return [{ path: scriptOf(userData), content: part.content, mode: 0o700 }];
}

/**
 * @returns the shell command of every boot, which does something at the first one only. Its exit
 *   code says nothing: a failed script is no failed instance.
 */
export function userDataCommand(userData: UserData): string {
  const { part } = userData;
  const done = `${folderOf(userData)}/sem/config_scripts_user`;
  const action =
    part.kind === 'script'
      ? `${scriptOf(userData)} </dev/null; echo "user data ended with exit code $?"`
      : `echo 'user data was not run: it is ${part.name}, wanted a script that begins with #!'`;
  return [
    `if mkdir -p ${folderOf(userData)}/sem && (set -C; : >${done}) 2>/dev/null`,
    `then cd /; ${action}`,
    `fi >>${LOG_FOLDER}/user-data.log 2>&1`,
  ].join('\n');
}

/** What tshark reads in frames. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pcapHeader, pcapRecord } from '../../src/capture/pcap.ts';

const CHECKSUMS = ['ip', 'tcp', 'udp'] as const;

export const hasTshark = spawnSync('tshark', ['--version']).status === 0;

/**
 * Reads fields of frames, all checksums checked: `1` is a good one to the fields `*.checksum.status`.
 * @param folder Takes a capture file. @returns a row for each frame.
 */
export function tsharkFields(
  folder: string,
  frames: readonly Uint8Array[],
  fields: readonly string[],
): readonly (readonly string[])[] {
  const file = join(folder, 'frames.pcap');
  const records = frames.map((frame) =>
    pcapRecord({ timestampNs: 0n, frame, originalSize: frame.length }),
  );
  writeFileSync(file, Buffer.concat([pcapHeader(), ...records]));
  const { stdout } = spawnSync(
    'tshark',
    [
      ...['-n', '-r', file, '-T', 'fields'],
      ...CHECKSUMS.flatMap((each) => ['-o', `${each}.check_checksum:TRUE`]),
      ...fields.flatMap((each) => ['-e', each]),
    ],
    { encoding: 'utf8' },
  );
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

/** Whether files that a lab file names can be read. */
import { accessSync, constants, statSync } from 'node:fs';

/** @returns what keeps the file from being read, or null. */
export function unreadable(path: string): string | null {
  try {
    if (!statSync(path).isFile()) return 'no regular file';
    accessSync(path, constants.R_OK);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'no such file' : `a file that cannot be read (${code})`;
  }
}

/** Writes the files of commands whose result is files. */
import fs from 'node:fs';
import path from 'node:path';
import { CliError, EXIT } from './exit-codes.ts';

/** Makes the folders and writes the files, over those of the same names. @throws CliError usage. */
export function writeInto(folder: string, files: ReadonlyMap<string, string>): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
    for (const [name, text] of files) {
      const file = path.join(folder, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
  } catch (error) {
    const { code = 'it failed' } = error as NodeJS.ErrnoException;
    throw new CliError(EXIT.usage, `Cannot write into "${folder}": ${code}`);
  }
}

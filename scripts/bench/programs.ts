/** The C programs of the bench, built by `cc` when a run begins. */
import path from 'node:path';
import { execa } from 'execa';

const SOURCES = path.join(import.meta.dirname, 'programs');

export interface Programs {
  readonly relay: string;
  readonly flood: string;
  readonly connections: string;
  readonly metadata: string;
}

/** @returns the paths of the programs. @throws Error with the compiler's words. */
export async function buildPrograms(folder: string): Promise<Programs> {
  const build = async (name: string): Promise<string> => {
    const program = path.join(folder, name);
    await execa('cc', ['-O2', '-Wall', '-Werror', '-o', program, path.join(SOURCES, `${name}.c`)]);
    return program;
  };
  const [relay, flood, connections, metadata] = await Promise.all([
    build('relay'),
    build('flood'),
    build('connections'),
    build('metadata'),
  ]);
  return { relay, flood, connections, metadata };
}

#!/usr/bin/env node
/** The program `vpclab`; the only place that sets the exit code of the process. */
import fs from 'node:fs';
import os from 'node:os';
import { HOST_FOLDERS, userFolders } from '../engine/lab-place.ts';
import { Output } from './output.ts';
import { runCli } from './program.ts';

// `vpclab ps | head` closes the pipe early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runCli(process.argv.slice(2), packageVersion(), {
  output: new Output(process.stdout, process.stderr),
  folders: process.geteuid?.() === 0 ? HOST_FOLDERS : userFolders(os.userInfo(), process.env),
  currentFolder: process.cwd(),
  environment: process.env,
});

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string };
  return version;
}

/** Programs that go on beside this one until they are ended: in a control group, so that none is lost. */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { createCgroup } from './cgroup.ts';
import { killChild } from './child.ts';
import { insideNetns } from './netns.ts';

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** It is in the group before it is the program. */
const JOIN = 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"';

export interface DaemonPlace {
  /** The network namespace that it is in. */
  readonly netns: string;
  /** The folder of its control group; it is made, and below one that is the journal's. */
  readonly cgroup: string;
  /** What it writes is appended here. */
  readonly logPath: string;
}

export class Daemon {
  readonly #child: ChildProcess;
  #isClosed = false;

  /**
   * @param argv Of a program that stays in the foreground.
   * @param onEnd Called when it ended by itself, with the reason in words.
   */
  constructor(
    argv: readonly [string, ...string[]],
    { netns, cgroup, logPath }: DaemonPlace,
    onEnd: (reason: string) => void,
  ) {
    createCgroup(cgroup);
    const log = fs.openSync(logPath, 'a', 0o644);
    try {
      this.#child = insideNetns(netns, () =>
        spawn('sh', ['-c', JOIN, 'join', cgroup, ...argv], {
          env: { PATH },
          stdio: ['ignore', log, log],
          detached: true,
          cwd: '/',
        }),
      );
    } finally {
      fs.closeSync(log);
    }
    const end = (reason: string) => {
      if (!this.#isClosed) onEnd(reason);
    };
    this.#child.once('error', ({ message }) => end(message));
    this.#child.once('exit', (code, signal) =>
      end(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`),
    );
    this.#child.unref();
  }

  /** Ends it; nothing happens when it has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await killChild(this.#child);
  }
}

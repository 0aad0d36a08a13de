/** Child processes that go on beside this one, and report to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { insideNetns } from './netns.ts';

/**
 * Starts a program whose output goes to a file and whose descriptor 3 is a pipe of lines to here.
 * @param onLine Called for each line on descriptor 3. @param onEnd Called when the pipe closes.
 */
export function startReporting(
  argv: readonly [string, ...string[]],
  options: {
    /** The network namespace that it begins in; that of this process when absent. */
    readonly netns?: string;
    readonly env: Readonly<Record<string, string>>;
    readonly logPath: string;
    readonly onLine: (line: string) => void;
    readonly onEnd: () => void;
  },
): ChildProcess {
  const [file, ...args] = argv;
  const log = fs.openSync(options.logPath, 'a', 0o644);
  try {
    const start = (): ChildProcess =>
      spawn(file, args, {
        env: { ...options.env },
        stdio: ['ignore', log, log, 'pipe'],
        detached: true,
        cwd: '/',
      });
    const child = options.netns === undefined ? start() : insideNetns(options.netns, start);
    let rest = '';
    const pipe = child.stdio[3] as NodeJS.ReadableStream;
    pipe.setEncoding('utf8');
    pipe.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) options.onLine(line);
    });
    pipe.on('close', options.onEnd);
    child.on('error', options.onEnd);
    return child;
  } finally {
    fs.closeSync(log);
  }
}

/** Kills a child of this process, and waits until it has ended; nothing happens when it has. */
export async function killChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

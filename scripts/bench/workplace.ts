/**
 * What a run makes on this host, and its end: every namespace, process and folder has the prefix of
 * the run in its name, every process is noted here, and `close` removes them in reverse order.
 * A run that was killed leaves them behind; the next run removes what dead runs left.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import { killChild } from '../../src/host/child.ts';
import { createNetns, deleteNetns } from '../../src/host/netns.ts';
import { takeDown } from './vpclab.ts';

const NAME = /^bench-(\d+)(?:-|$)/;
const NETNS_FOLDER = '/run/netns';
const LABS_FOLDER = '/var/lib/vpclab';
const READY_MS = 10_000;

export class Workplace {
  /** Begins all names of this run: `bench-PID`. */
  readonly prefix = `bench-${process.pid}`;
  readonly folder = path.join(os.tmpdir(), this.prefix);
  readonly #undo: (() => unknown)[] = [];
  #closing: Promise<void> | null = null;

  constructor() {
    fs.mkdirSync(this.folder, { mode: 0o700 });
    this.#atEnd(() => fs.rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Makes a namespace. @returns its full name. */
  netns(name: string): string {
    this.#refuseAfterEnd();
    const full = `${this.prefix}-${name}`;
    createNetns(full);
    this.#atEnd(() => deleteNetns(full));
    return full;
  }

  /** Starts a program that runs until the end. @param ready What it writes when it works. */
  async start(argv: readonly string[], ready: RegExp | null): Promise<void> {
    this.#refuseAfterEnd();
    const child = startProgram(argv);
    this.#atEnd(() => killChild(child));
    if (ready === null) child.stdout.resume();
    else await writes(child, ready);
  }

  /** Removes all; further calls wait for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#removeAll();
    return this.#closing;
  }

  /** Takes this lab down at the end. @param name Its name behind the prefix. @returns its full name. */
  lab(name: string): string {
    this.#refuseAfterEnd();
    const full = `${this.prefix}-${name}`;
    this.#atEnd(() => takeDown(full));
    return full;
  }

  /** Does this at the end, before what was asked for earlier. */
  #atEnd(undo: () => unknown): void {
    this.#undo.push(undo);
  }

  #refuseAfterEnd(): void {
    if (this.#closing !== null) throw new Error('Cannot go on: the run has ended');
  }

  async #removeAll(): Promise<void> {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) {
      try {
        await undo();
      } catch (error) {
        console.error(error);
      }
    }
  }
}

/** A program whose output is read; its standard input stays open as long as this process lives. */
export type RunningProgram = ChildProcessByStdio<Writable, Readable, null>;

/** Starts a program that the caller ends; its errors show. */
export function startProgram(argv: readonly string[]): RunningProgram {
  const [file = '', ...args] = argv;
  return spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Waits until a program has written this. @returns all that it wrote until then. */
export function writes(child: RunningProgram, wanted: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const name = child.spawnargs.join(' ');
    const timer = setTimeout(() => fail(`not ready within ${READY_MS} ms`), READY_MS);
    const fail = (what: string): void => {
      clearTimeout(timer);
      reject(new Error(`Cannot go on with "${name}": ${what}, it wrote ${JSON.stringify(text)}`));
    };
    child.once('error', (error) => fail(error.message));
    child.once('close', () => fail('it ended'));
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk;
      if (!wanted.test(text)) return;
      clearTimeout(timer);
      resolve(text);
    });
  });
}

/** Removes namespaces, their processes, labs and folders of runs whose process is gone. */
export async function removeDeadRuns(): Promise<void> {
  for (const lab of deadNames(LABS_FOLDER)) await takeDown(lab);
  for (const netns of deadNames(NETNS_FOLDER)) {
    const { stdout } = await execa('ip', ['netns', 'pids', netns]);
    for (const pid of stdout.split('\n')) if (pid !== '') process.kill(Number(pid), 'SIGKILL');
    deleteNetns(netns);
  }
  for (const folder of deadNames(os.tmpdir())) {
    fs.rmSync(path.join(os.tmpdir(), folder), { recursive: true, force: true });
  }
}

function deadNames(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).filter((name) => {
    const [, pid] = NAME.exec(name) ?? [];
    return pid !== undefined && !fs.existsSync(`/proc/${pid}`);
  });
}

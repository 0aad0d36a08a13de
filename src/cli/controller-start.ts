/** Starts the process that holds a lab, and waits until the lab is up or has failed. */
import fs from 'node:fs';
import path from 'node:path';
import {
  hasAccounts,
  livingController,
  removeLeftovers,
  startFile,
  withHostLock,
} from '../engine/cleaning.ts';
import type { LabPlace } from '../engine/lab-place.ts';
import { killChild, startReporting } from '../host/child.ts';
import type { CliContext } from './context.ts';
import { type ControllerOrder, parseControllerMessage, writeOrder } from './controller-protocol.ts';
import { CliError, EXIT } from './exit-codes.ts';
import { CONTROLLER_COMMAND } from './lab-source.ts';

export interface ControllerOptions {
  readonly timeoutS: number;
  readonly onProgress: (words: string) => void;
}

type Controller = ReturnType<typeof startReporting>;

/**
 * Settles when the lab is up; the controller then lives on by itself.
 * @throws CliError when it failed, took too long or was interrupted; nothing is left behind then.
 */
export async function startController(
  context: CliContext,
  place: LabPlace,
  order: ControllerOrder,
  options: ControllerOptions,
): Promise<void> {
  const orderFile = startFile(place, 'source');
  const logPath = startFile(place, 'log');
  // Of a controller that was killed before: a start that fails must not lose them.
  const keepsAccounts = hasAccounts(place);
  // The last lab that goes takes the folder along.
  await withHostLock(() => {
    makeStateFolder(context);
    writeOrder(orderFile, order);
  });
  const events = new ControllerEvents(place, logPath, options);
  const controller = startReporting(controllerArguments(orderFile), {
    env: definedOnly(context.environment),
    logPath,
    onLine: events.onLine,
    onEnd: events.onEnd,
  });
  const interrupt = () => events.fail(EXIT.interrupted, 'it was interrupted');
  process.on('SIGINT', interrupt);
  try {
    await events.ready;
    fs.renameSync(logPath, path.join(place.state, 'controller.log'));
  } catch (error) {
    await killChild(controller);
    for (const file of [orderFile, logPath]) fs.rmSync(file, { force: true });
    // Another process may have been faster, and the lab is its own.
    if (livingController(place) === null) await removeLeftovers(place, { keepsAccounts });
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
    release(controller);
  }
}

/** @throws CliError host when the labs of this user cannot be kept where they should. */
function makeStateFolder({ folders }: CliContext): void {
  try {
    fs.mkdirSync(folders.state, { recursive: true });
  } catch (error) {
    const state = error instanceof Error ? error.message : String(error);
    const hint = 'set XDG_STATE_HOME to a folder that you may write to';
    throw new CliError(EXIT.host, `Cannot keep labs on this host: ${state}`, hint);
  }
}

/** Turns what comes from a controller into one promise. */
class ControllerEvents {
  readonly ready: Promise<void>;
  readonly #place: LabPlace;
  readonly #logPath: string;
  readonly #options: ControllerOptions;
  #resolve: () => void = () => undefined;
  #reject: (error: CliError) => void = () => undefined;

  constructor(place: LabPlace, logPath: string, options: ControllerOptions) {
    this.#place = place;
    this.#logPath = logPath;
    this.#options = options;
    const timer = setTimeout(
      () => this.fail(EXIT.checkFailed, `not ready after ${options.timeoutS} s, wanted --timeout`),
      options.timeoutS * 1000,
    );
    this.ready = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    }).finally(() => clearTimeout(timer));
  }

  fail(exitCode: CliError['exitCode'], state: string, hint: string | null = null): void {
    const message = `Cannot bring lab "${this.#place.name}" up: ${state}`;
    this.#reject(new CliError(exitCode, message, hint));
  }

  readonly onLine = (line: string): void => {
    const message = parseControllerMessage(line);
    if (message?.type === 'progress') this.#options.onProgress(message.text);
    if (message?.type === 'ready') this.#resolve();
    if (message?.type === 'error') {
      this.#reject(new CliError(message.exitCode, message.message, message.hint));
    }
  };

  readonly onEnd = (): void => {
    const log = fs.existsSync(this.#logPath) ? fs.readFileSync(this.#logPath, 'utf8').trim() : '';
    this.fail(EXIT.checkFailed, 'its controller died', log === '' ? null : log);
  };
}

function controllerArguments(orderFile: string): [string, ...string[]] {
  const [, script = ''] = process.argv;
  return [process.execPath, ...process.execArgv, script, CONTROLLER_COMMAND, orderFile];
}

function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}

/** Lets this process end while the controller lives on. */
function release(controller: Controller): void {
  controller.unref();
  controller.stdio[3]?.destroy();
}

/** Real labs for tests: the compiled command line as a child process, and what is asked of a lab. */
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Test } from 'tap';
import type {
  InstanceStatus,
  LabStatus,
  PortStats,
  StatsReport,
} from '../../src/engine/control-api.ts';
import { cgroupRoot } from '../../src/host/cgroup.ts';
import { changesSince, LAB_PREFIX, takePicture } from './host-state.ts';

/** The dataplane's thread loads compiled files only: `npm run build` comes first. */
const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

const COMMAND_MS = 60_000;
const POLL_MS = 50;
const GUEST_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** What standard input holds. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The network namespace that stands for the host; default: the host. */
  readonly netns?: string;
  /** Then it is killed, and its exit code is not what was wanted. */
  readonly timeoutMs?: number;
}

/** @returns why no lab can run here, or null. */
export function whyNoLabs(): string | null {
  if (process.geteuid?.() !== 0) return 'only root can make network namespaces';
  if (!fs.existsSync('/dev/net/tun')) return 'the host has no /dev/net/tun';
  if (!fs.existsSync(PROGRAM)) return 'dist/ is missing: npm run build makes it';
  return null;
}

/** Runs one command line to its end. */
export async function vpclab(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await startVpclab(argv, options);
  return {
    exitCode: result.exitCode ?? 128,
    stdout: result.stdout,
    stderr: result.exitCode === undefined ? `${result.stderr}${result.message}` : result.stderr,
  };
}

/**
 * @returns the program with its arguments. tap has every Node below it load its own modules through
 * this variable, which doubles the start of each and stays in the controller.
 */
export function programOf(argv: readonly string[]): [string, ...string[]] {
  return ['/usr/bin/env', '-u', 'NODE_OPTIONS', process.execPath, PROGRAM, ...argv];
}

/** Starts a command line; the caller waits for it. */
export function startVpclab(argv: readonly string[], options: CommandOptions = {}) {
  const { input = '', env = {}, netns, timeoutMs = COMMAND_MS } = options;
  const enter = netns === undefined ? [] : ['nsenter', `--net=/run/netns/${netns}`];
  const [file = '', ...args] = [...enter, ...programOf(argv)];
  return execa(file, args, {
    reject: false,
    input,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    stripFinalNewline: false,
    env,
    cwd: '/',
  });
}

/** Asks until the answer passes. @throws Error with the last answer when the time is over. */
export async function until<R>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<R> | R,
  accepts: (answer: R) => boolean,
): Promise<R> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (accepts(answer)) return answer;
    if (performance.now() > end) {
      throw new Error(`${what}: not within ${timeoutMs} ms, last was ${JSON.stringify(answer)}`);
    }
    await delay(POLL_MS);
  }
}

/** A lab file: `body` behind the name. */
export interface LabText {
  readonly name: string;
  readonly text: string;
}

export function labText(name: string, body: string): LabText {
  const full = `${LAB_PREFIX}${name}`;
  return { name: full, text: `name: ${full}\n${body}` };
}

/**
 * Two routers in a subnet, either of which can have the service address, and a client in another
 * one whose route table leads to r1.
 * @param options.cidr The first two bytes of the VPC's addresses.
 */
export function twoRouters(
  name: string,
  options: { readonly cidr: string; readonly service: string; readonly settings?: string },
): LabText {
  const { cidr, service, settings = '{}' } = options;
  return labText(
    name,
    `
settings: ${settings}
vpcs:
  main:
    cidr: ${cidr}.0.0/16
    subnets:
      a: { cidr: ${cidr}.1.0/24 }
      b: { cidr: ${cidr}.2.0/24, routeTable: clients }
    routeTables: { clients: { routes: { ${service}/32: r1 } } }
instances:
  r1:
    subnet: a
    sourceDestCheck: false
    start: ip address add ${service}/32 dev lo
  r2:
    subnet: a
    sourceDestCheck: false
    start: ip address add ${service}/32 dev lo
  client: { subnet: b }
`,
  );
}

/** A lab that is up. */
export class TestLab {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * Runs a shell command in an instance, as `vpclab exec` does but without the start of Node.
   * What it leaves behind ends with the instance.
   */
  async sh(instance: string, command: string): Promise<CommandResult> {
    const { pid } = await this.instance(instance);
    if (pid === null) throw new Error(`${instance} does not run`);
    const group = path.join(cgroupRoot() ?? '', 'vpclab', this.name, instance, 'cgroup.procs');
    // tap's own modules, which this variable names, need not be there in the guest.
    const enter = `env -u NODE_OPTIONS nsenter --target ${pid} --mount --uts --net --pid --cgroup`;
    const { exitCode, stdout, stderr } = await execa(
      'sh',
      ['-c', `echo $$ >${group}; exec ${enter} -- sh -c "$1"`, 'enter', command],
      {
        reject: false,
        stdin: 'ignore',
        timeout: COMMAND_MS,
        stripFinalNewline: false,
        env: { PATH: GUEST_PATH },
        cwd: '/',
      },
    );
    return { exitCode: exitCode ?? 128, stdout, stderr };
  }

  /** @returns the standard output. @throws Error when the command fails. */
  async read(instance: string, command: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.sh(instance, command);
    if (exitCode !== 0) {
      throw new Error(`${instance}: "${command}" ended with ${exitCode}\n${stdout}${stderr}`);
    }
    return stdout;
  }

  async ps(): Promise<LabStatus> {
    const { stdout } = await vpclab(['ps', '-n', this.name, '--json']);
    const status = (JSON.parse(stdout) as Record<string, LabStatus>)[this.name];
    if (status === undefined) throw new Error(`ps does not show ${this.name}: ${stdout}`);
    return status;
  }

  /** The same as `ps --json` at less cost, for polling. */
  async status(): Promise<LabStatus> {
    return (await this.request('GET', '/status')).body as LabStatus;
  }

  async instance(name: string): Promise<InstanceStatus> {
    const found = (await this.status()).instances.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no instance "${name}"`);
    return found;
  }

  async macOf(name: string): Promise<string> {
    return (await this.instance(name)).interfaces[0]?.mac ?? '';
  }

  async stats(): Promise<StatsReport> {
    const { stdout } = await vpclab(['stats', '-n', this.name, '--json']);
    return JSON.parse(stdout) as StatsReport;
  }

  async port(instance: string, device = 'eth0'): Promise<PortStats> {
    const { ports } = (await this.request('GET', '/stats')).body as StatsReport;
    const port = ports.find((each) => each.instance === instance && each.device === device);
    if (port === undefined) throw new Error(`no port ${instance}.${device}`);
    return port;
  }

  /** Does an EC2 action on the control socket. @throws Error when it is refused. */
  async action(action: string, input: object): Promise<Record<string, unknown>> {
    const { status, body } = await this.request('POST', '/actions', { action, input });
    if (status !== 200) throw new Error(`${action}: ${status} ${JSON.stringify(body)}`);
    return body as Record<string, unknown>;
  }

  async request(
    method: 'GET' | 'POST',
    path: string,
    body?: object,
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    const socketPath = `/run/vpclab/${this.name}/control.sock`;
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const outgoing = http.request({ socketPath, method, path }, resolve);
      outgoing.once('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
    return { status: response.statusCode ?? 0, body: JSON.parse(await text(response)) };
  }

  down(): Promise<CommandResult> {
    return vpclab(['down', '-n', this.name]);
  }
}

/** @throws Error with what the command wrote when the lab does not come up. */
export async function up(
  { name, text: input }: LabText,
  options: CommandOptions = {},
): Promise<TestLab> {
  const { exitCode, stderr } = await vpclab(['up', '-'], { ...options, input });
  if (exitCode !== 0) throw new Error(`up of ${name} ended with ${exitCode}\n${stderr}`);
  return new TestLab(name);
}

/** Brings a lab up for the tests of a file; the last of them must be `testHostIsAsBefore`. */
export async function labForFile(
  t: Test,
  text: LabText,
): Promise<{ readonly lab: TestLab; readonly testHostIsAsBefore: () => Promise<void> }> {
  const before = await takePicture();
  const lab = await up(text);
  // For the case that a test threw; `down` of a lab that is gone does nothing.
  t.teardown(() => lab.down());
  const testHostIsAsBefore = async () => {
    await t.test(
      `down of lab ${text.name.slice(LAB_PREFIX.length)} leaves the host as it was`,
      async (t) => {
        const { exitCode, stderr } = await lab.down();
        t.equal(exitCode, 0, stderr);
        t.same(await changesSince(before), []);
      },
    );
  };
  return { lab, testHostIsAsBefore };
}

/** Takes down what a test that failed has left; nothing is there after one that passed. */
export async function takeAllDown(): Promise<void> {
  const folder = '/var/lib/vpclab';
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  for (const name of names) {
    if (name.startsWith(LAB_PREFIX)) await new TestLab(name).down();
    if (name.startsWith(`.${LAB_PREFIX}`)) fs.rmSync(`${folder}/${name}`, { force: true });
  }
}

/** A host folder with labs, some with a controller that answers, and the command line run against it. */
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import type { Test } from 'tap';
import { Output } from '../../src/cli/output.ts';
import { runCli } from '../../src/cli/program.ts';
import type { LabStatus } from '../../src/engine/control-api.ts';
import { type HostFolders, type LabPlace, labPlace } from '../../src/engine/lab-place.ts';

export interface FakeHost {
  readonly folders: HostFolders;
  /** Where lab files stand. */
  readonly work: string;
}

export function fakeHost(t: Test): FakeHost {
  // Not tap's folder: the path of a socket may have 107 bytes only.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vpclab-test-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  fs.mkdirSync(path.join(folder, 'work'));
  return {
    folders: { run: path.join(folder, 'run'), state: path.join(folder, 'state') },
    work: path.join(folder, 'work'),
  };
}

/** Leaves the state of a lab whose controller is not there. */
export function deadLab(host: FakeHost, name: string, labPath: string): void {
  writeRecord(labPlace(name, host.folders), labPath);
}

/** The record of a controller that has ended. */
function writeRecord(place: LabPlace, labPath: string): void {
  fs.mkdirSync(place.state, { recursive: true });
  fs.writeFileSync(place.controller, JSON.stringify({ pid: 0, start: '', labPath }));
}

/** Starts a controller that answers with fixed bodies; it ends with the test. */
export async function livingLab(
  t: Test,
  host: FakeHost,
  name: string,
  answers: Readonly<Record<string, string | Buffer>> = {},
): Promise<void> {
  const place = labPlace(name, host.folders);
  writeRecord(place, path.join(host.work, `${name}.vpclab.yml`));
  fs.mkdirSync(path.dirname(place.socket), { recursive: true });
  const bodies = { 'GET /status': JSON.stringify(statusOf(name)), ...answers };
  const server = http.createServer((request, response) => {
    const body = new Map(Object.entries(bodies)).get(`${request.method} ${request.url}`);
    response.writeHead(body === undefined ? 404 : 200);
    response.end(body ?? JSON.stringify({ code: 'NOT_FOUND', message: `No route ${request.url}` }));
  });
  await new Promise<void>((resolve) => server.listen(place.socket, resolve));
  t.teardown(() => server.close());
}

export function statusOf(name: string): LabStatus {
  return {
    name,
    pid: 4242,
    region: 'us-east-1',
    rules: '2020',
    labPath: `/labs/${name}.vpclab.yml`,
    apiUrl: 'http://127.0.0.1:4566',
    isRecords: false,
    uplink: null,
    startedMs: 0,
    memoryBytes: 1,
    recordedOnly: [{ kind: 'transit-gateway', id: 'tgw-1', name: 'out' }],
    instances: [
      {
        name: `${name}-r1`,
        instanceId: 'i-1',
        image: 'frr',
        state: 'running',
        health: 'ok',
        pid: null,
        netns: `vpclab-${name}-r1`,
        zone: 'us-east-1a',
        interfaces: [
          {
            device: 'eth0',
            eniId: 'eni-1',
            mac: '02:00:00:00:00:01',
            subnet: 'a',
            addresses: ['10.0.1.11', '10.0.1.12'],
            sourceDestCheck: true,
          },
        ],
        daemons: [{ name: 'bgpd', state: 'running', exitCode: null }],
      },
    ],
  };
}

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process. */
export async function cli(
  host: FakeHost,
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<CliResult> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const exitCode = await runCli(argv, '1.2.3', {
    output: new Output(stdout, stderr),
    folders: host.folders,
    currentFolder: host.work,
    environment,
  });
  const textOf = (stream: PassThrough) => String(stream.read() ?? '');
  return { exitCode, stdout: textOf(stdout), stderr: textOf(stderr) };
}

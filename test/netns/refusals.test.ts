/** Labs that this host or this file cannot have: refused before anything is made, with what to do. */
import fs from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { findProgram } from '../../src/host/proc.ts';
import { changesSince, takePicture } from './host-state.ts';
import { labText, programOf, vpclab, whyNoLabs } from './test-lab.ts';

const VPC = 'vpcs: { main: { cidr: 10.77.0.0/16, subnets: { a: { cidr: 10.77.1.0/24 } } } }';
const GOOD = labText('refused', `${VPC}\ninstances: { one: { subnet: a, dhcp: udhcpc } }\n`);
const NOBODY = '65534';
/** What every lab needs of the host, so that a PATH without the rest gets as far as the image. */
const COMMON = 'sh ip mount umount nsenter unshare pivot_root openssl node'.split(' ');

interface Refused {
  readonly exitCode: number;
  readonly stderr: string;
}

/** A test of commands that all must be refused alike, and after which the host is as it was. */
async function refusalTest(
  title: string,
  asks: () => readonly Promise<Refused>[],
  wanted: { readonly exitCode: number; readonly stderr: RegExp | readonly RegExp[] },
): Promise<void> {
  await t.test(title, async (t) => {
    const before = await takePicture();
    for (const { exitCode, stderr } of await Promise.all(asks())) {
      t.equal(exitCode, wanted.exitCode, stderr);
      for (const text of [wanted.stderr].flat()) t.match(stderr, text);
    }
    t.same(await changesSince(before), [], 'nothing was made');
  });
}

/** Runs a command line below another program, such as one that gives up being root. */
async function below(program: readonly string[], argv: readonly string[]): Promise<Refused> {
  const [file = '', ...args] = program;
  const result = await execa(file, [...args, ...programOf(argv)], {
    reject: false,
    input: GOOD.text,
    cwd: '/',
  });
  return { exitCode: result.exitCode ?? 128, stderr: result.stderr };
}

async function testHosts(): Promise<void> {
  const nobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  await refusalTest(
    'up and run without root exit with 3 and say what to do',
    () => ['up', 'run'].map((command) => below(nobody, [command, '-'])),
    { exitCode: 3, stderr: [/you are not root/, /sudo/] },
  );
  const mountAll = 'mount -t tmpfs none /dev/net && exec "$0" "$@"';
  const noTun = ['unshare', '--mount', 'sh', '-c', mountAll];
  await refusalTest(
    'up and run without /dev/net/tun exit with 3 and say what to do',
    () => ['up', 'run'].map((command) => below(noTun, [command, '-'])),
    { exitCode: 3, stderr: [/\/dev\/net\/tun/, /modprobe tun/] },
  );
}

async function testPrograms(): Promise<void> {
  const folder = t.testdir({});
  for (const name of COMMON) {
    const found = findProgram(name);
    if (found !== null) fs.symlinkSync(found, path.join(folder, name));
  }
  const options = { input: GOOD.text, env: { PATH: folder } };
  for (const command of ['up', 'run']) {
    // One after the other: they would want the same lab.
    await refusalTest(
      `${command} of an image whose program is missing exits with 3 and names the package`,
      () => [vpclab([command, '-'], options)],
      { exitCode: 3, stderr: [/this host lacks ping/, /apt-get install iputils-ping/] },
    );
  }
}

async function testFiles(): Promise<void> {
  const bad = [
    VPC,
    'instances:',
    '  one: { subnet: a, image: linx }',
    '  two: { subnet: nowhere }',
    '  three: { subnet: a, address: 10.77.1.2 }',
    '',
  ].join('\n');
  const input = labText('bad', bad).text;
  await refusalTest(
    'a bad lab file is refused with 2 and all that is wrong',
    () => ['up', 'run', 'validate', 'plan'].map((command) => vpclab([command, '-'], { input })),
    { exitCode: 2, stderr: [/:4:\d+: .*linx/, /:5:\d+: .*nowhere/, /:6:\d+: .*10\.77\.1\.2/] },
  );
  await refusalTest(
    'a text that is no YAML is refused with 2',
    () => ['up', 'run'].map((command) => vpclab([command, '-'], { input: 'name: [unclosed' })),
    { exitCode: 2, stderr: /:1:\d+: / },
  );
  await refusalTest(
    'a file that is absent is refused with 2',
    () => ['up', 'run'].map((command) => vpclab([command, '/no/lab'])),
    { exitCode: 2, stderr: /"\/no\/lab"/ },
  );
  await refusalTest(
    'a lab that is not up is refused with 4',
    () => ['down', 'ps', 'stats', 'capture'].map((command) => vpclab([command, '-n', GOOD.name])),
    { exitCode: 4, stderr: /Cannot find lab/ },
  );
}

const reason = whyNoLabs();
if (reason === null) {
  await testHosts();
  await testPrograms();
  await testFiles();
} else t.plan(0, reason);

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { cli, fakeHost, livingLab } from './fake-lab.ts';

const MAIN = path.resolve('src/cli/main.ts');

/** Runs the program from its source, as a process of its own. */
function run(folder: string, argv: readonly string[], input = '') {
  const node = ['--import', path.resolve('node_modules/tsx/dist/loader.mjs'), MAIN, ...argv];
  const { status, stdout, stderr } = spawnSync(process.execPath, node, {
    cwd: folder,
    encoding: 'utf8',
    input,
  });
  return { status, stdout, stderr };
}

t.test('the program ends with the exit code of its usage', async (t) => {
  const folder = t.testdir({ 'bad.vpclab.yml': 'vpcs: [\n' });
  const rows: readonly (readonly [argv: string[], status: number])[] = [
    [['--help'], 0],
    [['run', '--help'], 0],
    [['frobnicate'], 2],
    [['ps', '--frobnicate'], 2],
    [['exec'], 2],
    [['capture', '--format', 'snoop'], 2],
    [['validate'], 2],
    [['validate', 'gone'], 2],
    [['ps', '--name', 'no-such-lab'], 4],
  ];
  for (const [argv, status] of rows) t.equal(run(folder, argv).status, status, argv.join(' '));
  t.equal(run(folder, ['validate', '-'], 'name: [').status, 2, 'standard input');
  t.match(run(folder, ['--version']).stdout, /^\d+\.\d+\.\d+\n$/);
});

t.test('a misspelt command gets a suggestion', async (t) => {
  const { exitCode, stderr } = await cli(fakeHost(t), ['validat']);
  t.equal(exitCode, 2);
  t.match(stderr, 'Did you mean validate?');
});

t.test('completion scripts have no syntax errors', async (t) => {
  const host = fakeHost(t);
  for (const shell of ['bash', 'zsh']) {
    const { exitCode, stdout } = await cli(host, ['completion', shell]);
    t.equal(exitCode, 0);
    const check = spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' });
    if (check.error === undefined) t.equal(check.stderr, '', shell);
    else t.pass(`${shell} is not installed`);
  }
});

t.test('completion in bash offers commands, flags and the instances that run', async (t) => {
  const host = fakeHost(t);
  const { stdout: script } = await cli(host, ['completion', 'bash']);
  await livingLab(t, host, 'one');
  const names = await cli(host, ['__complete', 'instances']);
  t.equal(names.stdout, 'one-r1\n');
  t.equal((await cli(host, ['__complete', 'labs'])).stdout, 'one\n');
  const complete = (...words: string[]) => {
    const program = [
      'vpclab() { [ "$2" = instances ] && echo one-r1; }',
      script,
      `COMP_WORDS=(vpclab ${words.map((word) => `'${word}'`).join(' ')})`,
      `COMP_CWORD=${words.length}`,
      '_vpclab 2>/dev/null; printf "%s\\n" "${COMPREPLY[@]}"',
    ].join('\n');
    return spawnSync('bash', ['-c', program], { encoding: 'utf8' }).stdout.split('\n').slice(0, -1);
  };
  t.same(complete('va'), ['validate']);
  t.same(complete('exec', ''), ['one-r1']);
  t.same(complete('ps', '--j'), ['--json']);
});

t.test('the help of every command names the variables of its flags', async (t) => {
  const { stdout } = await cli(fakeHost(t), ['up', '--help']);
  t.match(stdout, 'VPCLAB_UP_TIMEOUT');
  t.match(stdout, 'VPCLAB_UP_RECONFIGURE');
});

t.test('up refuses a name for a lab whose file has one', async (t) => {
  const host = fakeHost(t);
  for (const [flag, value] of [
    ['--name', 'other'],
    ['--region', 'eu-west-1'],
  ] as const) {
    const { exitCode, stderr } = await cli(host, ['up', 'x.vpclab.yml', flag, value]);
    t.equal(exitCode, 2);
    t.match(stderr, `Cannot take ${flag} with lab "x.vpclab.yml"`);
  }
  const bad = await cli(host, ['up', '--name', 'No Name', '--records']);
  t.equal(bad.exitCode, 2);
  t.match(bad.stderr, /the flags:1:\d+: .*a name of a-z/);
});

t.test('the build writes a program that can be executed', async (t) => {
  const file = path.join(t.testdir({ 'main.js': '#!/usr/bin/env node\n' }), 'main.js');
  const { status } = spawnSync(process.execPath, ['scripts/make-executable.mjs', file]);
  t.equal(status, 0);
  t.equal(fs.statSync(file).mode & 0o111, 0o111);
});

/** However a lab ends, nothing of it is left, and nothing of others is touched. */
import fs from 'node:fs';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { processStart } from '../../src/host/proc.ts';
import { changesSince, type HostPicture, LAB_PREFIX, takePicture } from './host-state.ts';
import {
  labText,
  startVpclab,
  TestLab,
  takeAllDown,
  until,
  up,
  vpclab,
  whyNoLabs,
} from './test-lab.ts';

const READY_MS = 15_000;

/** One subnet with instances, of which each line is one. */
function smallLab(name: string, instances: readonly string[], steps = '') {
  const vpc = 'vpcs: { main: { cidr: 10.76.0.0/16, subnets: { a: { cidr: 10.76.1.0/24 } } } }';
  const rows = instances.map((instance) => `  ${instance}`).join('\n');
  return labText(name, `${vpc}\ninstances:\n${rows}\n${steps}`);
}

const PLAIN = ['one: { subnet: a, dhcp: static }', 'two: { subnet: a, dhcp: dhclient }'];

/** Kills the controller of a lab, as a crash does, and waits until it is gone. */
async function killController(lab: TestLab): Promise<void> {
  const { pid } = await lab.status();
  process.kill(pid, 'SIGKILL');
  await until(
    'the controller is gone',
    READY_MS,
    () => processStart(pid),
    (start) => start === null,
  );
}

/** A test after which the host must be as it was before. */
async function cleanTest(title: string, body: (t: Test) => Promise<void>): Promise<void> {
  await t.test(title, async (t) => {
    t.teardown(takeAllDown);
    const before = await takePicture();
    await body(t);
    t.same(await changesSince(before), [], 'the host is as it was');
  });
}

/** A command that sleeps as no other on this host does. */
function nap(number: number): string {
  return `sleep ${number}.${process.pid}`;
}

/** @returns how many of the naps go on; `numbers` is a regular expression. */
async function nappers(numbers: string): Promise<number> {
  const { stdout } = await execa('pgrep', ['-fxc', `sleep ${numbers}\\.${process.pid}`], {
    reject: false,
  });
  return Number(stdout);
}

async function testDeadControllers(): Promise<void> {
  await cleanTest('down removes a lab whose controller was killed', async (t) => {
    const before = await takePicture();
    const lab = await up(smallLab('dead', PLAIN));
    t.not((await changesSince(before)).length, 0, 'the picture shows a lab that is up');
    await killController(lab);
    const { exitCode, stderr } = await lab.down();
    t.equal(exitCode, 0, stderr);
    t.equal((await lab.down()).exitCode, 4, 'a second down finds no lab');
  });

  await cleanTest(
    'up goes on with the accounts of a lab whose controller was killed',
    async (t) => {
      await killController(await up(smallLab('again', PLAIN)));
      const lab = await up(smallLab('again', PLAIN));
      t.equal((await lab.sh('one', 'test ! -e /root/mark; touch /root/mark')).exitCode, 0);
      await killController(lab);
      const other = await up(smallLab('other', ['x: { subnet: a, dhcp: static }']));
      const traces = [...(await takePicture())].filter((line) =>
        line.includes(`${LAB_PREFIX}again`),
      );
      const accounts = `/var/lib/vpclab/${lab.name}`;
      t.same(fs.readdirSync(accounts), ['accounts.jsonl']);
      t.same(
        traces.map((line) => line.slice(line.indexOf('/'))).sort(),
        [accounts],
        'up of another lab removes all that the dead one left but its accounts',
      );
      t.equal((await other.down()).exitCode, 0);
      t.equal((await lab.down()).exitCode, 0);
    },
  );
}

/** A lab that boots for ever, and the command that waits for it. */
async function bootForEver(name: string, command: 'up' | 'run') {
  const text = smallLab(name, [`slow: { subnet: a, dhcp: static, start: ${nap(301)} }`, ...PLAIN]);
  const booting = startVpclab([command, '-'], { input: text.text, timeoutMs: READY_MS });
  await until(
    'the instance boots',
    READY_MS,
    () => nappers('301'),
    (count) => count > 0,
  );
  const record = fs.readFileSync(`/var/lib/vpclab/${text.name}/controller.json`, 'utf8');
  const { pid } = JSON.parse(record) as { readonly pid: number };
  return { lab: new TestLab(text.name), booting, pid };
}

async function testBoots(): Promise<void> {
  for (const command of ['run', 'up'] as const) {
    await cleanTest(`SIGINT during the boot of ${command} takes the lab down`, async (t) => {
      const { booting } = await bootForEver(`boot-${command}`, command);
      booting.kill('SIGINT');
      const { exitCode, stderr } = await booting;
      t.equal(exitCode, 130, `at once, not after the boot; ${stderr}`);
    });
  }

  await cleanTest('up exits with 1 when its controller is killed during the boot', async (t) => {
    const { booting, pid } = await bootForEver('boot-dies', 'up');
    process.kill(pid, 'SIGKILL');
    const { exitCode, stderr } = await booting;
    t.equal(exitCode, 1);
    t.match(stderr, /its controller died/);
  });

  await cleanTest('down removes a lab whose up was killed during the boot', async (t) => {
    const { booting, lab } = await bootForEver('up-dies', 'up');
    booting.kill('SIGKILL');
    await booting;
    const { exitCode, stderr } = await lab.down();
    t.equal(exitCode, 0, stderr);
  });

  await cleanTest('SIGTERM ends the controller and takes the lab down', async (t) => {
    const { pid } = await (await up(smallLab('asked', PLAIN))).status();
    process.kill(pid, 'SIGTERM');
    await until(
      'the controller is gone',
      READY_MS,
      () => processStart(pid),
      (start) => start === null,
    );
    t.pass('it is gone');
  });
}

async function testInterrupts(): Promise<void> {
  const steps = `steps: [{ name: long, run: { on: one, command: ${nap(300)}, within: 5m } }]`;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    await cleanTest(`${signal} during a step of run takes the lab down`, async (t) => {
      const text = smallLab(`step-${signal.toLowerCase()}`, PLAIN, steps);
      const run = startVpclab(['run', '-'], { input: text.text });
      await until(
        'the step runs',
        READY_MS,
        () => nappers('300'),
        (count) => count > 0,
      );
      run.kill(signal);
      const { exitCode, stderr } = await run;
      t.equal(exitCode, 130, stderr);
    });
  }
}

async function testSteps(): Promise<void> {
  await cleanTest('run with a failing step exits with 1 and takes the lab down', async (t) => {
    const steps = [
      'steps:',
      '  - { name: wrong, expect: { on: one, command: exit 5, within: 100ms } }',
      '  - { name: right, expect: { on: one, command: exit 0 } }',
    ].join('\n');
    const { text: input } = smallLab('failing', PLAIN, steps);
    const { exitCode, stdout } = await vpclab(['run', '-', '--json'], { input });
    t.equal(exitCode, 1);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    t.match(lines.at(0), { type: 'step', name: 'wrong', ok: false });
    t.match(lines.at(1), { type: 'step', name: 'right', ok: true });
    t.match(lines.at(-1), { type: 'summary', passed: 1, failed: 1 });
  });

  await cleanTest('an instance that cannot boot ends up with 1 and leaves nothing', async (t) => {
    // udhcpc finds the link but no program to configure it with.
    const files =
      '{ /etc/udhcpc/default.script: { content: "exit 1" }, /usr/sbin/udhcpc: { content: "#!/bin/false", mode: "0755" } }';
    const { text: input } = smallLab('no-boot', [
      `bad: { subnet: a, dhcp: udhcpc, files: ${files} }`,
      ...PLAIN,
    ]);
    const { exitCode, stderr } = await vpclab(['up', '-'], { input });
    t.equal(exitCode, 1);
    t.match(stderr, /Cannot boot "bad"/);
  });
}

async function testStubbornProcesses(): Promise<void> {
  await cleanTest('down ends daemons that ignore SIGTERM, fork away or fork on', async (t) => {
    const deaf = `trap '' TERM INT HUP; while :; do ${nap(302)}; done`;
    const gone = `setsid sh -c '${nap(303)} & ${nap(304)} &' </dev/null >/dev/null 2>&1 &`;
    const many = `while :; do ${nap(305)} & sleep 0.05; done`;
    const lab = await up(
      smallLab('stubborn', [
        `deaf: { subnet: a, dhcp: static, daemons: { deaf: "${deaf}" } }`,
        `gone: { subnet: a, dhcp: static, start: "${gone}" }`,
        `many: { subnet: a, dhcp: static, daemons: { fork: "${many}" } }`,
      ]),
    );
    await lab.read('gone', `nohup setsid ${nap(306)} >/dev/null 2>&1 &`);
    for (const number of ['302', '303', '304', '305', '306']) {
      await until(
        `${number} runs`,
        READY_MS,
        () => nappers(number),
        (count) => count > 0,
      );
    }
    const startMs = performance.now();
    const { exitCode, stderr } = await lab.down();
    t.equal(exitCode, 0, stderr);
    t.ok(performance.now() - startMs < READY_MS, 'in time');
    t.equal(await nappers('30[2-6]'), 0);
  });
}

async function testOthers(): Promise<void> {
  await cleanTest('namespaces, mounts and processes of others survive', async (t) => {
    const folder = t.testdir({});
    // The second has the name that the lab's own instance would almost have.
    const namespaces = [`${LAB_PREFIX}foreign`, `vpclab-${LAB_PREFIX}mine-one-more`];
    for (const name of namespaces) await execa('ip', ['netns', 'add', name]);
    await execa('mount', ['-t', 'tmpfs', `vpclab-${LAB_PREFIX}mine`, folder]);
    const foreign = execa('ip', ['netns', 'exec', `${LAB_PREFIX}foreign`, ...nap(307).split(' ')], {
      reject: false,
    });
    try {
      await until(
        'it is there',
        READY_MS,
        () => foreign.pid,
        (pid) => pid !== undefined,
      );
      const between = await takePicture();
      const lab = await up(smallLab('mine', PLAIN));
      await killController(lab);
      t.equal((await lab.down()).exitCode, 0);
      t.same(await changesSince(between), []);
      t.equal(foreign.exitCode, null);
    } finally {
      foreign.kill('SIGKILL');
      await foreign;
      await execa('umount', [folder]);
      for (const name of namespaces) await execa('ip', ['netns', 'delete', name]);
    }
  });

  await cleanTest(
    'two labs whose namespaces would have one name do not break each other',
    async (t) => {
      const first = await up(
        smallLab('a', ['b-c: { subnet: a, address: 10.76.1.9, dhcp: static }']),
      );
      try {
        const { name, text: input } = smallLab('a-b', ['c: { subnet: a, dhcp: static }']);
        const { exitCode, stderr } = await vpclab(['up', '-'], { input });
        if (exitCode !== 0) t.match(stderr, /a-b-c/, 'a refusal names what is taken');
        t.equal((await first.sh('b-c', 'ping -n -c1 -W2 10.76.1.1')).exitCode, 0);
        if (exitCode === 0) t.equal((await new TestLab(name).down()).exitCode, 0);
        else t.same(traces(await takePicture(), name), [], 'the refused one left nothing');
        t.ok(
          fs.existsSync(`/run/netns/vpclab-${first.name}-b-c`),
          'the namespace of the first stays',
        );
        t.equal((await first.sh('b-c', 'ping -n -c1 -W2 10.76.1.1')).exitCode, 0);
      } finally {
        t.equal((await first.down()).exitCode, 0);
      }
    },
  );
}

/** What is of this lab alone. */
function traces(picture: HostPicture, lab: string): readonly string[] {
  return [...picture].filter((line) => new RegExp(`vpclab/\\.?${lab}\\b`).test(line));
}

async function testCleanup(): Promise<void> {
  await testDeadControllers();
  await testInterrupts();
  await testBoots();
  await testSteps();
  await testStubbornProcesses();
  await testOthers();
}

const reason = whyNoLabs();
if (reason === null) await testCleanup();
else t.plan(0, reason);

import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { findLab, findLabFile } from '../../src/cli/lab-argument.ts';
import { tailFiles } from '../../src/cli/tail.ts';
import { labPlace } from '../../src/engine/lab-place.ts';
import { cli, deadLab, fakeHost, livingLab, statusOf } from './fake-lab.ts';

t.test('findLabFile takes a file, a folder with one lab file, or standard input', async (t) => {
  const { work } = fakeHost(t);
  fs.writeFileSync(path.join(work, 'a.vpclab.yml'), '');
  fs.writeFileSync(path.join(work, 'other.yml'), '');
  fs.mkdirSync(path.join(work, 'empty'));
  t.equal(findLabFile('-', work), '-');
  t.equal(findLabFile('other.yml', work), path.join(work, 'other.yml'));
  t.equal(findLabFile('.', work), path.join(work, 'a.vpclab.yml'));
  t.equal(findLabFile(undefined, work), path.join(work, 'a.vpclab.yml'));
  t.throws(() => findLabFile('empty', work), {
    exitCode: 2,
    message: 'Cannot choose a lab in "empty": it has no lab file, wanted one *.vpclab.yml',
  });
  t.throws(() => findLabFile('gone', work), {
    exitCode: 2,
    message: 'Cannot read lab "gone": there is no such file or folder',
  });
  fs.writeFileSync(path.join(work, 'b.vpclab.yml'), '');
  t.throws(() => findLabFile(undefined, work), {
    message: 'Cannot choose a lab in ".": it has 2 lab files, wanted one *.vpclab.yml',
  });
});

t.test('findLab goes by name, by file, by folder, then by what runs', async (t) => {
  const host = fakeHost(t);
  const nameOf = async (choice: object, folder = host.work) =>
    (await findLab(choice, folder, host.folders)).name;
  await t.rejects(nameOf({}), { exitCode: 4, message: 'Cannot choose a lab: no lab is up' });
  deadLab(host, 'dead', '/elsewhere/dead.vpclab.yml');
  t.equal(await nameOf({}), 'dead', 'the only lab, though its controller is gone');
  await livingLab(t, host, 'one');
  t.equal(await nameOf({}), 'one', 'the only one running');
  await livingLab(t, host, 'two');
  await t.rejects(nameOf({}), {
    exitCode: 2,
    message: 'Cannot choose a lab: "one", "two" are up, wanted --name',
  });
  t.equal(await nameOf({ name: 'dead' }), 'dead');
  t.equal(await nameOf({ lab: 'two' }), 'two', 'a name as argument');
  await t.rejects(nameOf({ name: 'three' }), {
    exitCode: 4,
    message: 'Cannot find lab "three": these labs are up: dead, one, two',
  });
  fs.writeFileSync(path.join(host.work, 'two.vpclab.yml'), '');
  t.equal(await nameOf({}), 'two', 'the lab of the current folder');
  t.equal(await nameOf({ lab: 'two.vpclab.yml' }), 'two', 'a file as argument');
  fs.writeFileSync(path.join(host.work, 'three.vpclab.yml'), '');
  await t.rejects(nameOf({ lab: 'three.vpclab.yml' }), {
    exitCode: 4,
    message: 'Cannot find lab "three.vpclab.yml": no lab of that file is up',
  });
});

t.test('ps shows a table, or JSON by lab with the pid of the controller', async (t) => {
  const host = fakeHost(t);
  await livingLab(t, host, 'one');
  const table = await cli(host, ['ps']);
  t.equal(table.exitCode, 0);
  t.equal(
    table.stdout,
    [
      'Name\tImage\tState\tHealth\tZone\tIPv4\tMAC\tDaemons',
      'one-r1\tfrr\trunning\tok\tus-east-1a\t10.0.1.11,10.0.1.12\t02:00:00:00:00:01\tbgpd:running',
      '',
    ].join('\n'),
  );
  const json = await cli(host, ['ps', '--json']);
  t.same(JSON.parse(json.stdout), { one: statusOf('one') });
  await livingLab(t, host, 'two');
  deadLab(host, 'dead', '-');
  const { stdout } = await cli(host, ['ps', '--all']);
  t.match(stdout, /\nrecorded only:\nLab\tKind\tId\tName\none\ttransit-gateway\ttgw-1\tout\ntwo\t/);
  t.notMatch(table.stdout, 'recorded only');
  const all = await cli(host, ['inspect', '--all', '--json']);
  t.same(Object.keys(JSON.parse(all.stdout)), ['one', 'two']);
  t.equal((await cli(host, ['ps', '-n', 'dead'])).exitCode, 4);
});

t.test('ps takes its flags from the environment', async (t) => {
  const host = fakeHost(t);
  await livingLab(t, host, 'one');
  const { stdout } = await cli(host, ['ps'], { VPCLAB_PS_JSON: '1' });
  t.same(Object.keys(JSON.parse(stdout)), ['one']);
  const wrong = await cli(host, ['ps'], { VPCLAB_PS_JSON: 'perhaps' });
  t.equal(wrong.exitCode, 2);
});

t.test('stats sums the drops of a port and sorts their reasons', async (t) => {
  const host = fakeHost(t);
  const report = {
    generation: 3,
    flows: {
      entries: 1,
      hits: 2,
      misses: 3,
      evictions: 0,
      connections: 4,
      connectionEvictions: 0,
      connectionRefusals: 0,
    },
    ports: [
      {
        instance: 'r1',
        device: 'eth0',
        eniId: 'eni-1',
        received: { frames: 10, bytes: 1000 },
        sent: { frames: 4, bytes: 400 },
        forwarded: 3,
        answered: 2,
        punted: 0,
        drops: { SPOOFED_MAC: 1, MULTICAST_NOT_FORWARDED: 4 },
      },
    ],
  };
  await livingLab(t, host, 'one', { 'GET /stats': JSON.stringify(report) });
  const { stdout } = await cli(host, ['stats']);
  t.equal(
    stdout.split('\n')[1],
    'r1.eth0\t10\t3\t2\t0\t5\t4\tMULTICAST_NOT_FORWARDED=4 SPOOFED_MAC=1',
  );
  t.same(JSON.parse((await cli(host, ['stats', '--json'])).stdout), report);
});

t.test('capture writes the stream to a file', async (t) => {
  const host = fakeHost(t);
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(0xa1b2c3d4, 0);
  await livingLab(t, host, 'one', {
    'GET /capture?format=pcap&interface=r1.eth0&interface=r2&count=5': bytes,
    'GET /capture?format=pcap&segment=1': bytes,
  });
  const file = path.join(host.work, 'out.pcap');
  const argv = ['capture', 'r1.eth0', 'r2', '--format', 'pcap', '-c', '5', '-w', file];
  t.equal((await cli(host, argv)).exitCode, 0);
  t.same(fs.readFileSync(file), bytes);
  const segments = await cli(host, ['capture', '--segment', '--format', 'pcap', '-w', file]);
  t.equal(segments.exitCode, 0);
  t.equal((await cli(host, ['capture', 'nobody', '-w', file])).exitCode, 4);
});

t.test('logs shows each line behind its file, also of a lab whose controller died', async (t) => {
  const host = fakeHost(t);
  deadLab(host, 'one', '-');
  const folder = path.join(labPlace('one', host.folders).logs, 'r1');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'boot.log'), 'started\n');
  fs.writeFileSync(path.join(folder, 'bgpd.log'), 'up\ncut off');
  const { stdout } = await cli(host, ['logs', 'r1']);
  t.equal(stdout, 'bgpd | up\nboot | started\nbgpd | cut off\n');
  const json = await cli(host, ['logs', 'r1', '--json']);
  t.same(JSON.parse(json.stdout.split('\n')[0] ?? ''), { log: 'bgpd', line: 'up' });
  t.equal((await cli(host, ['logs', 'r2'])).exitCode, 4);
});

t.test('exec names the instances that there are', async (t) => {
  const host = fakeHost(t);
  await livingLab(t, host, 'one');
  const absent = await cli(host, ['exec', 'r9', '--', 'true']);
  t.equal(absent.exitCode, 4);
  t.equal(absent.stderr, 'Cannot find instance "r9": lab "one" has one-r1\n');
  const stopped = await cli(host, ['exec', 'one/one-r1', '--', 'true']);
  t.equal(stopped.exitCode, 4);
});

t.test('validate and plan tell all problems of a lab file, exit code 2', async (t) => {
  const host = fakeHost(t);
  fs.writeFileSync(path.join(host.work, 'bad.vpclab.yml'), 'name: bad\nvpcs: 7\nnonsense: 1\n');
  const text = await cli(host, ['validate']);
  t.equal(text.exitCode, 2);
  t.match(text.stderr, /^bad\.vpclab\.yml:\d+:\d+: Cannot /);
  const json = await cli(host, ['validate', '--json']);
  t.equal(json.exitCode, 2);
  t.match(JSON.parse(json.stdout), { ok: false, problems: [{ file: 'bad.vpclab.yml' }] });
  t.equal((await cli(host, ['plan'])).exitCode, 2);
});

t.test('flow-logs shows records as they were written, of all interfaces or of one', async (t) => {
  const host = fakeHost(t);
  await livingLab(t, host, 'one');
  t.match(await cli(host, ['flow-logs']), { exitCode: 4, stderr: /lab "one" has none/ });
  const [instance] = statusOf('one').instances;
  const eniId = instance?.interfaces[0]?.eniId ?? '';
  const folder = path.join(labPlace('one', host.folders).flowLogs, 'cloud-watch-logs', 'flows');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, `${eniId}-all.log`), '2 own\n2 cut');
  fs.writeFileSync(path.join(folder, 'eni-0123-all.log'), '2 other\n');
  const all = await cli(host, ['flow-logs']);
  t.same(all.stdout.split('\n').toSorted(), ['', '2 cut', '2 other', '2 own']);
  t.equal((await cli(host, ['flow-logs', 'one-r1'])).stdout, '2 own\n2 cut\n');
  t.equal((await cli(host, ['flow-logs', 'one-r1.eth0'])).stdout, '2 own\n2 cut\n');
  t.equal((await cli(host, ['flow-logs', 'eni-0123'])).stdout, '2 other\n');
  t.match(await cli(host, ['flow-logs', 'nobody']), { exitCode: 4, stderr: /has one-r1/ });
  const json = await cli(host, ['flow-logs', 'eni-0123', '--json']);
  const log = 'cloud-watch-logs/flows/eni-0123-all.log';
  t.same(JSON.parse(json.stdout), { log, line: '2 other' });
});

t.test(
  'tailFiles reads to the last line of a file that was removed, and of its successor',
  async (t) => {
    const folder = t.testdir({ 'a.log': 'first\nsec' });
    const file = path.join(folder, 'a.log');
    const shown: string[] = [];
    const looks = [
      () => fs.appendFileSync(file, 'ond\n'),
      () => {
        fs.appendFileSync(file, 'last of the old\n');
        fs.renameSync(file, `${file}.old`);
        fs.writeFileSync(file, 'first of the new\n');
      },
      () => {
        fs.appendFileSync(file, 'written before it went\nno end');
        fs.rmSync(file);
      },
    ];
    await tailFiles({
      files: () => [file, path.join(folder, 'never-there.log')],
      show: (_, line) => shown.push(line),
      goesOn: () => {
        const next = looks.shift();
        next?.();
        return next !== undefined;
      },
    });
    t.same(shown, [
      'first',
      'second',
      'last of the old',
      'first of the new',
      'written before it went',
      'no end',
    ]);
  },
);

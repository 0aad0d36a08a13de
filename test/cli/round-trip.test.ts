/** `export` of a lab that answers, `import` of what it wrote, and `plan` in the words of the AWS CLI. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { labBlueprints } from '../../src/cli/lab-blueprints.ts';
import { exportOf } from '../../src/cli/lab-export.ts';
import { parseLab } from '../../src/cli/lab-loading.ts';
import type { ImageId } from '../../src/model/ids.ts';
import { ownImage } from '../../src/model/images.ts';
import { Store } from '../../src/model/store.ts';
import { loadLab } from '../../src/scenario/file/load.ts';
import type { Lab } from '../../src/scenario/lab.ts';
import { applyPlan } from '../../src/scenario/plan/apply.ts';
import { planLab } from '../../src/scenario/plan/plan.ts';
import { LOAD } from '../scenario/describing.ts';
import { ModelRuntime } from '../scenario/model-runtime.ts';
import { cli, type FakeHost, fakeHost, livingLab, statusOf } from './fake-lab.ts';

const LAB = `
name: one
rules: current
seed: 7
zones: [us-east-1a, us-east-1b]
quotas: { vpcsPerRegion: 9 }
settings: { dnsRecursion: host, fragments: drop, tcpEstablishedTimeout: 350s, flowLogInterval: 5s }
hostedZones:
  corp.example:
    vpcs: [main]
    records: { www: { A: [10.0.0.5, 10.0.0.6], TXT: '"a" "b"', ttl: 60 }, '*': { CNAME: www }, '@': { MX: 10 mail } }
  inner: { name: in.corp.example, vpcs: [main] }
vpcs: { main: { cidr: 10.0.0.0/16, subnets: { a: { cidr: 10.0.1.0/24, zone: us-east-1b } } } }
roles: { ha: { allow: [ec2:Describe*, ec2:ReplaceRoute], deny: sts:* }, idle: { allow: '*' } }
internet: { uplink: host }
instances:
  r1: { role: ha, image: frr, layers: [over], subnet: a, files: { /etc/one: one.conf, /etc/two: { content: two, mode: "0600" } }, env: { A: b }, cloudInit: true }
  r2: { subnet: a, dhcp: static, start: date, daemons: { web: exec sleep 9 } }
`;

/** A lab that was made by the file above and answers `POST /export`. */
async function exporting(t: Test): Promise<{ host: FakeHost; lab: Lab; runtime: ModelRuntime }> {
  const host = fakeHost(t);
  const file = path.join(host.work, 'one.vpclab.yml');
  fs.writeFileSync(file, LAB);
  fs.writeFileSync(path.join(host.work, 'one.conf'), 'conf');
  fs.mkdirSync(path.join(host.work, 'over/usr/bin'), { recursive: true });
  fs.writeFileSync(path.join(host.work, 'over/usr/bin/cloud-init'), '');
  const lab = parseLab({ file, shown: file, folder: host.work, text: LAB });
  const runtime = new ModelRuntime(lab);
  const { imageOf, byImage } = labBlueprints(lab);
  // The runtime of tests has images of its own; these have the ids of the real ones.
  await applyPlan(planLab(lab, null, runtime.imageIdOf), runtime, { clock: runtime.clock });
  const { snapshot } = runtime;
  const store = new Store({
    ...snapshot,
    images: new Map([...byImage].map(([id, { image }]) => [id, ownImage(id, image)])),
    instances: new Map(
      [...snapshot.instances].map(([id, instance]) => {
        const name = instance.tags.get('Name') ?? '';
        const imageId: ImageId = imageOf.get(name) ?? instance.imageId;
        return [id, { ...instance, imageId }];
      }),
    ),
  });
  await livingLab(t, host, 'one', {
    'GET /status': JSON.stringify({
      ...statusOf('one'),
      rules: 'current',
      labPath: file,
      uplink: { device: 'x', hasIpv6: false, closedChains: [] },
    }),
    'POST /export': JSON.stringify(exportOf(store.snapshot, [store.snapshot])),
  });
  return { host, lab, runtime };
}

t.test('export writes a lab file that is the lab, with what runs in it', async (t) => {
  const { host, lab, runtime } = await exporting(t);
  const { exitCode, stdout } = await cli(host, ['export', '-n', 'one']);
  t.equal(exitCode, 0);
  const written = loadLab(stdout, { ...LOAD, folder: host.work });
  const fields = ['name', 'home', 'zones', 'rules', 'seed', 'quotas', 'settings'] as const;
  for (const field of [...fields, 'hasUplink'] as const) {
    t.strictSame(written[field], lab[field], field);
  }
  for (const [
    name,
    { image, layers, dhcp, files, start, daemons, env, cloudInit },
  ] of lab.instances) {
    t.match(
      written.instances.get(name),
      { image, layers, dhcp, files, start, daemons, env, cloudInit },
      name,
    );
  }
  t.equal(written.hostedZones.length, 2);
  t.strictSame(planLab(written, runtime.fabric, runtime.imageIdOf), []);
});

t.test('export leaves out what the lab file says differently by now', async (t) => {
  const { host } = await exporting(t);
  fs.writeFileSync(path.join(host.work, 'one.conf'), 'changed');
  const { stdout } = await cli(host, ['export', '-n', 'one']);
  const r1 = loadLab(stdout, { ...LOAD, folder: host.work }).instances.get('r1');
  t.match(r1, { image: 'frr', files: [], env: {} });
  t.match(
    stdout,
    /# - what runs in instance r1 \(i-.*says it differently by now, .* image frr only\n/,
  );
});

t.test('export writes a folder that import reads', async (t) => {
  const { host, lab } = await exporting(t);
  const json = await cli(host, ['export', '-n', 'one', '--to', 'out/deep', '--json']);
  const written: { files: string[] } = JSON.parse(json.stdout);
  for (const name of ['one.vpclab.yml', 'describe-vpcs.json', 'describe-tags.json']) {
    t.ok(written.files.includes(name), name);
  }
  const folder = path.join(host.work, 'out/deep');
  t.match(JSON.parse(fs.readFileSync(path.join(folder, 'describe-vpcs.json'), 'utf8')), {
    Vpcs: [{ CidrBlock: '10.0.0.0/16' }],
  });
  t.match(
    fs.readFileSync(path.join(folder, 'one.vpclab.yml'), 'utf8'),
    /source: \.\.\/\.\.\/one\.conf/,
    'files stand where they stood',
  );
  fs.rmSync(path.join(folder, 'one.vpclab.yml'));
  const made = await cli(host, ['import', 'out/deep', '--name', 'two', '--json']);
  t.equal(made.exitCode, 0, made.stderr);
  t.match(JSON.parse(made.stdout), { file: 'two.vpclab.yml', lab: 'two', instances: 2 });
  const text = fs.readFileSync(path.join(host.work, 'two.vpclab.yml'), 'utf8');
  t.strictSame([...loadLab(text, LOAD).subnets.keys()], [...lab.subnets.keys()]);
  const only = await cli(host, ['export', '-n', 'one', '--to', 'more', '--format', 'describe']);
  t.equal(only.exitCode, 0);
  t.notOk(fs.existsSync(path.join(host.work, 'more/one.vpclab.yml')));
  t.match(await cli(host, ['export', '-n', 'one', '--format', 'describe']), {
    exitCode: 2,
    stderr: /wanted --to FOLDER/,
  });
});

t.test('import tells what it left out, and what it cannot read', async (t) => {
  const host = fakeHost(t);
  const write = (name: string, value: unknown) =>
    fs.writeFileSync(path.join(host.work, name), JSON.stringify(value));
  write('vpcs.json', {
    Vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' }],
    TransitGateways: [{ TransitGatewayId: 'tgw-1' }],
  });
  const good = await cli(host, ['import', 'vpcs.json', '-o', '-']);
  t.match(good, {
    exitCode: 0,
    stdout: /^# Made of vpcs\.json.*# - transit gateway \(tgw-1\): a lab file has none\n$/s,
    stderr: /^left out: transit gateway \(tgw-1\): a lab file has none\n.*1 vpcs/s,
  });
  write('bad.json', { Vpcs: [{ VpcId: 'vpc-1' }] });
  t.match(await cli(host, ['import', 'bad.json']), {
    exitCode: 2,
    stderr: 'bad.json: Cannot read "Vpcs[0].CidrBlock": found nothing, wanted an IPv4 block\n',
  });
  fs.mkdirSync(path.join(host.work, 'empty'));
  const rows: [argv: string[], words: RegExp][] = [
    [['import', 'gone'], /there is no such file or folder/],
    [['import', 'empty'], /it has no files, wanted \*\.json/],
    [['import', 'vpcs.json', '--vpc', 'vpc-2'], /Cannot import "vpc-2": the input has vpc-1/],
    [['import', 'vpcs.json', '--vpc', 'main'], /wanted the id of a VPC/],
    [['import'], /missing required argument/],
    [['import', 'vpcs.json', '-o', 'vpcs.json/x'], /Cannot write into ".*": ENOTDIR|EEXIST/],
  ];
  for (const [argv, words] of rows) {
    const { exitCode, stderr } = await cli(host, argv);
    t.equal(exitCode, 2, stderr);
    t.match(stderr, words);
  }
});

t.test('plan prints commands of the AWS CLI under their reasons', async (t) => {
  const host = fakeHost(t);
  fs.writeFileSync(
    path.join(host.work, 'one.vpclab.yml'),
    LAB.replace(' layers: [over],', '')
      .replace(', cloudInit: true', '')
      .replace(' /etc/one: one.conf,', ''),
  );
  const { stdout } = await cli(host, ['plan']);
  t.match(
    stdout,
    "# subnet main/a: not there yet\naws ec2 create-subnet --vpc-id '${vpc:main}' --cidr-block 10.0.1.0/24 --availability-zone us-east-1b",
  );
  const entries: object[] = JSON.parse((await cli(host, ['plan', '--json'])).stdout);
  t.match(entries[0], {
    action: 'CreateVpc',
    parameters: { CidrBlock: '10.0.0.0/16' },
    command: /^aws ec2 create-vpc --cidr-block 10\.0\.0\.0\/16 /,
    subject: 'VPC main',
    reason: 'not there yet',
    stage: 0,
  });
});

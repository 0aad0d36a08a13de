/** Folders that an instance sees between its own files and its root. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { labForFile, labText, vpclab, whyNoLabs } from './test-lab.ts';

/** Characters that mean something to mount(8), to fstab(5) and to the options of an overlay. */
const NASTY_NAME = 'a, b:c\\d=\t"e"';

async function testLayers(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vpclab-layers-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  const layer = (name: string, files: Readonly<Record<string, string>>): string => {
    for (const [file, content] of Object.entries(files)) {
      const target = path.join(folder, name, file);
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, content, { mode: 0o755 });
    }
    return path.join(folder, name);
  };
  const top = layer(NASTY_NAME, {
    'etc/layered/who': 'top',
    'usr/bin/of-layer': '#!/bin/sh\necho $0',
  });
  const below = layer('below', { 'etc/layered/who': 'below', 'etc/layered/more': 'below' });
  const root = layer('root', { 'etc/layered/root': 'root' });
  const { lab, testHostIsAsBefore } = await labForFile(
    t,
    labText(
      'layers',
      `
vpcs: { main: { cidr: 10.0.0.0/16, subnets: { a: { cidr: 10.0.1.0/24 } } } }
instances:
  both: { subnet: a, dhcp: static, layers: ${JSON.stringify([top, below])}, files: { /etc/layered/file: { content: own } } }
  other: { subnet: a, dhcp: static, layers: ${JSON.stringify([below, root])} }
  bare: { subnet: a, dhcp: static }
`,
    ),
  );
  await t.test('layers: the first is on top, and the root is below all', async (t) => {
    t.equal(await lab.read('both', 'cat /etc/layered/who /etc/layered/more'), 'topbelow');
    t.equal(await lab.read('both', 'of-layer'), '/usr/bin/of-layer\n');
    t.equal(await lab.read('both', 'cat /etc/layered/file'), 'own');
    t.equal(await lab.read('both', 'test -s /etc/passwd && echo there'), 'there\n');
    t.equal(await lab.read('other', 'cat /etc/layered/*'), 'belowrootbelow');
    t.equal((await lab.sh('bare', 'ls /etc/layered')).exitCode, 2);
  });
  await t.test('layers: what an instance writes is its own, and lasts', async (t) => {
    await lab.read('both', 'cd /etc/layered && echo mine >who && rm more');
    t.equal(fs.readFileSync(path.join(top, 'etc/layered/who'), 'utf8'), 'top');
    t.equal(await lab.read('other', 'cat /etc/layered/more'), 'below');
    const instanceId = (await lab.instance('both')).instanceId;
    await lab.action('StopInstances', { InstanceIds: [instanceId] });
    await lab.action('StartInstances', { InstanceIds: [instanceId] });
    // `vpclab exec` waits until the instance has booted.
    await vpclab(['exec', '-n', lab.name, 'both', '--', 'true']);
    t.equal(await lab.read('both', 'cat /etc/layered/who; ls /etc/layered'), 'mine\nfile\nwho\n');
  });
  await testHostIsAsBefore();
}

const reason = whyNoLabs();
if (reason === null) await testLayers();
else t.plan(0, reason);

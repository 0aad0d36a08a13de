/** What instances trust, by what their roots have: folders stand for the roots of distributions. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { find } from '../../src/instances/stacked-folders.ts';
import { TrustLayers } from '../../src/instances/trust-layers.ts';

const AUTHORITY = { ca: 'LAB\n', subjectHash: '0a1b2c3d' };
const DEBIAN = 'etc/ssl/certs/ca-certificates.crt';

/** Text of a file, or `-> TARGET` for a link. */
type Tree = Readonly<Record<string, string>>;

function lay(folder: string, tree: Tree): string {
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(tree)) {
    const target = path.join(folder, name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    const link = /^-> (.*)/.exec(content)?.[1];
    if (link === undefined) fs.writeFileSync(target, content);
    else fs.symlinkSync(link, target);
  }
  return folder;
}

/** @returns every file of a layer with its text. */
function filesOf(layer: string): Tree {
  const files = fs
    .readdirSync(layer, { recursive: true, encoding: 'utf8' })
    .filter((name) => fs.lstatSync(path.join(layer, name)).isFile());
  return Object.fromEntries(
    files.map((name) => [name, fs.readFileSync(path.join(layer, name), 'utf8')]),
  );
}

function layersIn(t: Test): { readonly folder: string; readonly trust: TrustLayers } {
  const folder = t.testdir({});
  return { folder, trust: new TrustLayers(path.join(folder, 'trust'), AUTHORITY) };
}

t.test('TrustLayers adds to the list of Debian, and to what Python brings', async (t) => {
  const { folder, trust } = layersIn(t);
  const python = 'usr/lib/python3/dist-packages/botocore/cacert.pem';
  const root = lay(path.join(folder, 'root'), { [DEBIAN]: 'OTHERS', [python]: 'PYTHON\n' });
  fs.chmodSync(path.join(root, 'etc/ssl'), 0o711);
  const layer = trust.above({ root, layers: [] });
  t.same(filesOf(layer), {
    [DEBIAN]: 'OTHERS\nLAB\n',
    [python]: 'PYTHON\nLAB\n',
    'etc/ssl/certs/0a1b2c3d.0': 'LAB\n',
    'usr/local/share/ca-certificates/vpclab.crt': 'LAB\n',
  });
  t.equal(fs.statSync(path.join(layer, 'etc/ssl')).mode & 0o777, 0o711, 'as in the root');
  t.equal(trust.above({ root, layers: [] }), layer, 'one for all instances of a root');
});

t.test('TrustLayers follows the links of a root, and not out of it', async (t) => {
  const { folder, trust } = layersIn(t);
  const bundle = 'etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem';
  const root = lay(path.join(folder, 'root'), {
    [bundle]: 'OTHERS\n',
    'etc/pki/tls/certs/ca-bundle.crt': `-> /${bundle}`,
    'etc/ssl/certs': '-> ../pki/tls/certs',
    'etc/ssl/cert.pem': '-> /etc/ssl/cert.pem',
  });
  t.same(filesOf(trust.above({ root, layers: [] })), {
    [bundle]: 'OTHERS\nLAB\n',
    'etc/pki/tls/certs/ca-certificates.crt': 'LAB\n',
    'etc/pki/tls/certs/0a1b2c3d.0': 'LAB\n',
    'usr/local/share/ca-certificates/vpclab.crt': 'LAB\n',
  });
});

t.test('TrustLayers adds to what the top layer has, and to nothing', async (t) => {
  const { folder, trust } = layersIn(t);
  const root = lay(path.join(folder, 'root'), { [DEBIAN]: 'OTHERS\n' });
  const top = lay(path.join(folder, 'top'), { [DEBIAN]: 'TOP\n' });
  const bare = lay(path.join(folder, 'bare'), {});
  t.equal(filesOf(trust.above({ root, layers: [bare, top] }))[DEBIAN], 'TOP\nLAB\n');
  t.equal(filesOf(trust.above({ root, layers: [bare] }))[DEBIAN], 'OTHERS\nLAB\n');
  t.equal(filesOf(trust.above({ root: bare, layers: [] }))[DEBIAN], 'LAB\n');
});

t.test('find sees folders as an overlay shows them', async (t) => {
  const folder = t.testdir({});
  const low = lay(path.join(folder, 'low'), { 'a/one': 'low', 'a/two': 'low', b: '-> a/..//./a' });
  const top = lay(path.join(folder, 'top'), { 'a/one': 'top', up: '-> ../../../a' });
  const stack = [top, low];
  t.same(find(stack, '/a/one'), { name: '/a/one', source: path.join(top, 'a/one') });
  t.same(find(stack, '/b/two'), { name: '/a/two', source: path.join(low, 'a/two') });
  t.same(find(stack, '/up/two'), { name: '/a/two', source: path.join(low, 'a/two') });
  t.same(find(stack, '/b/none'), { name: '/a/none', source: null });
});

/** The services of a lab as its guests see them: the EC2 API on the link of every subnet. */
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { whyNoBoto3 } from '../api/boto3.ts';
import { labForFile, labText, type TestLab, until, vpclab, whyNoLabs } from './test-lab.ts';

const OVERLAY = '192.0.2.10';
const OWN = '10.83.1.11';
const API = 'http://169.254.169.80';
const API_6 = 'http://[fd00:ec2::80]';
/** What `boto3-client.py` is in a guest. */
const CLIENT = '/root/boto3-client.py';
const WITHIN_MS = 15_000;
const CROWD = 1000;

/** Groups that let nothing out, and subnets without a way to anywhere. */
const LAB = labText(
  'services',
  `
vpcs:
  one:
    cidr: 10.83.0.0/16
    ipv6: true
    subnets:
      a: { cidr: 10.83.1.0/24, ipv6: 1 }
      b: { cidr: 10.83.2.0/24, routeTable: clients }
      six: { ipv6: 2 }
    routeTables: { clients: { routes: { ${OVERLAY}/32: r1 } } }
    securityGroups: { shut: { ingress: [], egress: [] }, open: { ingress: [all from anywhere] } }
    networkAcls: { shut: { ingress: {}, egress: {} } }
  two:
    cidr: 10.83.0.0/16
    subnets: { a: { cidr: 10.83.1.0/24, networkAcl: shut } }
    securityGroups: { shut: { ingress: [], egress: [] } }
    networkAcls: { shut: { ingress: {}, egress: {} } }
instances:
  r1: { subnet: one/a, address: ${OWN}, sourceDestCheck: false, securityGroups: [open], dhcp: static,
        start: ip address add ${OVERLAY}/32 dev lo, files: { ${CLIENT}: CLIENT_SOURCE } }
  r2: { subnet: one/a, sourceDestCheck: false, securityGroups: [open], dhcp: static,
        start: ip address add ${OVERLAY}/32 dev lo }
  client: { subnet: b, securityGroups: [open], dhcp: static }
  six: { subnet: six, securityGroups: [open], dhcp: static }
  twin: { subnet: two/a, address: ${OWN}, securityGroups: [shut], dhcp: static, env: { AWS_REGION: own },
          start: "curl -sS -m 5 '${API}/?Action=DescribeVpcs' >/root/at-boot",
          files: { ${CLIENT}: CLIENT_SOURCE } }
`.replaceAll('CLIENT_SOURCE', fileURLToPath(new URL('../api/boto3-client.py', import.meta.url))),
);

/** Where r2 asks the metadata for what it signs with. */
const CREDENTIALS = 'http://169.254.169.254/latest/meta-data/iam/security-credentials/vpclab';

/** @returns what curl needs to sign with the role of r2, which is good in every guest. */
async function signing(lab: TestLab): Promise<string> {
  const { AccessKeyId, SecretAccessKey, Token } = JSON.parse(
    await lab.read('r2', `curl -sS -m 5 ${CREDENTIALS}`),
  );
  return `--aws-sigv4 aws:amz:us-east-1:ec2 --user '${AccessKeyId}:${SecretAccessKey}' -H 'X-Amz-Security-Token: ${Token}'`;
}

/** A guest asks with curl. @param form Its parameters. @returns the answer. */
async function ask(lab: TestLab, instance: string, form: string, url = API): Promise<string> {
  return lab.read(instance, `curl -sS -g -m 5 ${await signing(lab)} -d '${form}' '${url}/'`);
}

async function testServices(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);
  await t.test('guests with the same address ask with boto3', (t) => testBoto3(t, lab));
  await t.test('[LL-1] [UNF-1] no group, ACL or route is asked', (t) => testPast(t, lab));
  await t.test('a guest moves the packets of another', (t) => testMove(t, lab));
  await t.test('programs find the API without any environment', (t) => testNames(t, lab));
  await t.test('the API answers over HTTPS, and is trusted', (t) => testHttps(t, lab));
  await t.test('nothing but the services is there', (t) => testIsolation(t, lab));
  await t.test(`${CROWD} connections of a guest harm nobody`, (t) => testCrowd(t, lab));
  await t.test('[LL-2] a flood to the API is cut', (t) => testFlood(t, lab));
  await t.test('explain and stats know the API', (t) => testExplain(t, lab));
  await testHostIsAsBefore();
}

async function testBoto3(t: Test, lab: TestLab): Promise<void> {
  for (const instance of ['r1', 'twin']) {
    const name = `${instance}-made`;
    const calls = [
      { method: 'create_vpc', arguments: { CidrBlock: '10.90.0.0/16' } },
      { method: 'describe_vpcs', arguments: {} },
    ].map((call) => JSON.stringify(call));
    const answers = await lab.read(
      instance,
      `printf '%s\\n' ${calls.map((call) => `'${call}'`).join(' ')} | python3 ${CLIENT} ${API} us-east-1 never`,
    );
    const [made, found] = answers
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    t.match(made, { answer: { Vpc: { CidrBlock: '10.90.0.0/16' } } }, name);
    t.match(JSON.stringify(found), /10\.83\.0\.0\/16/);
  }
}

async function testPast(t: Test, lab: TestLab): Promise<void> {
  t.match(await lab.read('twin', 'cat /root/at-boot'), /MissingParameter/, 'while it boots');
  t.match(await ask(lab, 'twin', 'Action=DescribeInstances'), /<privateIpAddress>10\.83\.1\.11</);
  t.match(await ask(lab, 'six', 'Action=DescribeVpcs', API_6), /DescribeVpcsResponse/, 'IPv6-only');
  t.match(await ask(lab, 'r1', 'Action=DescribeVpcs', API_6), /DescribeVpcsResponse/, 'both');
  // With a route on link the guest asks who has the address.
  await lab.read('client', 'ip route add 169.254.0.0/16 dev eth0');
  t.match(await ask(lab, 'client', 'Action=DescribeVpcs'), /DescribeVpcsResponse/, 'on link');
  t.match(await lab.read('client', 'ip neigh show 169.254.169.80'), /lladdr/);
  // Answers of many packets, and a request of many.
  const large = `head -c 900000 /dev/zero | tr '\\0' a >/tmp/body; curl -sS -m 10 --data-binary @/tmp/body ${API}/`;
  t.match(await lab.read('r1', large), /MissingParameter/);
}

async function testMove(t: Test, lab: TestLab): Promise<void> {
  const tables = await ask(
    lab,
    'r2',
    'Action=DescribeRouteTables&Filter.1.Name=tag:Name&Filter.1.Value.1=clients',
  );
  const table = /rtb-[0-9a-f]+/.exec(tables)?.[0] ?? '';
  const eni = (await lab.instance('r2')).interfaces[0]?.eniId ?? '';
  const pinged = async () => (await lab.sh('client', `ping -n -c1 -W2 ${OVERLAY}`)).exitCode === 0;
  const sent = async (name: string) => (await lab.port(name)).sent.frames;
  t.ok(await pinged(), 'to r1');
  await lab.read('r1', 'ip link set eth0 down');
  t.notOk(await pinged(), 'r1 is gone');
  const before = await sent('r2');
  const query = `Action=ReplaceRoute&RouteTableId=${table}&DestinationCidrBlock=${OVERLAY}/32&NetworkInterfaceId=${eni}`;
  t.match(await ask(lab, 'r2', query), /<return>true<\/return>/);
  t.ok(await pinged(), 'to r2, at once');
  t.ok((await sent('r2')) > before);
}

async function testNames(t: Test, lab: TestLab): Promise<void> {
  const bare = 'env -i aws sts get-caller-identity --query Arn --output text';
  const { instanceId } = await lab.instance('client');
  t.equal(
    await lab.read('client', bare),
    `arn:aws:sts::123456789012:assumed-role/vpclab/${instanceId}\n`,
  );
  const tables = 'env -i aws ec2 describe-route-tables --query "length(RouteTables)"';
  t.match(await lab.read('client', tables), /^[1-9]\d*\n$/, 'in the region of the instance');
  const balancers = 'env -i aws elbv2 describe-load-balancers --query LoadBalancers --output json';
  t.equal(await lab.read('client', balancers), '[]\n', 'Elastic Load Balancing by its own name');
  const { stdout } = await vpclab(['exec', `${lab.name}/twin`, '--', 'env']);
  t.match(stdout, /^AWS_REGION=own$/m, 'what the lab file says');
  t.notMatch(stdout, /^AWS_(?!REGION|CA_BUNDLE)/m, 'and no credentials, no endpoint');
}

async function testHttps(t: Test, lab: TestLab): Promise<void> {
  const query = '?Action=DescribeVpcs';
  const name = 'ec2.us-east-1.amazonaws.com';
  const named = `env -i curl -sS -m 5 --resolve ${name}:443:169.254.169.80 'https://${name}/${query}'`;
  t.match(await lab.read('r2', named), /MissingParameter/, 'by name, without environment');
  const six = `env -i curl -sS -g -m 5 'https://[fd00:ec2::80]/${query}'`;
  t.match(await lab.read('six', six), /MissingParameter/, 'by address');
  const foreign = `env -i curl -sS -m 5 --resolve example.com:443:169.254.169.80 https://example.com/`;
  t.match(await lab.sh('r2', foreign), { exitCode: 60 }, 'another name is not believed');
  const stat = "stat -c '%a %U' /etc /etc/ssl/certs /usr/local/share/ca-certificates";
  t.equal(
    await lab.read('r2', stat),
    (await execa('sh', ['-c', stat], { stripFinalNewline: false })).stdout,
  );
  t.match(await lab.read('r2', 'update-ca-certificates 2>&1'), /done/);
  t.match(await lab.read('r2', named), /MissingParameter/, 'still, after update-ca-certificates');
}

async function testIsolation(t: Test, lab: TestLab): Promise<void> {
  const refused = await lab.sh('client', `curl -sS -m 5 ${API}:81/`);
  t.match(refused, { exitCode: 7 }, 'another port');
  const connect = (address: string, port: number) =>
    lab.sh('client', `curl -sS -m 1 http://${address}:${port}/`);
  const { apiUrl } = await lab.ps();
  const loopbackPort = Number(new URL(apiUrl ?? '').port);
  t.not((await connect('169.254.169.80', loopbackPort)).exitCode, 0, 'not the API on loopback');
  // What r2 is called among the services is no address of the VPC.
  t.not((await connect('64.1.1.12', 80)).exitCode, 0);
  const routes = await lab.sh('client', 'ip route add 64.0.0.0/2 via 10.83.2.1 2>&1');
  t.equal(routes.exitCode, 0);
  t.not((await connect('64.1.1.12', 80)).exitCode, 0);
  const inside = `ip netns exec vpclab-${lab.name}.services`;
  const run = (command: string) => execa('sh', ['-c', `${inside} ${command}`], { reject: false });
  t.match((await run('cat /proc/sys/net/ipv4/ip_forward')).stdout, /^0$/);
  t.match((await run('ip -o link')).stdout.split('\n'), [/ lo: /, / fabric: /]);
  t.not((await run('ping -c1 -W1 1.1.1.1')).exitCode, 0, 'it has no way out');
  const ports = (await run('ss -Hlntu')).stdout.match(/:\d+ /g);
  const known = [':123 ', ':443 ', ':53 ', ':80 '];
  t.same([...new Set(ports)].toSorted(), known, 'time, the API, the resolver, and metadata');
}

/** Opens as many connections as it can, and keeps them. */
const HOLDER = `
import socket, sys, time
held = []
for _ in range(${CROWD}):
    one = socket.socket()
    one.settimeout(5)
    try:
        one.connect(("169.254.169.80", 80))
        held.append(one)
    except OSError:
        pass
print(len(held), flush=True)
time.sleep(60)
`;

async function testCrowd(t: Test, lab: TestLab): Promise<void> {
  const { pid } = await lab.status();
  await lab.read(
    'r2',
    `nohup python3 -c '${HOLDER}' >/root/held 2>&1 </dev/null & echo $! >/root/holder`,
  );
  await until(
    'they are open',
    WITHIN_MS,
    () => lab.read('r2', 'cat /root/held'),
    (text) => /\d/.test(text),
  );
  t.ok(fs.readdirSync(`/proc/${pid}/fd`).length < 300, 'most were turned away');
  t.match(await ask(lab, 'client', 'Action=DescribeVpcs'), /DescribeVpcsResponse/);
  await lab.read('r2', 'kill $(cat /root/holder)');
  await until(
    'the same guest is heard again',
    WITHIN_MS,
    () => lab.sh('r2', `curl -sS -m 2 '${API}/?Action=DescribeVpcs'`),
    ({ stdout }) => stdout.includes('MissingParameter'),
  );
}

async function testFlood(t: Test, lab: TestLab): Promise<void> {
  const flood = `perl -MSocket -e 'socket S,PF_INET,SOCK_DGRAM,0; my $to=sockaddr_in(9,inet_aton("169.254.169.80")); send S,"x",0,$to for 1..5000'`;
  await lab.read('r2', flood);
  // The kernel itself loses some before the fabric can take them.
  const { drops } = await until(
    'some are too many',
    WITHIN_MS,
    () => lab.port('r2'),
    ({ drops }) => (drops['LINKLOCAL_ALLOWANCE_EXCEEDED'] ?? 0) > 0,
  );
  t.comment(JSON.stringify(drops));
  t.match(await ask(lab, 'client', 'Action=DescribeVpcs'), /DescribeVpcsResponse/);
}

async function testExplain(t: Test, lab: TestLab): Promise<void> {
  const told = await vpclab(['explain', '-n', lab.name, 'twin', '169.254.169.80', 'tcp/80']);
  t.match(told, {
    exitCode: 0,
    stdout: /services of the lab: the API, metadata, names, time\n\nreachable/,
  });
}

const reason = whyNoLabs() ?? whyNoBoto3();
if (reason === null) await testServices();
else t.plan(0, reason);

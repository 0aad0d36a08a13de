/** Names as guests see them: asked by real clients, by hostile ones, and while the lab changes. */
import fs from 'node:fs';
import t, { type Test } from 'tap';
import {
  type LabText,
  labForFile,
  labText,
  type TestLab,
  until,
  vpclab,
  whyNoLabs,
} from './test-lab.ts';

const OWN = '10.86.1.11';
const WITHIN_MS = 15_000;
const FLOOD = 5000;
const CROWD = 500;

/** The same lab file with other records. */
function labWith(records: string): LabText {
  return labText(
    'dns',
    `
vpcs:
  one:
    cidr: 10.86.0.0/16
    ipv6: true
    enableDnsHostnames: true
    subnets: { a: { cidr: 10.86.1.0/24, ipv6: 1 }, six: { ipv6: 2 } }
    securityGroups: { shut: { ingress: [], egress: [] } }
  twin: { cidr: 10.86.0.0/16, enableDnsHostnames: true, subnets: { a: { cidr: 10.86.1.0/24 } } }
  peer: { cidr: 10.87.0.0/16, enableDnsHostnames: true, subnets: { a: { cidr: 10.87.1.0/24 } } }
hostedZones: { corp.example: { vpcs: [one], records: { ${records} } } }
instances:
  client: { subnet: one/a, address: ${OWN}, securityGroups: [shut] }
  other: { subnet: one/a, securityGroups: [shut], dhcp: static }
  six: { subnet: six, securityGroups: [shut], dhcp: dhcpcd }
  twin: { subnet: twin/a, address: ${OWN}, dhcp: static }
  peer: { subnet: peer/a, dhcp: static }
`,
  );
}

const LAB = labWith('www: { A: 10.86.1.5 }');

/** Sends each line of hexadecimal digits as a datagram, and prints what comes back. */
const RAW = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.5)
for line in sys.argv[1:]:
  s.sendto(bytes.fromhex(line), ("10.86.0.2", 53))
  try: print(s.recv(4096).hex())
  except TimeoutError: print("silence")
`;

/** Holds many connections open, and says how many the server has left open. */
const CROWD_HOLDER = `
import socket, time
held = []
for each in range(${CROWD}):
  s = socket.socket()
  s.settimeout(1)
  try: s.connect(("169.254.169.253", 53)); held.append(s)
  except OSError: pass
print("held", flush=True)
time.sleep(60)
`;

function dig(lab: TestLab, instance: string, question: string): Promise<string> {
  return lab.read(instance, `dig +tries=1 +timeout=2 ${question}`);
}

async function short(lab: TestLab, instance: string, question: string): Promise<string> {
  return (await dig(lab, instance, `+short ${question}`)).trim();
}

async function testDns(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);
  await t.test('[DNS-1] the resolver is at three addresses, by UDP and TCP', (t) =>
    testPlaces(t, lab),
  );
  await t.test('[DHCP-10] [DNS-2] [DNS-3] programs of the guest resolve by what DHCP says', (t) =>
    testPrograms(t, lab),
  );
  await t.test('[DNS-1] a peer has no way to the resolver of another VPC', (t) => testPeer(t, lab));
  await t.test('[DNS-5] a change by the API shows at once', (t) => testChange(t, lab));
  await t.test('up on a running lab changes hosted zones', (t) => testZones(t, lab));
  await t.test('hostile messages are answered or not, and harm nobody', (t) => testHostile(t, lab));
  await t.test('[LL-2] a guest that floods the resolver harms nobody', (t) => testFlood(t, lab));
  await t.test(`${CROWD} connections of a guest harm nobody`, (t) => testCrowd(t, lab));
  await t.test('a web server of Python starts at once', (t) => testWebServer(t, lab));
  await testHostIsAsBefore();
}

async function testPlaces(t: Test, lab: TestLab): Promise<void> {
  await until(
    'the client has an IPv6 address',
    WITHIN_MS,
    () => lab.sh('client', 'dig +tries=1 +timeout=1 localhost @fd00:ec2::253'),
    ({ exitCode }) => exitCode === 0,
  );
  for (const server of ['10.86.0.2', '169.254.169.253', 'fd00:ec2::253']) {
    for (const transport of ['+notcp', '+tcp']) {
      const question = `${transport} ip-10-86-1-9.ec2.internal @${server}`;
      t.equal(await short(lab, 'client', question), '10.86.1.9', question);
    }
  }
  t.equal(await short(lab, 'twin', 'www.corp.example @10.86.0.2'), '', 'of another VPC');
  t.equal(await short(lab, 'client', 'www.corp.example @10.86.0.2'), '10.86.1.5');
}

async function testPrograms(t: Test, lab: TestLab): Promise<void> {
  t.match(
    await lab.read('client', 'getent hosts ip-10-86-1-9'),
    /^10\.86\.1\.9 +ip-10-86-1-9\.ec2/,
  );
  t.match(await lab.read('client', 'getent hosts 10.86.1.9'), /ip-10-86-1-9\.ec2\.internal/);
  t.match(await lab.read('client', 'host -t A www.corp.example'), /has address 10\.86\.1\.5/);
  await until(
    'the lease of the instance without IPv4',
    WITHIN_MS,
    () => lab.sh('six', 'getent hosts ip-10-86-1-9.ec2.internal'),
    ({ stdout }) => stdout.startsWith('10.86.1.9'),
  );
  const { instanceId } = await lab.instance('six');
  t.match(await short(lab, 'client', `AAAA ${instanceId}.ec2.internal`), /^[0-9a-f:]+$/);
}

async function testPeer(t: Test, lab: TestLab): Promise<void> {
  const vpcs = await vpcIds(lab);
  const asked = await lab.action('CreateVpcPeeringConnection', {
    VpcId: vpcs['one'],
    PeerVpcId: vpcs['peer'],
  });
  const { VpcPeeringConnectionId } = asked['VpcPeeringConnection'] as Record<string, string>;
  await lab.action('AcceptVpcPeeringConnection', { VpcPeeringConnectionId });
  t.equal(await short(lab, 'client', 'ip-10-87-1-9.ec2.internal'), '10.87.1.9');
  t.equal(await short(lab, 'peer', '-x 10.86.1.9 @169.254.169.253'), 'ip-10-86-1-9.ec2.internal.');
  const { exitCode } = await lab.sh('peer', 'dig +tries=1 +timeout=1 localhost @10.86.0.2');
  t.not(exitCode, 0);
  await lab.action('DeleteVpcPeeringConnection', { VpcPeeringConnectionId });
  t.equal(await short(lab, 'client', 'ip-10-87-1-9.ec2.internal'), '');
}

/** @returns ids of VPCs by their names. */
async function vpcIds(lab: TestLab): Promise<Record<string, string>> {
  const { Vpcs } = await lab.action('DescribeVpcs', {});
  const vpcs = Vpcs as { VpcId: string; Tags: { Key: string; Value: string }[] }[];
  return Object.fromEntries(
    vpcs.map(({ VpcId, Tags }) => [Tags.find(({ Key }) => Key === 'Name')?.Value ?? '', VpcId]),
  );
}

async function testChange(t: Test, lab: TestLab): Promise<void> {
  const { one: VpcId } = await vpcIds(lab);
  const set = (change: object) => lab.action('ModifyVpcAttribute', { VpcId, ...change });
  await set({ EnableDnsHostnames: { Value: false } });
  t.match(await dig(lab, 'client', 'ip-10-86-1-9.ec2.internal'), /status: NXDOMAIN/);
  t.match(await dig(lab, 'client', 'www.corp.example'), /status: NXDOMAIN/);
  await set({ EnableDnsSupport: { Value: false } });
  for (const server of ['10.86.0.2', '169.254.169.253', 'fd00:ec2::253']) {
    const asked = await lab.sh('client', `dig +tries=1 +timeout=1 localhost @${server}`);
    t.not(asked.exitCode, 0, server);
  }
  t.equal(await short(lab, 'twin', 'localhost @169.254.169.253'), '127.0.0.1');
  await set({ EnableDnsSupport: { Value: true } });
  await set({ EnableDnsHostnames: { Value: true } });
  t.equal(await short(lab, 'client', 'www.corp.example'), '10.86.1.5');
}

async function testZones(t: Test, lab: TestLab): Promise<void> {
  const changed = labWith('www: { A: 10.86.1.6 }, new: { TXT: here }');
  const planned = await vpclab(['plan', '-'], { input: changed.text });
  t.match(planned.stdout, /# hosted zone corp\.example: its records are others\n# PutHostedZone, /);
  const done = await vpclab(['up', '-'], { input: changed.text });
  t.equal(done.exitCode, 0, done.stderr);
  t.equal(await short(lab, 'client', 'www.corp.example'), '10.86.1.6');
  t.equal(await short(lab, 'client', 'TXT new.corp.example'), '"here"');
  t.equal((await vpclab(['up', '-'], { input: LAB.text })).exitCode, 0);
  t.equal(await short(lab, 'client', 'www.corp.example'), '10.86.1.5');
}

async function testHostile(t: Test, lab: TestLab): Promise<void> {
  const header = '123401000001000000000000';
  const rows: [message: string, answer: RegExp][] = [
    ['', /^silence$/],
    ['1234', /^silence$/],
    [header.replace('0100', '8100'), /^silence$/],
    [header, /^12348181/],
    [`${header}c00c00010001`, /^12348181/],
    [`123401000001ffffffffffff0000010001`, /^12348181/],
    [`${header}${'0161'.repeat(200)}`, /^12348181/],
    [`${header}0000010001`, /^12348180/],
  ];
  const lines = rows.map(([message]) => `'${message}'`).join(' ');
  const answers = await lab.read('client', `python3 -c '${RAW}' ${lines}`);
  for (const [index, answer] of answers.trim().split('\n').entries()) {
    const [message, wanted] = rows[index] ?? ['', /none/];
    t.match(answer, wanted, `"${message.slice(0, 40)}"`);
  }
}

async function testFlood(t: Test, lab: TestLab): Promise<void> {
  const query = '0001010000010000000000000377777704636f7270076578616d706c650000010001';
  const flood = `perl -MSocket -e 'socket S,PF_INET,SOCK_DGRAM,0; my $to=sockaddr_in(53,inet_aton("10.86.0.2")); send S,pack("H*","${query}"),0,$to for 1..${FLOOD}'`;
  await lab.read('other', flood);
  const { drops } = await until(
    'some are too many',
    WITHIN_MS,
    () => lab.port('other'),
    ({ drops }) => (drops['LINKLOCAL_ALLOWANCE_EXCEEDED'] ?? 0) > 0,
  );
  t.comment(JSON.stringify(drops));
  t.equal(await short(lab, 'client', 'www.corp.example'), '10.86.1.5');
}

async function testCrowd(t: Test, lab: TestLab): Promise<void> {
  const { pid } = await lab.status();
  const start = `nohup python3 -c '${CROWD_HOLDER}' >/root/held 2>&1 </dev/null & echo $! >/root/holder`;
  await lab.read('other', start);
  await until(
    'they are open',
    WITHIN_MS,
    () => lab.read('other', 'cat /root/held'),
    (text) => text.includes('held'),
  );
  t.ok(fs.readdirSync(`/proc/${pid}/fd`).length < 300, 'most were turned away');
  t.equal(await short(lab, 'client', '+tcp www.corp.example'), '10.86.1.5');
  await lab.read('other', 'kill $(cat /root/holder)');
}

/** It looks for the name of its address before it serves: without a resolver that took seconds. */
async function testWebServer(t: Test, lab: TestLab): Promise<void> {
  const program =
    'import http.server, time; start = time.time(); http.server.HTTPServer(("", 8000), http.server.SimpleHTTPRequestHandler); print(time.time() - start)';
  t.ok(Number(await lab.read('client', `python3 -c '${program}'`)) < 2);
}

const reason = whyNoLabs();
if (reason === null) await testDns();
else t.plan(0, reason);

/** What the resolver makes of messages, good and bad, by datagrams and on connections. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { type DecodedPacket, decode, encode, type Packet, RECURSION_DESIRED } from 'dns-packet';
import t, { type Test } from 'tap';
import { performAction } from '../../src/actions/table.ts';
import { answerDatagram, dnsServer } from '../../src/services/dns/server.ts';
import { Lab } from '../actions/lab.ts';
import { DnsClient, OPT } from './dns-client.ts';

const NAME = 'ip-10-0-0-5.ec2.internal';
const FORMERR = 'FORMERR';

const lab = new Lab();
const vpc = lab.vpc();
lab.act('ModifyVpcAttribute', { VpcId: vpc, EnableDnsHostnames: { Value: true } });
const instance = lab.instance(lab.subnet(vpc, '10.0.1.0/24'));
const client = new DnsClient(() => lab.snapshot, instance);
const addresses = Array.from({ length: 100 }, (_, index) => `10.0.9.${index}`);
performAction(
  lab.store,
  'PutHostedZone',
  {
    CallerReference: 'big',
    Name: 'big.example',
    VPCs: [{ VPCRegion: 'us-east-1', VPCId: vpc }],
    ResourceRecordSets: [
      { Name: 'big.example', Type: 'A', TTL: 1, ResourceRecords: addresses },
      { Name: '*.big.example', Type: 'A', TTL: 1, ResourceRecords: ['10.0.9.1'] },
    ],
  },
  lab.environment,
);

function query(name: string, more: Packet = {}): Buffer {
  const questions = [{ name, type: 'A' as const }];
  return encode({ type: 'query', id: 0x1234, flags: RECURSION_DESIRED, questions, ...more });
}

function changed(message: Buffer, at: number, ...bytes: number[]): Buffer {
  const copy = Buffer.from(message);
  copy.set(bytes, at);
  return copy;
}

async function rcodeOf(message: Uint8Array): Promise<string> {
  const reply = await client.send(message);
  if (reply === null) return 'silence';
  assert.deepEqual([...reply.subarray(0, 2)], [...message.subarray(0, 2)], 'the id');
  const { rcode } = decode(Buffer.from(reply)) as DecodedPacket & { rcode: string };
  return rcode;
}

t.test('the header of an answer says what this server is', async (t) => {
  const packet = await client.ask({ questions: [{ name: NAME, type: 'A' }], id: 77 });
  t.match(packet, { id: 77, type: 'response', flag_qr: true, flag_rd: true, flag_ra: true });
  t.match(packet, { flag_aa: false, flag_tc: false, flag_ad: false, rcode: 'NOERROR' });
  const flags = RECURSION_DESIRED | 0x10 | 0x20;
  const { flag_cd, flag_ad } = await client.ask({ questions: [{ name: NAME, type: 'A' }], flags });
  t.same([flag_cd, flag_ad], [true, false]);
});

t.test('[DNS-1] questions that want no recursion are refused', async (t) => {
  t.equal(await rcodeOf(query(NAME, { flags: 0 })), 'REFUSED');
});

t.test('the question comes back as it was spelt', async (t) => {
  const message = query('iP-10-0-0-5.Ec2.INTERNAL');
  const reply = await client.send(message);
  t.ok(reply);
  t.same([...(reply ?? []).slice(12, message.length)], [...message.subarray(12)]);
  t.match(decode(Buffer.from(reply ?? [])).answers, [{ name: 'iP-10-0-0-5.Ec2.INTERNAL' }]);
});

t.test('labels of any bytes are names like others', async (t) => {
  const name = Buffer.from([3, 0x2e, 0, 0xff, 3, ...Buffer.from('BIG'), 7]);
  const question = Buffer.concat([name, Buffer.from('example\0\0\x01\0\x01')]);
  const message = Buffer.concat([query('').subarray(0, 12), question]);
  const reply = Buffer.from((await client.send(message)) ?? []);
  t.same(reply.subarray(12, message.length), question);
  t.equal(reply.readUInt16BE(6), 1, 'the wildcard');
  t.equal(reply.readUInt16BE(message.length), 0xc00c);
  const dotted = Buffer.from([8, ...Buffer.from('ec2.inte'), 0, 0, 1, 0, 1]);
  t.equal(await rcodeOf(Buffer.concat([query('').subarray(0, 12), dotted])), 'NXDOMAIN');
});

t.test('what is no question about records is refused, each in its way', async (t) => {
  const typed = (type: number) => changed(query('a'), 15, type >> 8, type & 255);
  const rows: [rcode: string, message: Buffer][] = [
    ['NOTIMP', changed(query(NAME), 2, 0x10 | 1)],
    ['NOTIMP', changed(query(NAME), 2, 0x20 | 1)],
    ['NOTIMP', changed(query(NAME), 2, 0x28 | 1)],
    ['REFUSED', typed(252)],
    ['REFUSED', typed(251)],
    ['NOTIMP', typed(250)],
    ['NOTIMP', typed(128)],
    [FORMERR, typed(41)],
    [FORMERR, typed(0)],
    ['NXDOMAIN', typed(65)],
    ['REFUSED', changed(query('a'), 17, 0, 3)],
    ['REFUSED', changed(query('a'), 17, 0, 255)],
    ['silence', changed(query(NAME), 2, 0x81)],
  ];
  for (const [rcode, message] of rows)
    t.equal(await rcodeOf(message), rcode, message.subarray(2).toString('hex'));
});

t.test('malformed messages are told so, or met with silence', async (t) => {
  const good = query(NAME);
  for (let size = 0; size < good.length; size += 1)
    t.equal(await rcodeOf(good.subarray(0, size)), size < 12 ? 'silence' : FORMERR, `${size}`);
  const head = good.subarray(0, 12);
  const labels = (count: number, size: number) =>
    Buffer.concat([...Array(count).fill(Buffer.from([size, ...Array(size).fill(97)])), TAIL]);
  const rows: [what: string, rcode: string, message: Buffer][] = [
    ['no question', FORMERR, changed(good, 4, 0, 0)],
    ['two questions', FORMERR, changed(good, 4, 0, 2)],
    ['many questions', FORMERR, changed(good, 4, 255, 255)],
    ['answers', FORMERR, changed(good, 6, 255, 255)],
    ['additional records', FORMERR, changed(good, 10, 255, 255)],
    ['a record that is not there', FORMERR, changed(good, 10, 0, 1)],
    ['a pointer to itself', FORMERR, Buffer.concat([head, Buffer.from([0xc0, 12, 0, 1, 0, 1])])],
    ['a pointer ahead', FORMERR, Buffer.concat([head, Buffer.from([0xc0, 14, 0, 0, 1, 0, 1])])],
    ['a label of 64', FORMERR, changed(good, 12, 64)],
    ['a label of kind 2', FORMERR, changed(good, 12, 0x80)],
    ['a name of 255', 'NXDOMAIN', Buffer.concat([head, labels(127, 1)])],
    ['a name of 257', FORMERR, Buffer.concat([head, labels(128, 1)])],
    ['the root', 'NOERROR', Buffer.concat([head, TAIL])],
    ['more behind it', FORMERR, Buffer.concat([good, Buffer.from([0])])],
    ['5,000 bytes', FORMERR, Buffer.concat([good, Buffer.alloc(5000)])],
    ['two OPT records', FORMERR, query(NAME, { additionals: [OPT, OPT] })],
    ['an OPT record cut short', FORMERR, query(NAME, { additionals: [OPT] }).subarray(0, -1)],
  ];
  for (const [what, rcode, message] of rows) t.equal(await rcodeOf(message), rcode, what);
});

const TAIL = Buffer.from([0, 0, 1, 0, 1]);

t.test('EDNS is answered with EDNS, and only then', async (t) => {
  const questions = [{ name: NAME, type: 'A' as const }];
  t.same((await client.ask({ questions })).additionals, []);
  const { additionals } = await client.ask({ questions, additionals: [{ ...OPT, flags: 0x8000 }] });
  t.match(additionals, [{ type: 'OPT', udpPayloadSize: 4096, ednsVersion: 0, flag_do: true }]);
  const bad = { ...OPT, ednsVersion: 1 };
  const { answers, additionals: others } = await client.ask({ questions, additionals: [bad] });
  t.same(answers, []);
  t.match(others, [{ extendedRcode: 1 }], 'BADVERS');
  const refused = await client.ask({ questions, flags: 0, additionals: [OPT] });
  t.match(refused, { rcode: 'REFUSED', additionals: [{ type: 'OPT' }] });
});

t.test('what does not fit is cut, and whole by TCP', async (t) => {
  const questions = [{ name: 'big.example', type: 'A' as const }];
  const sizeFor = async (udpPayloadSize: number | null) => {
    const additionals = udpPayloadSize === null ? [] : [{ ...OPT, udpPayloadSize }];
    const { flag_tc, answers = [] } = await client.ask({ questions, additionals });
    return [flag_tc, answers.length];
  };
  t.same(await sizeFor(null), [true, 0]);
  t.same(await sizeFor(100), [true, 0], 'no client takes less than 512');
  t.same(await sizeFor(1639), [true, 0]);
  t.same(await sizeFor(1640), [false, 100]);
  t.same(await sizeFor(65_535), [false, 100]);
  const whole = await client.ask({ questions }, 'tcp');
  t.match([whole.flag_tc, whole.answers?.length], [false, 100]);
});

/** @returns a connection to the server, on loopback. */
async function connect(t: Test): Promise<net.Socket> {
  const server = dnsServer((message) => client.send(message, 'tcp'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  t.teardown(() => {
    socket.destroy();
    server.close();
  });
  return socket;
}

function framed(message: Buffer): Buffer {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(message.length);
  return Buffer.concat([size, message]);
}

t.test('a connection takes many queries, in pieces of any size', async (t) => {
  const socket = await connect(t);
  const ids = Array.from({ length: 50 }, (_, index) => index + 1);
  const sent = Buffer.concat(ids.map((id) => framed(query('big.example', { id }))));
  for (let at = 0; at < sent.length; at += 7) socket.write(sent.subarray(at, at + 7));
  socket.end();
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  let rest = Buffer.concat(chunks);
  const answered: (number | undefined)[] = [];
  while (rest.length > 0) {
    const end = 2 + rest.readUInt16BE(0);
    const { id, answers } = decode(rest.subarray(2, end));
    t.equal(answers?.length, 100);
    answered.push(id);
    rest = rest.subarray(end);
  }
  t.same(answered, ids, 'and the server closes when all is answered');
});

t.test('a connection that brings no DNS is closed', async (t) => {
  for (const bytes of [framed(Buffer.alloc(0)), framed(changed(query(NAME), 2, 0x80))]) {
    const socket = await connect(t);
    socket.write(bytes);
    for await (const chunk of socket) t.fail(`answered ${chunk}`);
    t.pass('closed');
  }
});

t.test('a datagram from port 0 is not answered', async (t) => {
  const from = { address: '10.0.0.1', family: 'IPv4', port: 0, size: 1 } as const;
  const answer = () => assert.fail('asked');
  await answerDatagram(answer, query(NAME), from, undefined as never);
  t.pass();
});

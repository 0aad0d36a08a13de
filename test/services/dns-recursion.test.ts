/** Names that the lab does not know, asked of other servers: here of one on loopback. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { type Answer, decode, encode, type Packet } from 'dns-packet';
import t, { type Test } from 'tap';
import { performAction } from '../../src/actions/table.ts';
import { type DnsServer, serversIn, Upstream } from '../../src/services/dns/upstream.ts';
import { Lab } from '../actions/lab.ts';
import { DnsClient } from './dns-client.ts';

const MANY = Array.from({ length: 60 }, (_, index): Answer => record(`10.9.9.${index}`));

function record(data: string, name = 'www.example.net'): Answer {
  return { type: 'A', name, ttl: 30, data };
}

/** What a server says, by the name that it is asked for. */
const ANSWERS: Readonly<Record<string, Packet>> = {
  'www.example.net': { answers: [record('203.0.113.5')] },
  'MiXed.example.net': { answers: [record('203.0.113.6', 'MiXed.example.net')] },
  'many.example.net': { answers: MANY },
  'none.example.net': { flags: 0x0583 },
  'alias.example.net': {
    answers: [
      { type: 'CNAME', name: 'alias.example.net', ttl: 9, data: 'www.example.net' },
      record('203.0.113.5'),
    ],
  },
};

interface TestServer extends DnsServer {
  /** The transports of the queries, and their ids. */
  readonly asked: string[];
}

/** A server of both transports on loopback. @param isMute It takes everything and says nothing. */
async function server(t: Test, isMute = false): Promise<TestServer> {
  const asked: string[] = [];
  const replyTo = (message: Buffer, transport: 'udp' | 'tcp'): Buffer[] => {
    const { id = 0, questions = [] } = decode(message);
    const [question] = questions;
    asked.push(`${transport} ${question?.name} ${id}`);
    if (isMute) return [];
    const known = ANSWERS[question?.name ?? ''] ?? {};
    const reply = encode({ type: 'response', id, flags: 0x0580, questions, ...known });
    if (transport === 'tcp' || reply.length <= 512) {
      const forged = encode({
        type: 'response',
        id: id ^ 1,
        questions,
        answers: [record('6.6.6.6')],
      });
      const other = encode({
        type: 'response',
        id,
        questions: [{ name: 'other', type: 'A' }],
        answers: [record('6.6.6.6')],
      });
      return transport === 'tcp' ? [reply] : [forged, other, reply];
    }
    return [encode({ type: 'response', id, flags: 0x0780, questions })];
  };
  const tcp = net.createServer((socket) => {
    socket.on('data', (chunk) => {
      for (const reply of replyTo(chunk.subarray(2), 'tcp')) {
        const size = Buffer.alloc(2);
        size.writeUInt16BE(reply.length);
        socket.write(size);
        socket.write(reply);
      }
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = dgram.createSocket('udp4');
  udp.on('message', (message, from) => {
    for (const reply of replyTo(message, 'udp')) udp.send(reply, from.port, from.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  t.teardown(() => {
    udp.close();
    tcp.close();
  });
  return { address: '127.0.0.1', port, asked };
}

function clientOf(
  t: Test,
  servers: readonly DnsServer[],
  dnsRecursion: 'host' | 'off' = 'host',
  hasDns64 = false,
) {
  const lab = new Lab({ settings: { dnsRecursion } });
  const vpc = lab.vpc();
  lab.act('ModifyVpcAttribute', { VpcId: vpc, EnableDnsHostnames: { Value: true } });
  const SubnetId = lab.subnet(vpc, '10.0.1.0/24');
  lab.act('ModifySubnetAttribute', { SubnetId, EnableDns64: { Value: hasDns64 } });
  const instance = lab.instance(SubnetId);
  const upstream = new Upstream(servers);
  t.teardown(() => upstream.close());
  performAction(
    lab.store,
    'PutHostedZone',
    {
      CallerReference: 'corp',
      Name: 'corp.example',
      VPCs: [{ VPCRegion: 'us-east-1', VPCId: vpc }],
      ResourceRecordSets: ['www', 'alias', 'none'].map((name) => ({
        Name: `${name}.corp.example`,
        Type: 'CNAME',
        TTL: 5,
        ResourceRecords: [`${name}.example.net`],
      })),
    },
    lab.environment,
  );
  return new DnsClient(() => lab.snapshot, instance, upstream);
}

t.test('nothing is asked of others unless the lab says so', async (t) => {
  const one = await server(t);
  t.equal(await clientOf(t, [one], 'off').find('www.example.net'), 'NXDOMAIN');
  t.same(one.asked, []);
});

t.test('unknown names are asked of others, and known ones are not', async (t) => {
  const one = await server(t);
  const client = clientOf(t, [one]);
  t.same(await client.look('www.example.net'), ['NOERROR', 'www.example.net 30 A 203.0.113.5']);
  t.equal(await client.find('MiXed.example.net'), '203.0.113.6');
  t.equal(await client.find('none.example.net'), 'NXDOMAIN');
  t.equal(one.asked.length, 3);
  const ids = new Set(one.asked.map((each) => each.split(' ')[2]));
  t.notOk(ids.size === 1 && ids.has('7'), 'ids are our own');
  for (const name of ['nobody.corp.example', 'nobody.ec2.internal', 'ec2.us-east-1.amazonaws.com'])
    await client.find(name);
  t.equal(one.asked.length, 3);
  const packet = await client.ask({ questions: [{ name: 'www.example.net', type: 'A' }], id: 99 });
  t.match(packet, { id: 99, flag_ra: true, flag_aa: false, flag_ad: false, additionals: [] });
});

t.test('[NAT-8] DNS64 asks others twice, and only where it is on', async (t) => {
  const one = await server(t);
  const client = clientOf(t, [one], 'host', true);
  t.equal(await client.find('www.example.net', 'AAAA'), '64:ff9b::cb00:7105');
  t.equal(one.asked.length, 2);
  const alias = 'www.example.net, 64:ff9b::cb00:7105';
  t.equal(await client.find('www.corp.example', 'AAAA'), alias);
  t.equal(await client.find('none.example.net', 'AAAA'), 'NXDOMAIN');
  t.equal(await clientOf(t, [], 'host', true).find('www.example.net', 'AAAA'), 'SERVFAIL');
  const off = clientOf(t, [one], 'off', true);
  t.equal(await off.find('www.example.net', 'AAAA'), 'NXDOMAIN');
});

t.test('aliases of the lab lead out of it', async (t) => {
  const client = clientOf(t, [await server(t)]);
  t.same(await client.look('www.corp.example'), [
    'NOERROR',
    'www.corp.example 5 CNAME www.example.net',
    'www.example.net 30 A 203.0.113.5',
  ]);
  t.equal(
    await client.find('alias.corp.example'),
    'alias.example.net, www.example.net, 203.0.113.5',
  );
  t.same(await client.look('none.corp.example'), [
    'NXDOMAIN',
    'none.corp.example 5 CNAME none.example.net',
  ]);
});

t.test('an answer that was cut is asked for by TCP', async (t) => {
  const one = await server(t);
  const client = clientOf(t, [one]);
  const questions = [{ name: 'many.example.net', type: 'A' as const }];
  t.match(await client.ask({ questions }), { flag_tc: true, answers: [] });
  t.match(one.asked, [/^udp/, /^tcp/]);
  t.equal((await client.ask({ questions }, 'tcp')).answers?.length, 60);
});

t.test('a server that says nothing is left for the next, and none is SERVFAIL', async (t) => {
  const mute = await server(t, true);
  const refusing = await freePort();
  const good = await server(t);
  t.equal(await clientOf(t, [refusing, good]).find('www.example.net'), '203.0.113.5');
  t.equal(await clientOf(t, [mute, good]).find('www.example.net'), '203.0.113.5');
  t.equal(await clientOf(t, [refusing]).find('www.example.net'), 'SERVFAIL');
  t.equal(await clientOf(t, []).find('www.example.net'), 'SERVFAIL');
});

async function freePort(): Promise<DnsServer> {
  const socket = dgram.createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return { address: '127.0.0.1', port };
}

t.test('what is under way is bounded', async (t) => {
  const mute = await server(t, true);
  const client = clientOf(t, [mute]);
  const codes = await Promise.all(
    Array.from({ length: 100 }, (_, index) => client.find(`n${index}.example.net`)),
  );
  t.same(new Set(codes), new Set(['SERVFAIL']));
  t.equal(mute.asked.length, 32);
});

t.test('serversIn reads resolv.conf', async (t) => {
  const text = '# x\nsearch a\nnameserver 192.0.2.1\n nameserver 192.0.2.9\nnameserver ::1 x\n';
  t.same(
    serversIn(`${text}nameserver none\nnameserver\t192.0.2.2\nnameserver 192.0.2.3`),
    ['192.0.2.1', '::1', '192.0.2.2'].map((address) => ({ address, port: 53 })),
  );
});

/** Probes of targets over real sockets, from a namespace of the test's own. */
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { probe } from '../../src/engine/health/probe.ts';
import { createNetns, deleteNetns, insideNetns } from '../../src/host/netns.ts';
import { boundTcpSocket } from '../../src/host/sockets.ts';
import { bringLoopbackUp } from '../../src/host/tap.ts';
import type { HealthCheck } from '../../src/model/load-balancers.ts';
import { ip } from '../engine/bench.ts';
import { LAB_PREFIX } from './host-state.ts';
import { whyNoLabs } from './test-lab.ts';

const NETNS = `${LAB_PREFIX}probe`;
const HERE = ip('127.0.0.1');
const CHECK: HealthCheck = {
  protocol: 'TCP',
  port: 80,
  path: '/health?deep=1',
  intervalSeconds: 10,
  timeoutSeconds: 5,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: '200-399',
};
const SHORT = { timeoutSeconds: 0.2 };
const REFUSED = 'Target.FailedHealthChecks';
const SILENT = 'Target.Timeout';

function find(check: Partial<HealthCheck>, signal = new AbortController().signal) {
  return probe(NETNS, HERE, { ...CHECK, ...check }, signal);
}

/** Has a server listen in the namespace for the rest of the test. */
async function serve(t: Test, server: net.Server, port: number): Promise<void> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => {
    server.listen({ fd: boundTcpSocket(NETNS, HERE, port) }, resolve);
  });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
}

async function testProbes(): Promise<void> {
  createNetns(NETNS);
  t.teardown(() => deleteNetns(NETNS));
  bringLoopbackUp(NETNS);

  await t.test('[GWLB-6] TCP passes when the target accepts', async (t) => {
    t.equal(await find({}), REFUSED, 'nobody listens');
    await serve(
      t,
      net.createServer((socket) => socket.end()),
      80,
    );
    t.equal(await find({}), 'passed');
  });

  await t.test('[GWLB-6] HTTP asks as AWS does, and passes by the code', async (t) => {
    const seen: http.IncomingMessage[] = [];
    const server = http.createServer((request, response) => {
      seen.push(request);
      response.statusCode = 301;
      response.end('x'.repeat(500_000));
    });
    await serve(t, server, 80);
    t.equal(await find({ protocol: 'HTTP' }), 'passed');
    t.equal(
      await find({ protocol: 'HTTP', matcher: '200,302' }),
      'Target.ResponseCodeMismatch',
      'redirects are not followed',
    );
    t.match(seen[0], {
      method: 'GET',
      url: '/health?deep=1',
      httpVersion: '1.1',
      headers: { 'user-agent': 'ELB-HealthChecker/2.0', host: '127.0.0.1:80', connection: 'close' },
    });
    t.equal(await find({ protocol: 'HTTPS' }), REFUSED, 'it speaks no TLS');
  });

  await t.test('[GWLB-6] HTTPS passes with a certificate of anybody', async (t) => {
    const folder = t.testdir({});
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
    const subject = ['-subj', '/CN=somebody.example', '-days', '1'];
    const files = ['-keyout', key as string, '-out', cert as string];
    await execa('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files]);
    const server = https.createServer(
      { key: fs.readFileSync(key as string), cert: fs.readFileSync(cert as string) },
      (_request, response) => response.end('yes'),
    );
    await serve(t, server, 443);
    t.equal(await find({ protocol: 'HTTPS', port: 443 }), 'passed');
    t.equal(await find({ protocol: 'HTTP', port: 443 }), REFUSED, 'it speaks TLS');
  });

  await t.test('[GWLB-6] silence is told from refusal and reset', async (t) => {
    const silent = net.createServer();
    const rude = net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const slow = http.createServer((_request, response) => response.write('never the end'));
    await serve(t, silent, 81);
    await serve(t, rude, 82);
    await serve(t, slow, 83);
    t.equal(await find({ ...SHORT, protocol: 'HTTP', port: 81 }), SILENT);
    t.equal(await find({ ...SHORT, protocol: 'HTTPS', port: 81 }), SILENT);
    t.equal(await find({ protocol: 'HTTP', port: 82 }), REFUSED);
    t.equal(await find({ protocol: 'HTTPS', port: 82 }), REFUSED);
    t.equal(await find({ ...SHORT, protocol: 'HTTP', port: 83 }), SILENT, 'the answer has no end');
  });

  await t.test('a probe ends early, and without its node', async (t) => {
    await serve(t, net.createServer(), 81);
    const end = new AbortController();
    const found = find({ protocol: 'HTTP', port: 81 }, end.signal);
    end.abort();
    t.equal(await found, REFUSED, 'long before its time');
    t.equal(await probe('no-such-netns', HERE, CHECK, end.signal), REFUSED);
  });

  await t.test('hundreds of probes at once do not hold the process up', async (t) => {
    await serve(t, net.createServer(), 81);
    let ticks = 0;
    const ticker = setInterval(() => ticks++, 5);
    const probes = Array.from({ length: 300 }, () =>
      find({ ...SHORT, protocol: 'HTTP', port: 81 }),
    );
    t.same(new Set(await Promise.all(probes)), new Set([SILENT]));
    clearInterval(ticker);
    t.ok(ticks >= 10, `${ticks} ticks meanwhile`);
    const open = insideNetns(NETNS, () => fs.readFileSync('/proc/thread-self/net/tcp', 'utf8'));
    t.notMatch(open, /0051 01 /, 'no connection is left open');
  });
}

const reason = whyNoLabs();
if (reason === null) await testProbes();
else t.plan(0, reason);

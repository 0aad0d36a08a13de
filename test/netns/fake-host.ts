/**
 * A host for tests of the uplink: a namespace with a default route to a second one, which plays the
 * real network and has a web server. No packet leaves the two.
 */
import fs from 'node:fs';
import http from 'node:http';
import { execa } from 'execa';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import type { Ipv6Addr } from '../../src/addr/ipv6.ts';
import { createNetns, deleteNetns, insideNetns } from '../../src/host/netns.ts';
import { boundTcpSocket } from '../../src/host/sockets.ts';
import { ip } from '../engine/bench.ts';
import { ip6 } from '../engine/frames.ts';
import { LAB_PREFIX } from './host-state.ts';

/** Called as labs call theirs, so that other tests take no notice. */
const HOST = `vpclab-${LAB_PREFIX}fake-host`;
const WORLD = `vpclab-${LAB_PREFIX}fake-world`;
export const HOST_ADDRESS = '203.0.113.2';
export const HOST_ADDRESS_6 = '2001:db8:feed::2';
export const WEB = '192.0.2.80';
export const WEB_6 = '2001:db8:beef::80';
const BIG = Buffer.alloc(48 * 1024 * 1024, 'vpclab');
const COMMAND_MS = 10_000;

export class FakeHost {
  readonly netns = HOST;
  readonly #servers: http.Server[] = [];
  /** Who has asked the web server. */
  readonly visitors: string[] = [];

  static async open(): Promise<FakeHost> {
    const made = new FakeHost();
    for (const netns of [HOST, WORLD]) {
      createNetns(netns);
      insideNetns(netns, quieten);
      await ipIn(netns, 'link set lo up');
    }
    await ipIn(HOST, `link add wan type veth peer name wan netns ${WORLD}`);
    for (const [netns, place] of [
      [HOST, 2],
      [WORLD, 1],
    ] as const) {
      await ipIn(netns, `address add 203.0.113.${place}/24 dev wan`);
      await ipIn(netns, 'link set wan up');
      await ipIn(netns, `address add 2001:db8:feed::${place}/64 dev wan nodad`);
    }
    await ipIn(WORLD, `address add ${WEB}/32 dev lo`);
    await ipIn(WORLD, `address add ${WEB_6}/128 dev lo nodad`);
    await ipIn(HOST, 'route add default via 203.0.113.1');
    await ipIn(HOST, '-6 route add default via 2001:db8:feed::1');
    for (const address of [ip(WEB), ip6(WEB_6)]) await made.#serve(WORLD, address, 80);
    return made;
  }

  /** A service of the host itself, at all its addresses. */
  serve(port: number): Promise<void> {
    return this.#serve(HOST, ip('0.0.0.0'), port);
  }

  forwardIpv4(isOn: boolean): void {
    this.#set('ipv4/conf/wan/forwarding', isOn);
  }

  forwardIpv6(isOn: boolean): void {
    this.#set('ipv6/conf/all/forwarding', isOn);
  }

  /** @returns the standard output of a program of the host. @throws Error when it fails. */
  async read(command: string): Promise<string> {
    return (await inside(HOST, command)).stdout;
  }

  /** Runs a program beyond the host. @returns whether it succeeds. */
  async worldCan(command: string): Promise<boolean> {
    return (await inside(WORLD, command, false)).exitCode === 0;
  }

  /** What a lab could leave behind: interfaces, addresses, routes, rules, settings, tables. */
  async picture(): Promise<string> {
    const commands = [
      ...['ip -br link', 'ip -br address', 'ip route show table all', 'ip -6 route', 'ip rule'],
      'nft list ruleset',
      'grep -r . /proc/sys/net/ipv4/conf /proc/sys/net/ipv4/ip_forward --include=*forwarding --include=ip_forward --include=rp_filter',
    ];
    const told = await Promise.all(commands.map((command) => this.read(command)));
    return told.join('\n');
  }

  close(): void {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
    for (const netns of [HOST, WORLD]) deleteNetns(netns);
  }

  #set(setting: string, isOn: boolean): void {
    insideNetns(HOST, () => fs.writeFileSync(`/proc/sys/net/${setting}`, isOn ? '1' : '0'));
  }

  /** `/big` is large, everything else the address of who asks. */
  async #serve(netns: string, address: Ipv4Addr | Ipv6Addr, port: number): Promise<void> {
    const server = http.createServer(({ url, socket }, response) => {
      const visitor = socket.remoteAddress ?? '';
      this.visitors.push(visitor);
      response.end(url === '/big' ? BIG : visitor);
    });
    this.#servers.push(server);
    const fd = boundTcpSocket(netns, address, port);
    await new Promise<void>((resolve) => server.listen({ fd }, resolve));
  }
}

/** Whatever the real host has; and no addresses of their own making, which come when they want to. */
function quieten(): void {
  fs.writeFileSync('/proc/sys/net/ipv4/ip_forward', '0');
  fs.writeFileSync('/proc/sys/net/ipv6/conf/all/forwarding', '0');
  fs.writeFileSync('/proc/sys/net/ipv6/conf/default/addr_gen_mode', '1');
}

function ipIn(netns: string, command: string): Promise<unknown> {
  return inside(netns, `ip ${command}`);
}

function inside(netns: string, command: string, rejects = true) {
  return execa('nsenter', [`--net=/run/netns/${netns}`, ...command.split(' ')], {
    reject: rejects,
    timeout: COMMAND_MS,
    cwd: '/',
  });
}

/** Bytes of `/big`. */
export const BIG_SIZE = BIG.length;

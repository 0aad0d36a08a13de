/**
 * The services namespace of a lab: a kernel network namespace with one interface, behind which is the
 * dataplane. Servers listen in it; what else they do is outside.
 *
 * States: made (the interface is there, and down) > open (addresses and routes) > closed.
 */
import dgram from 'node:dgram';
import fs from 'node:fs';
import type net from 'node:net';
import { formatIpv4, type Ipv4Addr } from '../addr/ipv4.ts';
import { formatIpv6, type Ipv6Addr } from '../addr/ipv6.ts';
import {
  FORWARDED_PEERS_IPV4,
  PEERS_IPV4,
  PEERS_IPV6,
  SERVICES,
  SERVICES_MAC,
  VPC_RESOLVER_ALIAS,
} from '../addr/service-addresses.ts';
import type { Journal } from '../host/journal.ts';
import { deleteNetns, insideNetns } from '../host/netns.ts';
import { createOwnedNetns } from '../host/owned-netns.ts';
import { runProgram } from '../host/process.ts';
import { boundTcpSocket, boundUdpSocket } from '../host/sockets.ts';
import { openTap, type TapPort } from '../host/tap.ts';
import { limitConnections } from './connection-limit.ts';

const DEVICE = 'fabric';
const CONFIGURE_MS = 10_000;
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** Whoever is behind it does not matter: the interface asks nobody for MAC addresses. */
const NEXT_HOP = '169.254.169.1';
const NEXT_HOP6 = 'fe80::1';

type ServiceIp = Ipv4Addr | Ipv6Addr;

export class ServicesNamespace {
  readonly #netns: string;
  readonly #tap: TapPort;
  readonly #servers: net.Server[] = [];
  readonly #connections = new Set<net.Socket>();
  readonly #sockets: dgram.Socket[] = [];

  /**
   * Makes the namespace and its interface.
   * @param netns As `ip netns` shows it. @throws Error when the name is taken, or the host refuses.
   */
  constructor(netns: string, journal: Journal) {
    this.#netns = netns;
    createOwnedNetns(netns, journal, {
      what: 'the services of the lab',
      wanted: 'another name of the lab',
    });
    insideNetns(netns, isolate);
    this.#tap = openTap(netns, DEVICE, SERVICES_MAC);
  }

  /** As `ip netns` shows it. */
  get netns(): string {
    return this.#netns;
  }

  /** Whether the host's kernel has IPv6, and with it the addresses of the services. */
  get hasIpv6(): boolean {
    return hasIpv6();
  }

  /** Of the interface, for the dataplane. */
  get fd(): number {
    return this.#tap.fd;
  }

  /** Gives the interface its addresses. @throws Error with the words of ip(8) when it refuses. */
  async open(): Promise<void> {
    const commands = [...commands4(), ...(hasIpv6() ? commands6() : [])].join('\n');
    const script = `ip -n "$1" -batch - <<END\n${commands}\nEND`;
    const { exitCode, stderr } = await runProgram(['sh', '-c', script, 'services', this.#netns], {
      timeoutMs: CONFIGURE_MS,
      env: { PATH },
    });
    if (exitCode !== 0) throw new Error(`Cannot set up "${this.#netns}": ${stderr.trim()}`);
  }

  /**
   * Has a server listen at addresses of the namespace; guests share it fairly.
   * @param serverOf Makes the server for one address; the namespace closes it.
   */
  async listen(
    addresses: readonly ServiceIp[],
    port: number,
    serverOf: () => net.Server,
  ): Promise<void> {
    await Promise.all(
      reachable(addresses).map((addr) => {
        const server = serverOf();
        this.#servers.push(server);
        limitConnections(server);
        server.on('connection', (connection: net.Socket) => {
          this.#connections.add(connection);
          connection.once('close', () => this.#connections.delete(connection));
        });
        const fd = boundTcpSocket(this.#netns, addr, port);
        return new Promise<void>((resolve, reject) => {
          server.once('error', reject);
          server.listen({ fd }, () => {
            server.off('error', reject);
            resolve();
          });
        });
      }),
    );
  }

  /**
   * Has sockets at addresses of the namespace take datagrams.
   * @param take Is given each datagram and the socket that answers; the namespace closes it.
   */
  async receive(
    addresses: readonly ServiceIp[],
    port: number,
    take: (datagram: Buffer, from: dgram.RemoteInfo, socket: dgram.Socket) => void,
  ): Promise<void> {
    await Promise.all(
      reachable(addresses).map((addr) => {
        const socket = dgram.createSocket(typeof addr === 'number' ? 'udp4' : 'udp6');
        this.#sockets.push(socket);
        socket.on('message', (datagram, from) => take(datagram, from, socket));
        return new Promise<void>((resolve, reject) => {
          socket.once('error', reject);
          socket.bind({ fd: boundUdpSocket(this.#netns, addr, port) }, () => {
            socket.off('error', reject);
            resolve();
          });
        });
      }),
    );
  }

  /** Ends all servers and removes the namespace; the dataplane must have let go of the interface. */
  close(): void {
    for (const server of this.#servers) server.close();
    for (const connection of this.#connections) connection.destroy();
    for (const socket of this.#sockets) socket.close();
    this.#tap.abandon();
    deleteNetns(this.#netns);
  }
}

/** A new namespace may take these from the host (devconf_inherit_init_net). */
function isolate(): void {
  fs.writeFileSync('/proc/sys/net/ipv4/ip_forward', '0');
  if (!hasIpv6()) return;
  fs.writeFileSync('/proc/sys/net/ipv6/conf/all/forwarding', '0');
  // It has the addresses that it is given, and asks no router for more.
  fs.writeFileSync('/proc/sys/net/ipv6/conf/default/addr_gen_mode', '1');
  fs.writeFileSync('/proc/sys/net/ipv6/conf/default/accept_ra', '0');
}

function reachable(addresses: readonly ServiceIp[]): readonly ServiceIp[] {
  return addresses.filter((addr) => typeof addr === 'number' || hasIpv6());
}

function hasIpv6(): boolean {
  return fs.existsSync('/proc/sys/net/ipv6');
}

function commands4(): readonly string[] {
  return [
    `link set ${DEVICE} mtu 9001 arp off up`,
    ...[...SERVICES.map(({ ipv4 }) => ipv4), VPC_RESOLVER_ALIAS].map(
      (addr) => `addr add ${formatIpv4(addr)}/32 dev ${DEVICE}`,
    ),
    ...[PEERS_IPV4, FORWARDED_PEERS_IPV4].map(
      (peers) => `route add ${peers} via ${NEXT_HOP} dev ${DEVICE} onlink`,
    ),
  ];
}

function commands6(): readonly string[] {
  return [
    ...SERVICES.map(({ ipv6 }) => `addr add ${formatIpv6(ipv6)}/128 dev ${DEVICE} nodad`),
    `route add ${PEERS_IPV6} via ${NEXT_HOP6} dev ${DEVICE} onlink`,
  ];
}

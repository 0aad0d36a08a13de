/**
 * Sockets that live in a network namespace other than that of this process, for Node's servers to
 * listen on and its clients to connect: a socket stays in the namespace in which it was made.
 * Read first: ip(7), ipv6(7).
 */
import net from 'node:net';
import { bind, checked, close, O_CLOEXEC, O_NONBLOCK, setsockopt, socket } from './ffi.ts';
import { insideNetns } from './netns.ts';
import { familyOf, formatIp, type SocketIp, socketAddress } from './socket-address.ts';

const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPPROTO_IP = 0;
const IP_TTL = 2;
const IPPROTO_IPV6 = 41;
const IPV6_UNICAST_HOPS = 16;
/** What the kernel takes for its own default. */
const DEFAULT_HOPS = -1;

/**
 * Makes a TCP socket in a namespace and binds it; it does not listen yet.
 * @param addr An address of the namespace. @returns its descriptor. @throws SystemCallError
 */
export function boundTcpSocket(netns: string, addr: SocketIp, port: number): number {
  return boundSocket(netns, SOCK_STREAM, addr, port);
}

/** The same for UDP. */
export function boundUdpSocket(netns: string, addr: SocketIp, port: number): number {
  return boundSocket(netns, SOCK_DGRAM, addr, port);
}

/**
 * Begins a TCP connection from a namespace, as its routes have it; the socket tells what becomes of it.
 * @throws SystemCallError when there is no such namespace.
 */
export function connectTcp(netns: string, addr: SocketIp, port: number): net.Socket {
  const fd = insideNetns(netns, () => newSocket(SOCK_STREAM, addr));
  // Node reads from what it is given as soon as it polls; by then it has begun to connect.
  return new net.Socket({ fd }).connect({ host: formatIp(addr), port });
}

/**
 * Says how far the packets of a connection go, those that follow.
 * @param hops 1 to 255; null: as far as any others. @throws SystemCallError
 */
export function limitHops(socket: net.Socket, hops: number | null): void {
  const value = word(hops ?? DEFAULT_HOPS);
  const [level, option] =
    socket.remoteFamily === 'IPv6' ? [IPPROTO_IPV6, IPV6_UNICAST_HOPS] : [IPPROTO_IP, IP_TTL];
  checked(setsockopt(descriptorOf(socket), level, option, value, value.length), 'limit hops');
}

/** Node keeps it to itself, and has no other way to the options of a socket. */
function descriptorOf(socket: net.Socket): number {
  return (
    (socket as unknown as { readonly _handle: { readonly fd: number } | null })._handle?.fd ?? -1
  );
}

/** @returns it as the kernel reads an int. */
function word(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer);
}

function boundSocket(netns: string, type: number, addr: SocketIp, port: number): number {
  const place = socketAddress(addr, port);
  return insideNetns(netns, () => {
    const fd = newSocket(type, addr);
    try {
      const on = word(1);
      if (type === SOCK_STREAM) {
        checked(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, on, on.length), 'set up a socket');
      }
      checked(bind(fd, place, place.length), `bind a socket to port ${port} in "${netns}"`);
    } catch (error) {
      close(fd);
      throw error;
    }
    return fd;
  });
}

/** @param addr Of the family that it is for. @returns a descriptor in the namespace of the thread. */
function newSocket(type: number, addr: SocketIp): number {
  return checked(socket(familyOf(addr), type | O_NONBLOCK | O_CLOEXEC, 0), 'open a socket');
}

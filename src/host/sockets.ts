/**
 * Sockets that live in a network namespace other than that of this process, for Node's servers to
 * listen on: a socket stays in the namespace in which it was made. Read first: ip(7), ipv6(7).
 */
import { bind, checked, close, O_CLOEXEC, O_NONBLOCK, setsockopt, socket } from './ffi.ts';
import { insideNetns } from './netns.ts';
import { familyOf, type SocketIp, socketAddress } from './socket-address.ts';

const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;

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

function boundSocket(netns: string, type: number, addr: SocketIp, port: number): number {
  const place = socketAddress(addr, port);
  return insideNetns(netns, () => {
    const fd = checked(socket(familyOf(addr), type | O_NONBLOCK | O_CLOEXEC, 0), 'open a socket');
    try {
      const on = new Uint8Array(new Int32Array([1]).buffer);
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

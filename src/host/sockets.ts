/**
 * Sockets that live in a network namespace other than that of this process, for Node's servers to
 * listen on: a socket stays in the namespace in which it was made. Read first: ip(7), ipv6(7).
 */
import { type Ipv4Addr, ipv4FromWord } from '../addr/ipv4.ts';
import { type Ipv6Addr, ipv6ToWords } from '../addr/ipv6.ts';
import { bind, checked, close, O_CLOEXEC, O_NONBLOCK, setsockopt, socket } from './ffi.ts';
import { insideNetns } from './netns.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;

/**
 * Makes a TCP socket in a namespace and binds it; it does not listen yet.
 * @param addr An address of the namespace. @returns its descriptor. @throws SystemCallError
 */
export function boundTcpSocket(netns: string, addr: Ipv4Addr | Ipv6Addr, port: number): number {
  const place = typeof addr === 'number' ? address4(addr, port) : address6(addr, port);
  const family = typeof addr === 'number' ? AF_INET : AF_INET6;
  return insideNetns(netns, () => {
    const fd = checked(socket(family, SOCK_STREAM | O_NONBLOCK | O_CLOEXEC, 0), 'open a socket');
    try {
      const on = new Uint8Array(new Int32Array([1]).buffer);
      checked(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, on, on.length), 'set up a socket');
      checked(bind(fd, place, place.length), `bind a socket to port ${port} in "${netns}"`);
    } catch (error) {
      close(fd);
      throw error;
    }
    return fd;
  });
}

/** `struct sockaddr_in`. */
function address4(addr: Ipv4Addr, port: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint16(0, AF_INET, true);
  view.setUint16(2, port);
  view.setUint32(4, ipv4FromWord(addr));
  return new Uint8Array(view.buffer);
}

/** `struct sockaddr_in6`. */
function address6(addr: Ipv6Addr, port: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(28));
  view.setUint16(0, AF_INET6, true);
  view.setUint16(2, port);
  ipv6ToWords(addr).forEach((word, index) => {
    view.setInt32(8 + index * 4, word);
  });
  return new Uint8Array(view.buffer);
}

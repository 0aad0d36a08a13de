/**
 * Sockets of an instance's own kernel, opened from outside: what is written leaves by its routes.
 * Read first: raw(7).
 */
import { checked, close, connect, getsockname, O_CLOEXEC, O_NONBLOCK, socket } from './ffi.ts';
import { insideNetns } from './netns.ts';
import {
  addressIn,
  familyOf,
  formatIp,
  SOCKADDR_IN6_SIZE,
  type SocketIp,
  socketAddress,
} from './socket-address.ts';

const SOCK_DGRAM = 2;
const SOCK_RAW = 3;

export interface ProbeSocket {
  /** Non-blocking and connected: it reads from the peer only. */
  readonly fd: number;
  /** The address that the kernel of the instance sends from, of the peer's family. */
  readonly source: SocketIp;
  close(): void;
}

/**
 * @param kind `raw`: below the IP header, port 0; `datagram`: UDP.
 * @param protocol The number in the IP header.
 * @throws SystemCallError ENETUNREACH when the instance has no route there.
 */
export function openProbeSocket(
  netns: string,
  kind: 'raw' | 'datagram',
  protocol: number,
  peer: SocketIp,
  port: number,
): ProbeSocket {
  return insideNetns(netns, () => {
    const type = (kind === 'raw' ? SOCK_RAW : SOCK_DGRAM) | O_NONBLOCK | O_CLOEXEC;
    const fd = checked(socket(familyOf(peer), type, protocol), 'open a socket for probes');
    try {
      const there = socketAddress(peer, port);
      checked(connect(fd, there, there.length), `probe ${formatIp(peer)} from "${netns}"`);
      return { fd, source: ownAddress(fd), close: () => void close(fd) };
    } catch (error) {
      close(fd);
      throw error;
    }
  });
}

function ownAddress(fd: number): SocketIp {
  const bytes = new Uint8Array(SOCKADDR_IN6_SIZE);
  const size = new Uint8Array(new Uint32Array([bytes.length]).buffer);
  checked(getsockname(fd, bytes, size), 'read the address of a socket');
  return addressIn(bytes);
}

/**
 * Sockets of an instance's own kernel, opened from outside: what is written leaves by its routes.
 * Read first: raw(7), ip(7), ipv6(7).
 */
import { formatIpv4, type Ipv4Addr, ipv4FromWord } from '../addr/ipv4.ts';
import { formatIpv6, type Ipv6Addr, ipv6FromWords, ipv6ToWords } from '../addr/ipv6.ts';
import { checked, close, connect, getsockname, O_CLOEXEC, O_NONBLOCK, socket } from './ffi.ts';
import { insideNetns } from './netns.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOCKADDR_IN_SIZE = 16;
const SOCKADDR_IN6_SIZE = 28;

export type ProbeAddress =
  | { readonly family: 4; readonly address: Ipv4Addr }
  | { readonly family: 6; readonly address: Ipv6Addr };

export interface ProbeSocket {
  /** Non-blocking and connected: it reads from the peer only. */
  readonly fd: number;
  /** The address that the kernel of the instance sends from, of the peer's family. */
  readonly source: ProbeAddress;
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
  peer: ProbeAddress,
  port: number,
): ProbeSocket {
  return insideNetns(netns, () => {
    const family = peer.family === 4 ? AF_INET : AF_INET6;
    const type = (kind === 'raw' ? SOCK_RAW : SOCK_DGRAM) | O_NONBLOCK | O_CLOEXEC;
    const fd = checked(socket(family, type, protocol), 'open a socket for probes');
    try {
      const there = socketAddress(peer, port);
      checked(connect(fd, there, there.length), `probe ${formatAddress(peer)} from "${netns}"`);
      return { fd, source: ownAddress(fd, peer.family), close: () => void close(fd) };
    } catch (error) {
      close(fd);
      throw error;
    }
  });
}

export function formatAddress(at: ProbeAddress): string {
  return at.family === 4 ? formatIpv4(at.address) : formatIpv6(at.address);
}

function socketAddress(at: ProbeAddress, port: number): Uint8Array {
  const bytes = new Uint8Array(at.family === 4 ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, at.family === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  if (at.family === 4) view.setUint32(4, at.address);
  else for (const [n, word] of ipv6ToWords(at.address).entries()) view.setInt32(8 + 4 * n, word);
  return bytes;
}

function ownAddress(fd: number, family: 4 | 6): ProbeAddress {
  const bytes = new Uint8Array(SOCKADDR_IN6_SIZE);
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, bytes.length, true);
  checked(getsockname(fd, bytes, size), 'read the address of a socket');
  const view = new DataView(bytes.buffer);
  if (family === 4) return { family, address: ipv4FromWord(view.getInt32(4)) };
  const words = [8, 12, 16, 20].map((at) => view.getInt32(at)) as [number, number, number, number];
  return { family, address: ipv6FromWords(...words) };
}

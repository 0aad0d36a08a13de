/** `struct sockaddr_in` and `sockaddr_in6`. Read first: ip(7), ipv6(7). */
import { formatIpv4, type Ipv4Addr, ipv4FromWord } from '../addr/ipv4.ts';
import { formatIpv6, type Ipv6Addr, ipv6FromWords, ipv6ToWords } from '../addr/ipv6.ts';

export type SocketIp = Ipv4Addr | Ipv6Addr;

const AF_INET = 2;
const AF_INET6 = 10;
const SOCKADDR_IN_SIZE = 16;
export const SOCKADDR_IN6_SIZE = 28;

/** @returns the family, as `socket` takes it. */
export function familyOf(addr: SocketIp): number {
  return typeof addr === 'number' ? AF_INET : AF_INET6;
}

/** @returns the structure of the family, as `bind` and `connect` take it. */
export function socketAddress(addr: SocketIp, port: number): Uint8Array {
  const size = typeof addr === 'number' ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_SIZE;
  const view = new DataView(new ArrayBuffer(size));
  view.setUint16(0, familyOf(addr), true);
  view.setUint16(2, port);
  if (typeof addr === 'number') view.setUint32(4, addr);
  else for (const [n, word] of ipv6ToWords(addr).entries()) view.setInt32(8 + n * 4, word);
  return new Uint8Array(view.buffer);
}

/** @returns the address in a structure of either family. */
export function addressIn(bytes: Uint8Array): SocketIp {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (view.getUint16(0, true) === AF_INET) return ipv4FromWord(view.getInt32(4));
  const word = (n: number): number => view.getInt32(8 + n * 4);
  return ipv6FromWords(word(0), word(1), word(2), word(3));
}

export function formatIp(addr: SocketIp): string {
  return typeof addr === 'number' ? formatIpv4(addr) : formatIpv6(addr);
}

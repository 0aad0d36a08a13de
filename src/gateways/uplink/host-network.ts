/** What the network of the host is like, as far as an uplink depends on it. Nothing is changed. */
import fs from 'node:fs';
import os from 'node:os';
import {
  cidrsOverlap,
  formatCidr,
  type Ipv4Cidr,
  ipv4Cidr,
  parseIpv4Cidr,
} from '../../addr/cidr.ts';
import { parseIpv4 } from '../../addr/ipv4.ts';

/** Lines of /proc/net/route: fields are words in the byte order of the host, in hexadecimal. */
const ROUTES = '/proc/net/route';
const ROUTES6 = '/proc/net/ipv6_route';
const NOWHERE = '0'.repeat(32);
/** Routes that are wider lead to the real network, in one piece or in two halves. */
const NARROW = 8;

/** @returns the interface of the IPv4 default route of the main table, or null. */
export function defaultDevice(routes: string = readOrNothing(ROUTES)): string | null {
  const found = routesOf(routes).find(({ block }) => block.prefixLength === 0);
  return found?.device ?? null;
}

/** @returns true when packets that come in by the interface are forwarded. */
export function forwardsIpv4(device: string): boolean {
  return readOrNothing(`/proc/sys/net/ipv4/conf/${device}/forwarding`).trim() === '1';
}

/** @returns true when the host has a way for IPv6 and forwards it, which is one switch for all interfaces. */
export function forwardsIpv6(): boolean {
  const isOn = readOrNothing('/proc/sys/net/ipv6/conf/all/forwarding').trim() === '1';
  return isOn && hasDefaultRoute6(readOrNothing(ROUTES6));
}

/** The kernel refuses what it has no route for by one on `lo`. */
function hasDefaultRoute6(routes: string): boolean {
  return routes
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some(([block, length, ...rest]) => block === NOWHERE && length === '00' && rest[7] !== 'lo');
}

/** Where the pair of addresses of the link to a lab is taken from: addresses that no route leaves a link with. */
const LINK_BLOCKS = [blockOf('169.254.240.0/24'), blockOf('100.127.240.0/24')];
const PAIR = 31;

/** @returns the blocks that the host has routes to or addresses of, but for default routes. */
export function blocksInUse(routes: string = readOrNothing(ROUTES)): Ipv4Cidr[] {
  const own = Object.values(os.networkInterfaces())
    .flatMap((each) => each ?? [])
    .flatMap(({ address }) => parseIpv4(address) ?? [])
    .map((address) => ipv4Cidr(address, 32));
  const routed = routesOf(routes).map(({ block }) => block);
  return [...own, ...routed.filter(({ prefixLength }) => prefixLength >= NARROW)];
}

/**
 * @param inUse Blocks that must stay as they are.
 * @returns two addresses for the ends of a link; null when all are in use.
 */
export function freePair(inUse: readonly Ipv4Cidr[]): Ipv4Cidr | null {
  for (const block of LINK_BLOCKS) {
    for (let at = 0; at < 256; at += 2) {
      const pair = ipv4Cidr(block.addr + at, PAIR);
      if (!inUse.some((each) => cidrsOverlap(each, pair))) return pair;
    }
  }
  return null;
}

/** Where `freePair` looks, for people. */
export const LINK_BLOCK_WORDS = LINK_BLOCKS.map(formatCidr).join(' and ');

interface HostRoute {
  readonly device: string;
  readonly block: Ipv4Cidr;
}

function routesOf(routes: string): HostRoute[] {
  return routes
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [device, destination, , , , , , mask] = line.split('\t');
      if (device === undefined || destination === undefined || mask === undefined) return [];
      const prefixLength = wordOf(mask).toString(2).replaceAll('0', '').length;
      return [{ device, block: ipv4Cidr(wordOf(destination), prefixLength) }];
    });
}

/** The kernel prints a word in network order as one of its own. */
function wordOf(text: string): number {
  const bytes = Buffer.from(text, 'hex');
  return os.endianness() === 'LE' ? bytes.readUInt32LE() : bytes.readUInt32BE();
}

function readOrNothing(path: string): string {
  return fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : '';
}

function blockOf(text: string): Ipv4Cidr {
  const block = parseIpv4Cidr(text);
  if (block === null) throw new TypeError(`no IPv4 block: ${text}`);
  return block;
}

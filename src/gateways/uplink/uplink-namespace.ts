/**
 * The way from the dataplane to the real network: a namespace with one interface to the dataplane and a
 * link to the host. Its kernel puts one address for all of the lab's, so that the host sees no other;
 * the lab is its default route, and what comes from the lab goes to the host.
 * Read first: docs/decisions/0015-uplink.md.
 *
 * States: made (the interface is there, and down) > open (link, rules and routes) > closed.
 */
import fs from 'node:fs';
import { UPLINK_MAC } from '../../addr/uplink-addresses.ts';
import type { Journal } from '../../host/journal.ts';
import { createNetns, deleteNetns, insideNetns, netnsExists } from '../../host/netns.ts';
import { type ProgramOptions, runProgram } from '../../host/process.ts';
import { openTap, type TapPort } from '../../host/tap.ts';
import { blocksInUse, forwardsIpv6, freePair, LINK_BLOCK_WORDS } from './host-network.ts';
import { type Link, linkName, linkOf, tableName } from './link.ts';
import { closedChains, hostRules, namespaceRules } from './rules.ts';

const FABRIC = 'fabric';
const MTU = 1500;
const CONFIGURE_MS = 10_000;
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** Whoever is behind the interface of the dataplane does not matter: it asks nobody for MAC addresses. */
const NEXT_HOP = '169.254.169.1';
const NEXT_HOP6 = 'fe80::1';
/** The routing table of what comes from the lab. */
const OUTWARD = '1';

export interface UplinkState {
  /** The interface in the host's own namespace. */
  readonly device: string;
  /** The host takes IPv6 on. */
  readonly hasIpv6: boolean;
  /** Chains of the host's own that let nothing through unless a rule of theirs says so. */
  readonly closedChains: readonly string[];
}

const CLOSED: UplinkState = { device: '', hasIpv6: false, closedChains: [] };

export class UplinkNamespace {
  readonly #lab: string;
  readonly #netns: string;
  readonly #journal: Journal;
  readonly #tap: TapPort;
  #state: UplinkState = CLOSED;

  /**
   * Makes the namespace and the interface to the dataplane.
   * @param lab Its name. @param netns As `ip netns` shows it.
   * @throws Error when the name is taken, or the host refuses.
   */
  constructor(lab: string, netns: string, journal: Journal) {
    if (netnsExists(netns)) {
      throw new Error(
        `Cannot make the uplink of the lab: network namespace "${netns}" is there already, wanted another name of the lab`,
      );
    }
    this.#lab = lab;
    this.#netns = netns;
    this.#journal = journal;
    journal.record('netns', netns);
    createNetns(netns);
    this.#tap = openTap(netns, FABRIC, UPLINK_MAC);
  }

  /** Of the interface, for the dataplane. */
  get fd(): number {
    return this.#tap.fd;
  }

  /** As it was found when it was opened. */
  get state(): UplinkState {
    return this.#state;
  }

  /**
   * Connects it to the host. Two labs must not do so at a time: each takes addresses that are free.
   * @throws Error with the words of the program that refuses.
   */
  async open(): Promise<void> {
    const pair = freePair(blocksInUse());
    if (pair === null)
      throw new Error(
        `Cannot connect lab "${this.#lab}" to the host: found ${LINK_BLOCK_WORDS} in use, wanted two free addresses`,
      );
    const link = linkOf(this.#lab, pair);
    const hasIpv6 = forwardsIpv6();
    const chains = await this.#run(['nft', '--json', 'list', 'chains']);
    this.#state = { device: link.host.device, hasIpv6, closedChains: closedChains(chains) };
    const table = tableName(this.#lab);
    this.#journal.record('nft-table', table);
    await this.#run(['nft', '-f', '-'], { input: hostRules(table, link) });
    this.#journal.record('link', linkName(this.#lab));
    await this.#ip(linkCommands(this.#netns, link));
    setHostEnd(link.host.device);
    insideNetns(this.#netns, () => setNamespace(hasIpv6));
    const inside = { netns: this.#netns };
    await this.#run(['nft', '-f', '-'], { ...inside, input: namespaceRules(FABRIC, link) });
    await this.#ip(insideCommands(link), inside);
    await this.#ip(hostCommands(link));
    if (!hasIpv6) return;
    await this.#ip(insideCommands6(link), inside);
    const rule = ['rule', 'add', 'iif', FABRIC, 'lookup', OUTWARD];
    await this.#run(['ip', '-6', ...rule], inside);
    await this.#ip(hostCommands6(link));
  }

  /** The dataplane must have let go of the interface. What is the host's own the journal undoes. */
  close(): void {
    this.#tap.abandon();
    deleteNetns(this.#netns);
  }

  async #ip(commands: readonly string[], options: ProgramOptions = {}): Promise<void> {
    await this.#run(['ip', '-batch', '-'], { ...options, input: `${commands.join('\n')}\n` });
  }

  /** @returns what it printed. */
  async #run(argv: [string, ...string[]], options: ProgramOptions = {}): Promise<string> {
    const program = { timeoutMs: CONFIGURE_MS, env: { PATH }, ...options };
    const { exitCode, stdout, stderr } = await runProgram(argv, program);
    if (exitCode === 0) return stdout;
    throw new Error(`Cannot connect lab "${this.#lab}" to the host: ${argv[0]}: ${stderr.trim()}`);
  }
}

/** Before the link is up: nothing of the host's own is touched, whatever its defaults for new interfaces. */
function setHostEnd(device: string): void {
  fs.writeFileSync(`/proc/sys/net/ipv4/conf/${device}/forwarding`, '1');
  setIpv6(device);
}

/** A new namespace may take these from the host (devconf_inherit_init_net). */
function setNamespace(hasIpv6: boolean): void {
  fs.writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  // Answers come by another interface than that on which the lab's default route is.
  for (const device of ['all', FABRIC, 'uplink']) {
    fs.writeFileSync(`/proc/sys/net/ipv4/conf/${device}/rp_filter`, '0');
  }
  for (const device of [FABRIC, 'uplink']) setIpv6(device);
  if (hasIpv6) fs.writeFileSync('/proc/sys/net/ipv6/conf/all/forwarding', '1');
}

/** It has the addresses that it is given, and asks no router for more. */
function setIpv6(device: string): void {
  const folder = `/proc/sys/net/ipv6/conf/${device}`;
  if (!fs.existsSync(folder)) return;
  fs.writeFileSync(`${folder}/addr_gen_mode`, '1');
  fs.writeFileSync(`${folder}/accept_ra`, '0');
}

function linkCommands(netns: string, { host, lab }: Link): readonly string[] {
  const peer = `peer name ${lab.device} netns ${netns} address ${lab.mac} mtu ${MTU}`;
  return [`link add ${host.device} address ${host.mac} mtu ${MTU} type veth ${peer}`];
}

/** `onlink`, as the kernel asks for a way to the next hop, and has none before it finds the link up. */
function insideCommands({ host, lab }: Link): readonly string[] {
  return [
    `link set ${FABRIC} mtu ${MTU} arp off up`,
    `link set ${lab.device} up`,
    `address add ${lab.ipv4} peer ${host.ipv4} dev ${lab.device}`,
    `neighbour replace ${host.ipv4} lladdr ${host.mac} dev ${lab.device} nud permanent`,
    `route add default via ${NEXT_HOP} dev ${FABRIC} onlink`,
    `route add default via ${host.ipv4} dev ${lab.device} onlink table ${OUTWARD}`,
    `rule add iif ${FABRIC} lookup ${OUTWARD}`,
  ];
}

function insideCommands6({ host, lab }: Link): readonly string[] {
  return [
    `address add ${lab.ipv6} peer ${host.ipv6} dev ${lab.device} nodad`,
    `neighbour replace ${host.ipv6} lladdr ${host.mac} dev ${lab.device} nud permanent`,
    `route add default via ${NEXT_HOP6} dev ${FABRIC} onlink`,
    `route add default via ${host.ipv6} dev ${lab.device} onlink table ${OUTWARD}`,
  ];
}

function hostCommands({ host, lab }: Link): readonly string[] {
  return [
    `address add ${host.ipv4} peer ${lab.ipv4} dev ${host.device}`,
    `link set ${host.device} up`,
    `neighbour replace ${lab.ipv4} lladdr ${lab.mac} dev ${host.device} nud permanent`,
  ];
}

function hostCommands6({ host, lab }: Link): readonly string[] {
  return [
    `address add ${host.ipv6} peer ${lab.ipv6} dev ${host.device} nodad`,
    `neighbour replace ${lab.ipv6} lladdr ${lab.mac} dev ${host.device} nud permanent`,
  ];
}

/**
 * The network stack of a node of a Gateway Load Balancer: a kernel namespace whose one interface is
 * plugged into the dataplane. It runs no process; whoever probes opens sockets in it.
 *
 * States: made (the interface is there, and down) > open (address and route) > closed.
 */
import fs from 'node:fs';
import { formatIpv4, type Ipv4Addr } from '../../addr/ipv4.ts';
import type { MacAddr } from '../../addr/mac.ts';
import { VPC_MTU } from '../../dataplane/program.ts';
import type { Journal } from '../../host/journal.ts';
import { deleteNetns, insideNetns } from '../../host/netns.ts';
import { createOwnedNetns } from '../../host/owned-netns.ts';
import { runProgram } from '../../host/process.ts';
import { openTap, type TapPort } from '../../host/tap.ts';

const DEVICE = 'eth0';
const CONFIGURE_MS = 10_000;
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** The interface, as its subnet has it. */
export interface NodeInterface {
  readonly mac: MacAddr;
  readonly address: Ipv4Addr;
  readonly prefixLength: number;
  readonly router: Ipv4Addr;
}

export class NodeNamespace {
  readonly #netns: string;
  readonly #nic: NodeInterface;
  readonly #tap: TapPort;

  /**
   * Makes the namespace and its interface.
   * @param netns As `ip netns` shows it. @throws Error when the name is taken, or the host refuses.
   */
  constructor(netns: string, nic: NodeInterface, journal: Journal) {
    this.#netns = netns;
    this.#nic = nic;
    createOwnedNetns(netns, journal, {
      what: 'a node of a load balancer',
      wanted: 'another name of the lab',
    });
    insideNetns(netns, isolate);
    this.#tap = openTap(netns, DEVICE, nic.mac);
  }

  /** Of the interface, for the dataplane. */
  get fd(): number {
    return this.#tap.fd;
  }

  /** Gives the interface its address. @throws Error with the words of ip(8) when it refuses. */
  async open(): Promise<void> {
    const { address, prefixLength, router } = this.#nic;
    const commands = [
      `addr add ${formatIpv4(address)}/${prefixLength} dev ${DEVICE}`,
      `link set ${DEVICE} mtu ${VPC_MTU} up`,
      `route add default via ${formatIpv4(router)} dev ${DEVICE}`,
    ].join('\n');
    const script = `ip -n "$1" -batch - <<END\n${commands}\nEND`;
    const { exitCode, stderr } = await runProgram(['sh', '-c', script, 'node', this.#netns], {
      timeoutMs: CONFIGURE_MS,
      env: { PATH },
    });
    if (exitCode !== 0) throw new Error(`Cannot set up "${this.#netns}": ${stderr.trim()}`);
  }

  /** Removes the namespace; the dataplane must have let go of the interface. */
  close(): void {
    this.#tap.abandon();
    deleteNetns(this.#netns);
  }
}

/** A new namespace may take these from the host (devconf_inherit_init_net). */
function isolate(): void {
  fs.writeFileSync('/proc/sys/net/ipv4/ip_forward', '0');
  if (fs.existsSync('/proc/sys/net/ipv6'))
    fs.writeFileSync('/proc/sys/net/ipv6/conf/default/disable_ipv6', '1');
}

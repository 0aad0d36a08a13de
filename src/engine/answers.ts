/**
 * Gives a punted frame to its responder, with the view that the responder may have of the program.
 * Off the frame path: it may allocate.
 */
import { type Ipv6Cidr, ipv4Contains } from '../addr/cidr.ts';
import { type Ipv4Addr, ipv4FromWord } from '../addr/ipv4.ts';
import { ipv6FromWords } from '../addr/ipv6.ts';
import { type MacAddr, macFromWords } from '../addr/mac.ts';
import { isServiceIpv4 } from '../addr/service-addresses.ts';
import {
  carriesFamily,
  ENI_SOURCE_DEST_CHECK,
  eniByIpv4,
  INTERNET_MTU,
  isThere,
  type Program,
  VPC_MTU,
} from '../dataplane/program.ts';
import {
  PUNT_ARP,
  PUNT_DHCPV4,
  PUNT_DHCPV6,
  PUNT_ICMP_ECHO,
  PUNT_ICMPV6_ECHO,
  PUNT_NAT_RESET,
  PUNT_ND,
  PUNT_TIME_EXCEEDED,
  PUNT_TOO_BIG,
  type Verdict,
} from '../dataplane/verdict.ts';
import { NAT64_PREFIX_WORD } from '../packet/siit-header.ts';
import type { ResponderAnswer } from '../responders/answer.ts';
import { type ArpView, answerArp, statusCheckRequest } from '../responders/arp.ts';
import { answerDhcpv4, type Dhcpv4View } from '../responders/dhcpv4.ts';
import { answerDhcpv6 } from '../responders/dhcpv6.ts';
import type { HopView } from '../responders/hop.ts';
import { answerIcmpEcho } from '../responders/icmp.ts';
import { answerIcmpv6Echo } from '../responders/icmpv6.ts';
import { answerNatReset } from '../responders/nat-reset.ts';
import { answerNd, statusCheckSolicitation } from '../responders/nd.ts';
import { routerAdvertisement } from '../responders/ra.ts';
import { answerTimeExceeded } from '../responders/time-exceeded.ts';
import { answerTooBig, type TooBigView } from '../responders/too-big.ts';
import { dhcpv6View, ndView, routerAddrForRouted } from './ipv6-views.ts';
import { linkLocalLease } from './link-local-lease.ts';

/** DHCP's lease of AWS, in seconds (DHCP-2). */
const LEASE_SECONDS = 3600;

/**
 * @param eni The interface that sent the frame. @param verdict Of kind `PUNT`.
 * @param checksumPending The guest left the transport checksum to the device.
 */
export function answer(
  program: Program,
  eni: number,
  { responder, mtu, sourceWord }: Verdict,
  frame: Uint8Array,
  checksumPending: boolean,
): ResponderAnswer {
  switch (responder) {
    case PUNT_ARP:
      return answerArp(frame, arpView(program, eni));
    case PUNT_DHCPV4:
      return answerDhcpv4(frame, dhcpView(program, eni), checksumPending);
    case PUNT_ICMP_ECHO:
      return answerIcmpEcho(frame, arpView(program, eni), checksumPending);
    case PUNT_ND:
      return answerNd(frame, ndView(program, eni), checksumPending);
    case PUNT_DHCPV6:
      return answerDhcpv6(frame, dhcpv6View(program, eni), checksumPending);
    case PUNT_ICMPV6_ECHO:
      return answerIcmpv6Echo(frame, ndView(program, eni), checksumPending);
    case PUNT_TOO_BIG:
      return answerTooBig(frame, tooBigView(program, eni, mtu, sourceWord));
    case PUNT_TIME_EXCEEDED:
      return answerTimeExceeded(frame, hopView(program, eni, sourceWord));
    case PUNT_NAT_RESET:
      return answerNatReset(frame, arpView(program, eni));
    default:
      return responder satisfies never;
  }
}

/**
 * Makes the fabric's own question to the guest, which is the status check: an ARP request, or in an
 * IPv6-only subnet a neighbour solicitation (ARP-9).
 * @returns null for an interface without any address.
 */
export function statusCheck(program: Program, eni: number): Uint8Array | null {
  if (carriesFamily(program, program.enis.subnet[eni] as number, 4)) {
    return statusCheckRequest(arpView(program, eni));
  }
  const view = ndView(program, eni);
  return view.checkedAddr === null ? null : statusCheckSolicitation(view.checkedAddr, view);
}

/** @returns the advertisement for an interface (RA-2). @param withdrawn Prefixes that it must forget. */
export function advertisement(
  program: Program,
  eni: number,
  withdrawn: readonly Ipv6Cidr[],
): Uint8Array {
  return routerAdvertisement(ndView(program, eni), withdrawn);
}

function arpView(program: Program, eni: number): ArpView {
  const { enis, subnets } = program;
  const subnet = enis.subnet[eni] as number;
  const vpc = subnets.vpc[subnet] as number;
  const network = subnets.network[subnet] as number;
  const routerMac = macFromWords(
    subnets.routerMacHigh[subnet] as number,
    subnets.routerMacLow[subnet] as number,
  );
  const routerAddr = ipv4FromWord(network + 1);
  const subnetCidr = {
    family: 4,
    addr: ipv4FromWord(network),
    prefixLength: subnets.prefixLength[subnet] as number,
  } as const;
  const holder = (addr: Ipv4Addr): number => eniByIpv4(program, vpc, addr | 0);
  return {
    eniMac: program.eniMac[eni] as MacAddr,
    eniPrimary: ipv4FromWord(enis.primaryAddr[eni] as number),
    sourceDestCheck: ((enis.flags[eni] as number) & ENI_SOURCE_DEST_CHECK) !== 0,
    eniOwns: (addr) => holder(addr) === eni,
    routerMac,
    routerAddr,
    macOf(addr) {
      // The services answer on link (ARP-6).
      if (addr === routerAddr || isServiceIpv4(addr)) return routerMac;
      if (!ipv4Contains(subnetCidr, addr)) return null;
      if ((addr | 0) === program.vpcResolver[vpc]) return routerMac;
      const other = holder(addr);
      const answers = other !== -1 && enis.subnet[other] === subnet && isThere(program, other);
      return answers ? (program.eniMac[other] as MacAddr) : null;
    },
  };
}

/** @param word The address of the router that complains; 0: of the subnet's own. */
function hopView(program: Program, eni: number, word: number): HopView {
  const { eniMac, routerMac, routerAddr } = arpView(program, eni);
  const view = { eniMac, routerMac };
  if (word === 0) return { ...view, routerAddr, routerAddr6: routerAddrForRouted(program, eni) };
  // A NAT gateway shows to IPv6 as all of IPv4 does.
  const routerAddr6 = ipv6FromWords(NAT64_PREFIX_WORD, 0, 0, word);
  return { ...view, routerAddr: ipv4FromWord(word), routerAddr6 };
}

function tooBigView(program: Program, eni: number, mtu: number, word: number): TooBigView {
  return { ...hopView(program, eni, word), mtu, silence: 'MTU_EXCEEDED' };
}

function dhcpView(program: Program, eni: number): Dhcpv4View {
  const arp = arpView(program, eni);
  const subnet = program.enis.subnet[eni] as number;
  const options = program.dhcp[subnet];
  if (options === undefined) throw new RangeError(`subnet ${subnet} has no DHCP options`);
  return {
    eniMac: arp.eniMac,
    address: arp.eniPrimary,
    prefixLength: program.subnets.prefixLength[subnet] as number,
    routerMac: arp.routerMac,
    routerAddr: arp.routerAddr,
    gateway: arp.routerAddr,
    hostName: program.eniHostName[eni] as string,
    mtu: program.edges.isInternet[program.subnets.vpc[subnet] as number] ? INTERNET_MTU : VPC_MTU,
    leaseSeconds: LEASE_SECONDS,
    domainName: options.domainName,
    dnsServers: options.dnsServers,
    ntpServers: options.ntpServers,
    netbiosNameServers: options.netbiosNameServers,
    netbiosNodeType: options.netbiosNodeType,
    ...(carriesFamily(program, subnet, 4) ? {} : linkLocalLease(arp.eniMac)),
  };
}

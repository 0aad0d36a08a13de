/**
 * ARP as the fabric does it: requests are answered on the owners' behalf and reach no guest, so
 * nothing a guest says can change what another one knows.
 * Read first: facts ARP-1 to ARP-12, RFC 826, RFC 5227.
 */
import { type Ipv4Addr, ipv4FromWord } from '../addr/ipv4.ts';
import { MAC_BROADCAST, type MacAddr } from '../addr/mac.ts';
import {
  ARP_REPLY,
  ARP_REQUEST,
  ARP_SIZE,
  type ArpRepr,
  emitArp,
  parseArp,
} from '../packet/arp.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_ARP,
  emitEthernet,
  parseEthernet,
} from '../packet/ethernet.ts';
import { CONSUMED, drop, type ResponderAnswer, reply } from './answer.ts';

/** What the orchestration system knows, as seen from one ENI. */
export interface ArpView {
  readonly eniMac: MacAddr;
  /** @returns true for the ENI's primary and secondary addresses and its prefixes (CHK-2). */
  eniOwns(addr: Ipv4Addr): boolean;
  readonly eniPrimary: Ipv4Addr;
  /** Off: the interface may ask in the name of any address, as appliances do (CHK-3). */
  readonly sourceDestCheck: boolean;
  readonly routerMac: MacAddr;
  readonly routerAddr: Ipv4Addr;
  /**
   * @returns who answers for an address in the ENI's subnet: an ENI's MAC, the router's for its
   *   own address and the link-local services, or null for silence.
   */
  macOf(addr: Ipv4Addr): MacAddr | null;
}

const UNSPECIFIED_MAC = 0 as MacAddr;
const UNSPECIFIED_ADDR = ipv4FromWord(0);

/**
 * Answers one ARP frame. The sender must be the ENI (ARP-12); only a request of an ENI without
 * source/destination check may carry another sender IP, as Linux puts there when an appliance
 * answers from an overlay address. Nothing is learned from it, so nothing can be poisoned.
 * Whether anything filters the ENI's traffic does not matter (ARP-3).
 * @param frame Bytes from the destination MAC.
 * @source ARP-1..8, ARP-10..12
 */
export function answerArp(frame: Uint8Array, view: ArpView): ResponderAnswer {
  const ethernet = parseEthernet(frame, 0, frame.length);
  const arp = parseArp(frame, ETHERNET_HEADER_SIZE, frame.length - ETHERNET_HEADER_SIZE);
  if (ethernet === null || ethernet.etherType !== ETHERTYPE_ARP || arp === null) {
    return drop('ARP_MALFORMED');
  }
  if (arp.senderAddr === arp.targetAddr) return drop('ARP_GRATUITOUS');
  const isRequest = arp.operation === ARP_REQUEST;
  const isProbe = isRequest && arp.senderAddr === UNSPECIFIED_ADDR;
  const ownsMac = ethernet.source === view.eniMac && arp.senderMac === view.eniMac;
  const mayAskAsAnybody = isRequest && !view.sourceDestCheck;
  const mayUseAddr = isProbe || mayAskAsAnybody || view.eniOwns(arp.senderAddr);
  if (!ownsMac || !mayUseAddr) return drop('ARP_SPOOFED_SENDER');
  return arp.operation === ARP_REPLY ? acceptReply(arp, view) : answerRequest(arp, isProbe, view);
}

/** Only the answer to the fabric's own request means something (ARP-9). */
function acceptReply(arp: ArpRepr, view: ArpView): ResponderAnswer {
  const isForRouter = arp.targetMac === view.routerMac && arp.targetAddr === view.routerAddr;
  return isForRouter ? CONSUMED : drop('ARP_UNSOLICITED_REPLY');
}

function answerRequest(arp: ArpRepr, isProbe: boolean, view: ArpView): ResponderAnswer {
  if (isProbe && view.eniOwns(arp.targetAddr)) return drop('ARP_PROBE_OF_OWN_ADDRESS');
  const mac = view.macOf(arp.targetAddr);
  if (mac === null) return drop('ARP_ADDRESS_NOT_ASSIGNED');
  return reply(
    arpFrame(view.eniMac, {
      operation: ARP_REPLY,
      senderMac: mac,
      senderAddr: arp.targetAddr,
      targetMac: arp.senderMac,
      targetAddr: arp.senderAddr,
    }),
  );
}

/**
 * Makes the instance status check's request: who has the primary address, tell the router.
 * The guest's answer comes back as `consumed`.
 * @source ARP-9
 */
export function statusCheckRequest(view: ArpView): Uint8Array {
  return arpFrame(MAC_BROADCAST, {
    operation: ARP_REQUEST,
    senderMac: view.routerMac,
    senderAddr: view.routerAddr,
    targetMac: UNSPECIFIED_MAC,
    targetAddr: view.eniPrimary,
  });
}

function arpFrame(destination: MacAddr, arp: ArpRepr): Uint8Array {
  const frame = new Uint8Array(ETHERNET_HEADER_SIZE + ARP_SIZE);
  emitEthernet({ destination, source: arp.senderMac, etherType: ETHERTYPE_ARP }, frame, 0);
  emitArp(arp, frame, ETHERNET_HEADER_SIZE);
  return frame;
}

/**
 * Why a frame was dropped. Codes are those of Reachability Analyzer where one fits (RCH-1), ours elsewhere.
 * The dataplane counts by index; text is for people.
 */

/** Code to one sentence and the rule behind it. The order gives the indexes. */
const REASONS = {
  // Malformed frames.
  BAD_VIRTIO_HEADER: 'the offloads that the guest asks for do not fit the frame',
  TRUNCATED_ETHERNET: 'shorter than an Ethernet header',
  TRUNCATED_IPV4: 'shorter than its IPv4 header or total length say',
  BAD_IPV4_VERSION: 'EtherType IPv4, but another version in the header',
  BAD_IPV4_HEADER_LENGTH: 'the IPv4 header length is below 20 bytes',
  BAD_IPV4_TOTAL_LENGTH: 'the IPv4 total length is below the header length',
  BAD_IPV4_CHECKSUM: 'the IPv4 header checksum is wrong',
  BAD_IPV4_OPTION: 'an IPv4 option is longer than the header or has no length',
  IPV4_SOURCE_ROUTE: 'source routes would carry the packet past the rules',
  TRUNCATED_IPV6: 'shorter than its IPv6 headers or payload length say',
  BAD_IPV6_VERSION: 'EtherType IPv6, but another version in the header',
  BAD_IPV6_EXTENSION: 'more than eight IPv6 extension headers',
  TRUNCATED_TRANSPORT: 'shorter than its TCP, UDP or ICMP header',
  TINY_FRAGMENT: 'a fragment hides a part of the transport header (RFC 1858)',
  FRAGMENT_WITHOUT_FIRST: 'a later fragment, and its first one was not seen (MTU-7)',
  OVERLAPPING_FRAGMENT: 'a later fragment covers a part of the first one (RFC 5722)',
  FRAGMENTS_DROPPED: 'the lab is set to drop fragments (MTU-7)',
  BAD_FRAGMENT: 'a fragment of no bytes, of an odd size, or that ends behind the largest packet',
  // Link layer.
  PORT_NOT_ATTACHED: 'the interface is attached to nothing',
  SPOOFED_MAC: 'the source MAC address is not that of the interface (L2-7)',
  ETHERTYPE_NOT_FORWARDED: 'only ARP and IP are carried (L2-6, L2-17)',
  BROADCAST_NOT_FORWARDED: 'broadcast is not delivered (L2-6)',
  MULTICAST_NOT_FORWARDED: 'multicast is not delivered without a multicast domain (L2-6)',
  UNKNOWN_DESTINATION_MAC:
    'no interface of this subnet has the destination MAC address (L2-4, L2-5)',
  IPV4_NOT_IN_SUBNET: 'the subnet is IPv6-only: of IPv4 only DHCP is answered there (SUB-5)',
  IPV6_NOT_IN_SUBNET: 'the subnet has no IPv6 block (SUB-5)',
  // ARP.
  ARP_MALFORMED: 'no ARP packet for Ethernet and IPv4',
  ARP_SPOOFED_SENDER: 'the ARP sender is not the interface (ARP-12)',
  ARP_GRATUITOUS: 'gratuitous ARP is swallowed (ARP-10)',
  ARP_PROBE_OF_OWN_ADDRESS: 'a probe for the own address gets no reply (ARP-11)',
  ARP_ADDRESS_NOT_ASSIGNED:
    'no running interface of this subnet has the address (ARP-5, ARP-7, ARP-8)',
  ARP_UNSOLICITED_REPLY: 'an ARP reply that the fabric did not ask for (ARP-10)',
  // Neighbour discovery.
  ND_MALFORMED: 'no well-formed neighbour discovery message, or its hop limit is not 255',
  ND_SPOOFED_SENDER: 'the sender of the neighbour discovery message is not the interface (ND-1)',
  ND_PROBE_OF_OWN_ADDRESS: 'duplicate address detection of an own address gets no reply (ND-2)',
  ND_ADDRESS_NOT_ASSIGNED:
    'no running interface of this subnet has the IPv6 address; link-local ones are not known (ND-1)',
  ND_UNSOLICITED_ADVERTISEMENT: 'neighbour advertisements of guests are swallowed (ND-1)',
  ND_ROUTER_ONLY: 'router advertisements and redirects come from the fabric alone (RA-1)',
  // Services of the fabric.
  DHCP_MALFORMED: 'no well-formed DHCP message over UDP and IPv4',
  DHCP_SPOOFED_CLIENT: 'the client hardware address is not that of the interface',
  DHCP_RELAYED: 'the DHCP message came through a relay agent, and a VPC has none',
  DHCP_IGNORED: 'a DHCP message that gets no answer: RELEASE, DECLINE, or for another server',
  DHCPV6_MALFORMED: 'no well-formed DHCPv6 message over UDP and IPv6 from a link-local address',
  DHCPV6_RAPID_COMMIT: 'SOLICIT with Rapid Commit gets no answer (DHCP-14)',
  DHCPV6_IGNORED: 'a DHCPv6 message that gets no answer, or one for another server',
  ROUTER_HAS_NO_SERVICE: 'the router offers DHCP and echo only (L2-16)',
  ROUTER_OF_ANOTHER_SUBNET: 'the router of another subnet does not answer (L2-15)',
  LINK_LOCAL_SERVICE_ABSENT: 'no link-local service listens at the address (LL-1)',
  LINKLOCAL_ALLOWANCE_EXCEEDED:
    'more than 1,024 packets of the interface to link-local services in a second (LL-2)',
  DNS_SUPPORT_DISABLED: 'the VPC has its resolver switched off (DNS-5)',
  SERVICES_STRAY: 'the services namespace sends answers to interfaces of the lab, nothing else',
  ICMP_MALFORMED: 'no well-formed ICMP message over IPv4',
  ICMP_NOT_ECHO_REQUEST: 'the router answers echo requests only (L2-15)',
  ICMP_FRAGMENTED: 'the router reassembles nothing (L2-15)',
  ICMP_NOT_FOR_ROUTER: 'the destination is not the router of the subnet (L2-15)',
  LINK_LOCAL_NOT_ROUTED: 'the router forwards nothing from or to a link-local IPv6 address (ND-1)',
  // Layers.
  ENI_SOURCE_DEST_CHECK_RESTRICTION:
    'source/destination check: the address is not of the interface (CHK-1)',
  NO_ROUTE_TO_DESTINATION: 'no route of the subnet covers the destination (RT-3)',
  BAD_STATE_ROUTE: 'the route is a blackhole: its target is unusable (RT-11)',
  GATEWAY_NOT_FORWARDED:
    'the route leads to a gateway, which is recorded only in this version (RT-13)',
  IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS:
    'the source has no public IPv4 address, so the internet gateway drops it (IGW-2)',
  IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS:
    'an internet gateway sends nothing to private addresses (IGW-3)',
  IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS:
    'an internet gateway sends nothing to addresses that carriers share (IGW-3)',
  IGW_DESTINATION_ADDRESS_IN_VPC_CIDRS:
    'the destination is in the VPC, and its internet gateway does not send it back (IGW-3)',
  IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS:
    'nobody on the internet has the destination address, or its VPC has no internet gateway (IGW-3)',
  IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS:
    'an internet gateway lets nothing in from private addresses (IGW-3)',
  IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS:
    'an internet gateway lets nothing in from addresses that carriers share (IGW-3)',
  UPLINK_SOURCE_NOT_PUBLIC:
    'only what has a public address of the lab leaves by the uplink of the host',
  UPLINK_DESTINATION_NOT_PUBLIC:
    'only what is for a public address leaves by the uplink of the host',
  UPLINK_WITHOUT_IPV6: 'the host forwards no IPv6, so none leaves by its uplink',
  PCX_REQUIRES_ADDRESS_IN_VPC_CIDR:
    'a peering carries packets between the blocks of its two VPCs only (PCX-1)',
  VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION:
    'a gateway endpoint serves the interfaces of its own VPC only (GWEP-2)',
  VPCE_GATEWAY_PROTOCOL_RESTRICTION: 'a gateway endpoint carries TCP and echo only (GWEP-2)',
  VPCE_GATEWAY_NO_FLOW:
    'the connection has not begun at the gateway endpoint, or no more can be tracked',
  NGW_REQUIRES_SOURCE_IN_VPC: 'a NAT gateway serves its own VPC only (NAT-6)',
  NAT64_NO_OTHER_FORM: 'the other IP version has no such packet (NAT-8, RFC 7915)',
  NAT_GATEWAY_PROTOCOL_NOT_SUPPORTED: 'a NAT gateway carries TCP, UDP and ICMP only (NAT-1)',
  NAT_GATEWAY_FRAGMENT: 'a NAT gateway carries no fragments of TCP and ICMP (NAT-3)',
  NAT_GATEWAY_NO_PORT:
    'the NAT gateway has 55,000 flows to the destination already, ErrorPortAllocation (NAT-1)',
  NAT_GATEWAY_FULL: 'no more flows through NAT gateways can be tracked',
  NAT_GATEWAY_NO_CONNECTION: 'nobody behind the NAT gateway has asked for it (NAT-4)',
  TTL_EXCEEDED:
    'its TTL ran out at a NAT gateway, and no error may be said of such a packet (NAT-5)',
  GATEWAYS_IN_A_CIRCLE: 'the routes lead from gateway to gateway without an end',
  GWLB_ENDPOINT_LOOP: 'the subnet of the endpoint routes the packet back to the endpoint (GWLB-8)',
  GWLB_NO_NODE: 'the service of the endpoint has no load balancer in its zone (GWLB-8)',
  GWLB_NO_TARGET: 'the load balancer has no target that takes the flow (GWLB-7)',
  GENEVE_FRAGMENT: 'a load balancer takes no fragments from an appliance (GWLB-5)',
  GENEVE_MALFORMED: 'an appliance did not send back the Geneve header that it got (GWLB-2)',
  GENEVE_ENDPOINT_UNKNOWN: 'the Geneve header names no endpoint of the load balancer (GWLB-2)',
  GENEVE_FLOW_UNKNOWN:
    'the appliance was not given the flow of the packet, or not with this cookie (GWLB-2)',
  EGRESS_ONLY_GATEWAY_NO_FLOW:
    'nobody behind the egress-only gateway has asked for it, or no more flows can be tracked (EIGW-1)',
  GATEWAY_REJECTS_SPOOFED_TRAFFIC: 'the source is no address of the VPC that it leaves',
  INGRESS_RTB_NO_PUBLIC_IP:
    'the route table of the gateway leads to an interface without a public address (EDGE-4)',
  NO_POSSIBLE_DESTINATION: 'no interface of the VPC has the destination address (MTU-6)',
  SUBNET_BROADCAST_NOT_FORWARDED: 'the broadcast address of a subnet is not delivered (SUB-2)',
  TARGET_NOT_RUNNING: 'the interface of the destination is not on a running instance (ARP-5)',
  ENI_SG_RULES_MISMATCH: 'no rule of the security groups of the interface allows it (SG-1)',
  SG_REFERENCES_NOT_PRESERVED:
    'a rule names the group of the source, but a middlebox sent the packet on, which loses that (RT-6)',
  SG_HAS_NO_RULES: 'the security groups of the interface have no rule for this direction (SG-1)',
  SUBNET_ACL_RESTRICTION: 'a rule of the network ACL of the subnet denies it (ACL-1)',
  CONNTRACK_ALLOWANCE_EXCEEDED: 'no more connections can be tracked',
  MTU_EXCEEDED: 'larger than the link takes, and the sender is not told (MTU-5, MTU-6)',
  // Ports.
  PORT_NOT_READY: 'the kernel did not take the frame: the interface is down',
} as const;

export type DropCode = keyof typeof REASONS;

export const DROP_CODES = Object.keys(REASONS) as readonly DropCode[];

/** Code to index, for the frame path. */
export const DROP = Object.fromEntries(DROP_CODES.map((code, index) => [code, index])) as Readonly<
  Record<DropCode, number>
>;

/** @returns one sentence that says what the code means. */
export function describeDrop(code: DropCode): string {
  return REASONS[code];
}

/** @param index What the frame path counts by. */
export function dropCode(index: number): DropCode {
  const code = DROP_CODES[index];
  if (code === undefined) throw new RangeError(`no drop reason has index ${index}`);
  return code;
}

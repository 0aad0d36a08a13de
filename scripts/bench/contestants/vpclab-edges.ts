/** vpclab at the edges of a VPC: from an instance to a host on the internet, whose link has 1500 bytes. */
import type { ContestantKind } from './contestant.ts';
import { startLab } from './lab.ts';

const TCP_IPV4 = ['tcp1', 'cpu', 'tcp4'];

export const internetGateway: ContestantKind = {
  name: 'igw',
  description: 'vpclab, through an internet gateway to a host on the internet, MTU 1500',
  figures: [...TCP_IPV4, 'tcp6'],
  start: (workplace) => startLab(workplace, 'igw', (lab) => edgeText(lab, 'public')),
};

/** Translates IPv4 alone. */
export const natGateway: ContestantKind = {
  name: 'nat',
  description: 'vpclab, through a NAT gateway and the internet gateway behind it, MTU 1500',
  figures: TCP_IPV4,
  start: (workplace) => startLab(workplace, 'nat', (lab) => edgeText(lab, 'private')),
};

function edgeText(lab: string, subnet: 'public' | 'private'): string {
  return `name: ${lab}
internet:
  hosts:
    server1: { address: 198.51.100.10, ipv6Address: "2001:db8:ffff:ff00::10" }
vpcs:
  main:
    cidr: 10.0.0.0/16
    ipv6: true
    internetGateway: true
    natGateways: { nat: { subnet: public } }
    subnets:
      public: { cidr: 10.0.0.0/24, ipv6: 1, routeTable: public, mapPublicIpOnLaunch: true }
      private: { cidr: 10.0.1.0/24, ipv6: 2, routeTable: private }
    routeTables:
      public: { routes: { 0.0.0.0/0: igw, "::/0": igw } }
      private: { routes: { 0.0.0.0/0: nat } }
instances:
  client1: { subnet: ${subnet}, dhcp: static }
`;
}

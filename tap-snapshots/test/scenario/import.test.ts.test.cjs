/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/scenario/import.test.ts > TAP > a real account becomes a lab that comes up > the lab file 1`] = `
# Written by a test.

name: prod-account-2024
region: us-west-2
rules: current
prefixLists:
  # pl-0f0f0f0f0f0f0f0f1
  office-networks:
    maxEntries: 5
    entries: [ 198.51.100.0/24, 203.0.113.128/25 ]
vpcs:
  # vpc-3ac0fb5f
  default-vpc:
    cidr: 172.31.0.0/16
    enableDnsHostnames: true
    subnets:
      # subnet-9d4a7b6c
      subnet-9d4a7b6c: { cidr: 172.31.16.0/20, mapPublicIpOnLaunch: true }
    # igw-2b1c3d4e
    internetGateway: true
    routeTables:
      # rtb-ae12d7c5
      main:
        main: true
        routes: { 0.0.0.0/0: igw }
    securityGroups:
      # sg-7e2d4f1a
      default:
        ingress: [ all from itself, tcp 3389 from anywhere ]
  # vpc-0f1e2d3c4b5a69788
  production-vpc:
    cidr: [ 10.20.0.0/16, 100.64.0.0/20 ]
    ipv6: 2600:1f14:abc:de00::/56
    enableDnsHostnames: true
    # dopt-0d1c2b3a495867fed
    dhcpOptions:
      domainName: corp.example.com
      domainNameServers: [ 10.20.16.2, AmazonProvidedDNS ]
      ntpServers: [ 169.254.169.123 ]
    subnets:
      # subnet-0aaaaaaaaaaaaaaa1
      public:
        cidr: 10.20.0.0/24
        ipv6: 2600:1f14:abc:de00::/64
        routeTable: public
        mapPublicIpOnLaunch: true
      # subnet-0aaaaaaaaaaaaaaa2
      public-2:
        cidr: 10.20.1.0/24
        zone: us-west-2b
        routeTable: public
        mapPublicIpOnLaunch: true
      # subnet-0aaaaaaaaaaaaaaa3
      app-subnet-zone-a:
        cidr: 10.20.16.0/20
        routeTable: app-via-firewall
        networkAcl: app-acl
      # subnet-0aaaaaaaaaaaaaaa4
      subnet-0aaaaaaaaaaaaaaa4: { ipv6: 2600:1f14:abc:de06::/64, zone: us-west-2b }
    # igw-0a0a0a0a0a0a0a0a1
    internetGateway: { name: prod-igw, routeTable: rtb-0c000000000000004 }
    natGateways:
      # nat-0a9b8c7d6e5f40312
      nat-a: { subnet: public, privateAddress: 10.20.0.60 }
    endpoints:
      # vpce-0aabbccddeeff0011
      s3:
        service: s3
        routeTables: [ public ]
    routeTables:
      # rtb-0c000000000000002
      public:
        routes: { 0.0.0.0/0: prod-igw, ::/0: prod-igw }
      # rtb-0c000000000000003
      app-via-firewall:
        routes:
          0.0.0.0/0: x-10-firewall.eth0
          172.16.0.0/12: nat-a
          10.20.0.0/24: x-10-firewall.eth0
          office-networks: mgmt-port
      # rtb-0c000000000000004
      rtb-0c000000000000004: {}
    securityGroups:
      # sg-0b0b0b0b0b0b0b0b1
      prod-web-v2:
        description: Web tier
        ingress:
          - tcp 443 from 0.0.0.0/0
          - tcp 22 from 198.51.100.7/32
          - tcp 22 from prefix list office-networks
          - icmp echo-request from 10.0.0.0/8
          - tcp 80 from anywhere
          - icmpv6 from anywhere
      # sg-0b0b0b0b0b0b0b0b2
      db:
        ingress:
          - tcp 5432 from group prod-web-v2
          - udp from itself
          - esp from 10.0.0.0/8
        egress: [ tcp to 10.20.0.0/16 ]
    networkAcls:
      # acl-0b1b2b3b4b5b6b7b8
      app-acl:
        ingress:
          90: deny tcp 22 from 203.0.113.0/24
          100: allow all from 0.0.0.0/0
          110: allow icmp echo-request from 10.0.0.0/8
          120: allow icmpv6 from ::/0
        egress: { 100: allow tcp 1024-65535 to 0.0.0.0/0 }
    flowLogs: { traffic: reject, logGroup: /vpc/flow-logs/prod }
  # vpc-0eeeeeeeeeeeeeee1
  vpc-0eeeeeeeeeeeeeee1:
    region: eu-central-1
    cidr: 10.30.0.0/16
    subnets:
      # subnet-0eeeeeeeeeeeeeee1
      eu: { cidr: 10.30.1.0/24 }
roles:
  ssm: { allow: "*" }
interfaces:
  # eni-0e000000000000004
  mgmt-port:
    subnet: public
    address: 10.20.0.200
    ipv6Addresses: []
    securityGroups: [ prod-web-v2 ]
    attach: { instance: x-10-firewall, device: 1 }
  # eni-0e000000000000006
  eni-0e000000000000006: { subnet: app-subnet-zone-a, address: 10.20.16.77 }
  # eni-0e00000000000000c
  eni-0e00000000000000c: { subnet: subnet-9d4a7b6c, address: 172.31.20.9 }
instances:
  # i-01000000000000001
  web-server-prod:
    subnet: public
    address: 10.20.0.10
    secondaryAddresses: [ 10.20.0.11 ]
    ipv6Address: 2600:1f14:abc:de00:aaaa:bbbb:cccc:1
    elasticAddress: true
    securityGroups: [ prod-web-v2 ]
    role: ssm
    type: t3.micro
    metadata: { tokens: required, hopLimit: 2 }
    flowLogs:
      format: [ srcaddr, dstaddr, action ]
      interval: 60s
      logGroup: /vpc/flow-logs/prod
  # i-01000000000000002
  web-server-prod-2:
    subnet: public-2
    address: 10.20.1.10
    securityGroups: [ prod-web-v2 ]
    role: ssm
    type: t3.micro
    metadata: { tokens: required, hopLimit: 2 }
  # i-01000000000000003
  x-10-firewall:
    subnet: app-subnet-zone-a
    address: 10.20.16.5
    sourceDestCheck: false
    securityGroups: [ db, default ]
    connectionTracking: { tcpEstablished: 350s, udp: 30s, udpStream: 180s }
    role: ssm
    type: c5n.large
    metadata: { tokens: required, hopLimit: 2 }
  # i-01000000000000004
  i-01000000000000004:
    subnet: subnet-0aaaaaaaaaaaaaaa4
    ipv6Address: 2600:1f14:abc:de06::50
    role: ssm
    type: t3.small
    metadata: { tokens: required, hopLimit: 2 }

# Left out:
# - subnet (subnet-0aaaaaaaaaaaaaaa5): it is in us-west-2-lax-1a, and a lab has the zones of its regions only
# - prefix lists of AWS (1): a lab has them too
# - prefix list no entries here (pl-0f0f0f0f0f0f0f0f2): its entries are not in the input: aws ec2 get-managed-prefix-list-entries
# - state of instance i-01000000000000004 (i-01000000000000004): it is stopped; a lab file starts it
# - instance edge (i-01000000000000005): subnet-0aaaaaaaaaaaaaaa5 is not in the lab file
# - interface "ELB app/prod-alb/50dc6c495c0c9188" (eni-0e000000000000007): AWS manages it, for a service
# - interface "VPC Endpoint Interface vpce-0e1f2a3b4c5d6e7f8" (eni-0e000000000000009): AWS manages it, for vpc endpoint
# - interface "Network Interface for Transit Gateway Attachment tgw-attach-0123456789abcdef1" (eni-0e00000000000000a): AWS manages it, for transit gateway
# - prefixes of interface eni-0e00000000000000c (eni-0e00000000000000c): a lab file delegates no prefixes
# - public address 203.0.113.25 of eni-0e000000000000001 (eipalloc-0c0c0c0c0c0c0c0c1): a lab has addresses of its own pool, and draws another
# - policies of role ssm: what it may do is not in the input; it may do everything
# - the default VPC, as VPC default-vpc (vpc-3ac0fb5f): a lab file makes no default VPC, so it is one like any other
# - DHCP option brand-new-option of VPC production-vpc (dopt-0d1c2b3a495867fed): a lab file has no such option
# - VPC endpoint production-vpc/ssm to com.amazonaws.us-west-2.ssm (vpce-0e1f2a3b4c5d6e7f8): a lab file has gateway endpoints and those of its own Gateway Load Balancers
# - route to 192.168.0.0/16 of route table production-vpc/public (rtb-0c000000000000002): it leads to tgw-0123456789abcdef0, which is not in the lab file
# - route to 10.99.0.0/16 of route table production-vpc/app-via-firewall (rtb-0c000000000000003): it leads to eni-0ddddddddddddddd0, which is not in the lab file
# - route to 10.50.0.0/16 of route table production-vpc/app-via-firewall (rtb-0c000000000000003): it leads to vgw-0a1b2c3d4e5f60718, which is not in the lab file
# - route to 10.60.0.0/16 of route table production-vpc/app-via-firewall (rtb-0c000000000000003): it leads to arn:aws:networkmanager::111122223333:core-network/core-network-0123, which is not in the lab file
# - propagation of vgw-0a1b2c3d4e5f60718 into route table production-vpc/app-via-firewall (rtb-0c000000000000003): it is not in the lab file
# - ingress rule tcp 5432 of security group production-vpc/db, sg-0123456789abcdef9 (sg-0b0b0b0b0b0b0b0b2): the group is not in the VPC of the lab file
# - egress rule tcp 443 of security group production-vpc/db, pl-68a54001 (sg-0b0b0b0b0b0b0b0b2): the prefix list is not in the lab file
# - DHCP options of VPC vpc-0eeeeeeeeeeeeeee1 (vpc-0eeeeeeeeeeeeeee1): dopt-0eu is not in the input, so it has those of the region
# - flow log of vpc-0f1e2d3c4b5a69788 (fl-0000000000000000b): it goes to s3, and flow logs of a lab file go to log groups
# - flow log of tgw-0123456789abcdef0 (fl-0000000000000000d): it is not in the lab file
# - quantum link (qlink-0001): a lab file has none
# - transit gateway attachment (tgw-attach-0123456789abcdef1): a lab file has none
# - MAC addresses (7): a lab file does not say them
# - descriptions of security group rules (2): a lab file has none
# - descriptions of prefix list entries (1): a lab file has none
# - images and what runs in them (4): the instances run the image linux, with nothing of their own
# - instances.web-server-prod.flowLogs.format[3]: Cannot log "ecs-cluster-name": found an unknown field, wanted a field, one of version, account-id, interface-id, srcaddr, dstaddr, srcport, dstport, protocol, …

`

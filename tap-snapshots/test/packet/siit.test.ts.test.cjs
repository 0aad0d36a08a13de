/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/packet/siit.test.ts > TAP > toIpv4 and toIpv6 make of captured packets what tshark reads as such > must match snapshot 1`] = `
tcp6-syn: 1 | 1 |  |  |  |  |  |  |  | 
udp6: 1 |  | 1 |  |  |  |  |  |  | 
icmpv6-echo-request: 1 |  |  | 1 |  | 8 |  |  |  | 
icmpv6-echo-reply: 1 |  |  | 1 |  | 0 |  |  |  | 
icmpv6-packet-too-big: 1,1 |  |  | 1,2 |  | 3,8 |  | 1280 |  | 
icmpv6-port-unreachable: 1,1 |  | 1 | 1 |  | 3 |  |  |  | 
icmpv6-time-exceeded: 1,1 |  |  | 1,2 |  | 11,8 |  |  |  | 
tcp-syn:  | 1 |  |  |  |  |  |  |  | 
tcp-payload:  | 1 |  |  |  |  |  |  |  | 
udp:  |  | 1 |  |  |  |  |  |  | 
icmp-echo-request:  |  |  |  | 1 |  | 128 |  |  | 
icmp-echo-reply:  |  |  |  | 1 |  | 129 |  |  | 
icmp-fragmentation-needed:  |  |  |  | 1,2 |  | 2,128 |  | 1320 | 
icmp-port-unreachable:  |  | 1 |  | 1 |  | 1 |  |  | 
icmp-time-exceeded:  |  |  |  | 1,2 |  | 3,128 |  |  | 
`

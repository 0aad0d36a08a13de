/** What flow logs say of frames: which interface, accepted or rejected, with which addresses and sums. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import { type MacAddr, macFromWords } from '../../src/addr/mac.ts';
import { type LoggedFlow, readFlowLogRows } from '../../src/dataplane/flow/flow-log-table.ts';
import { FlowLogFiles, streamPath } from '../../src/engine/flow-log-files.ts';
import { formatFlow, formatGap, type LoggedInterface } from '../../src/engine/flow-log-lines.ts';
import { FlowLogClock } from '../../src/engine/flow-log-window.ts';
import { DEFAULT_FLOW_LOG_FIELDS, type FlowLogField } from '../../src/model/flow-logs.ts';
import type { EniId } from '../../src/model/ids.ts';
import { EMPTY_BYTES } from '../../src/packet/bytes.ts';
import { addressSum4 } from '../../src/packet/checksum.ts';
import { emitIcmp, icmpSize } from '../../src/packet/icmp.ts';
import { IPPROTO_ICMP, IPPROTO_TCP } from '../../src/packet/ipv4.ts';
import { emitTcp, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from '../../src/packet/tcp.ts';
import { PLAIN, superFrame } from '../packet/super-frames.ts';
import { Bench, ip } from './bench.ts';
import { arpFrame, type Ends, echoFrame, ipv4Frame, ipv6Frame, udpFrame } from './frames.ts';

const SHORT: readonly FlowLogField[] = [
  'flow-direction',
  'action',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
];

type Options = ConstructorParameters<typeof Bench>[0];

/** Two hosts in subnet a, one in b; the whole VPC is logged. */
function bench(options: Options = {}): Bench {
  const made = new Bench(options);
  made.subnet('a', '10.0.1.0/24');
  made.subnet('b', '10.0.2.0/24');
  made.host('r1', 'a', '10.0.1.11');
  made.host('r2', 'a', '10.0.1.12', { secondary: ['10.0.1.77'] });
  made.host('c', 'b', '10.0.2.20');
  made.lab.flowLog(made.vpcId);
  made.publish();
  return made;
}

function ends(made: Bench, from: string, to: string): Ends {
  return {
    sourceMac: made.mac(from),
    destinationMac: made.routerMac(from),
    source: made.address(from),
    destination: made.address(to),
  };
}

function tcpFrame(
  between: Ends,
  flags: number,
  ports: readonly [number, number] = [40_000, 80],
  payload: Uint8Array = EMPTY_BYTES,
): Uint8Array {
  const segment = new Uint8Array(20 + payload.length);
  const [sourcePort, destinationPort] = ports;
  const header = { sequence: 1, acknowledgement: 1, window: 500, urgentPointer: 0 };
  emitTcp(
    { ...header, sourcePort, destinationPort, flags, options: EMPTY_BYTES, payload },
    addressSum4(between.source, between.destination),
    segment,
    0,
  );
  return ipv4Frame(between, IPPROTO_TCP, segment);
}

function echoReplyFrame(between: Ends): Uint8Array {
  const reply = { kind: 'echo-reply', identifier: 7, sequence: 1, payload: EMPTY_BYTES } as const;
  const message = new Uint8Array(icmpSize(reply));
  emitIcmp(reply, message, 0);
  return ipv4Frame(between, IPPROTO_ICMP, message);
}

/** Ends the window. @returns its records, each behind the name of the host. */
function records(made: Bench, fields = SHORT, hosts = ['r1', 'r2', 'c']): string[] {
  const { accountId, region } = made.lab.snapshot;
  return readFlowLogRows(made.state.flowLogs.take(), made.nowMs).map((row) => {
    const host = hosts.find((name) => made.mac(name) === row.mac) ?? 'nobody';
    if (row.isSkipped) return `${host} SKIPPED`;
    return `${host} ${formatFlow(fields, { eni: made.eni(host), accountId, region }, row)}`;
  });
}

t.test('[FL-1] Fabric.onFrame logs nothing of interfaces that no flow log names', async (t) => {
  const made = new Bench();
  made.subnet('a', '10.0.1.0/24');
  made.host('r1', 'a', '10.0.1.11');
  made.host('r2', 'a', '10.0.1.12');
  made.host('c', 'a', '10.0.1.20');
  const frame = (): Uint8Array => udpFrame(ends(made, 'r1', 'r2'));
  made.inject('r1', frame());
  t.same(records(made), []);
  made.lab.flowLog(made.vpcId, {
    ResourceIds: [made.eni('r2').eniId],
    ResourceType: 'NetworkInterface',
  });
  made.publish();
  made.inject('r1', frame());
  t.same(records(made), ['r2 ingress ACCEPT 10.0.1.11 10.0.1.12 5000 6000 17 1']);
  made.lab.flowLog(made.vpcId, { ResourceIds: [made.subnetId('a')], ResourceType: 'Subnet' });
  made.publish();
  made.inject('r1', frame());
  t.same(records(made), [
    'r1 egress ACCEPT 10.0.1.11 10.0.1.12 5000 6000 17 1',
    'r2 ingress ACCEPT 10.0.1.11 10.0.1.12 5000 6000 17 1',
  ]);
});

t.test('[FL-3] Fabric.onFrame logs ACCEPT at both ends, the same on a flow hit', async (t) => {
  const made = bench();
  for (let count = 0; count < 3; count++) {
    t.equal(made.inject('r1', udpFrame(ends(made, 'r1', 'c'))).counter, 'forwarded');
  }
  t.ok(made.state.flows.hits >= 2);
  t.same(records(made), [
    'r1 egress ACCEPT 10.0.1.11 10.0.2.20 5000 6000 17 3',
    'c ingress ACCEPT 10.0.1.11 10.0.2.20 5000 6000 17 3',
  ]);
  t.same(records(made), [], 'a window that was taken is empty');
});

t.test('[FL-3] Fabric.onFrame logs REJECT where a group or an ACL denies', async (t) => {
  const deny = (made: Bench, Egress: boolean): void => {
    const [acl] = made.lab.snapshot.networkAcls.keys();
    made.act('CreateNetworkAclEntry', {
      NetworkAclId: acl,
      Egress,
      RuleNumber: 1,
      Protocol: '17',
      PortRange: { From: 6000, To: 6000 },
      RuleAction: 'deny',
      CidrBlock: '0.0.0.0/0',
    });
  };
  const sent = 'r1 egress ACCEPT 10.0.1.11 10.0.2.20 5000 6000 17 1';
  const rejected = 'c ingress REJECT 10.0.1.11 10.0.2.20 5000 6000 17 1';
  const cases: readonly [string, (made: Bench) => void, string, readonly string[]][] = [
    [
      'groups of the sender',
      (made) =>
        made.act('RevokeSecurityGroupEgress', {
          GroupId: made.lab.defaultGroup(made.vpcId),
          IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
        }),
      'SG_HAS_NO_RULES',
      ['r1 egress REJECT 10.0.1.11 10.0.2.20 5000 6000 17 1'],
    ],
    [
      'ACL of the sender',
      (made) => deny(made, true),
      'SUBNET_ACL_RESTRICTION',
      ['r1 egress REJECT 10.0.1.11 10.0.2.20 5000 6000 17 1'],
    ],
    ['ACL of the target', (made) => deny(made, false), 'SUBNET_ACL_RESTRICTION', [sent, rejected]],
    [
      'groups of the target',
      (made) => {
        const group = made.lab.group(made.vpcId, 'closed');
        const NetworkInterfaceId = made.eni('c').eniId;
        made.act('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, Groups: [group] });
      },
      'SG_HAS_NO_RULES',
      [sent, rejected],
    ],
  ];
  for (const [who, prepare, counter, wanted] of cases) {
    const made = bench();
    prepare(made);
    t.equal(made.inject('r1', udpFrame(ends(made, 'r1', 'c'))).counter, counter, who);
    t.same(records(made), wanted, who);
  }
});

t.test('[FL-3] Fabric.onFrame logs REJECT for what comes after a connection closed', async (t) => {
  const made = bench({ openGroup: false });
  const there = ends(made, 'r1', 'c');
  const back = ends(made, 'c', 'r1');
  // The default group lets its own members in only.
  const GroupId = made.lab.group(made.vpcId, 'server');
  made.lab.allow(GroupId, {
    IpProtocol: 'tcp',
    FromPort: 80,
    ToPort: 80,
    IpRanges: [{ CidrIp: '0.0.0.0/0' }],
  });
  const NetworkInterfaceId = made.eni('c').eniId;
  made.act('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, Groups: [GroupId] });
  const ports = [80, 40_000] as const;
  made.inject('r1', tcpFrame(there, TCP_SYN));
  made.inject('c', tcpFrame(back, TCP_SYN | TCP_ACK, ports));
  made.inject('r1', tcpFrame(there, TCP_RST));
  records(made);
  made.nowMs += 60_000;
  t.equal(made.inject('c', tcpFrame(back, TCP_ACK, ports)).counter, 'ENI_SG_RULES_MISMATCH');
  t.same(records(made), [
    'c egress ACCEPT 10.0.2.20 10.0.1.11 80 40000 6 1',
    'r1 ingress REJECT 10.0.2.20 10.0.1.11 80 40000 6 1',
  ]);
});

t.test(
  '[FL-3] Fabric.onFrame logs ACCEPT at the sender alone for what is lost later',
  async (t) => {
    const made = bench();
    made.unplug('r2');
    const lost: readonly (readonly [string, Ipv4Addr])[] = [
      ['NO_ROUTE_TO_DESTINATION', ip('198.51.100.1')],
      ['NO_POSSIBLE_DESTINATION', ip('10.0.1.99')],
      ['TARGET_NOT_RUNNING', ip('10.0.1.12')],
    ];
    made.act('RevokeSecurityGroupEgress', {
      GroupId: made.lab.defaultGroup(made.vpcId),
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    made.act('AuthorizeSecurityGroupEgress', {
      GroupId: made.lab.defaultGroup(made.vpcId),
      IpPermissions: [
        { IpProtocol: 'udp', FromPort: 6000, ToPort: 6000, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      ],
    });
    for (const [counter, destination] of lost) {
      // A rejection before it must not show through.
      const rejected = udpFrame(ends(made, 'r1', 'c'), [5000, 22]);
      t.equal(made.inject('r1', rejected).counter, 'ENI_SG_RULES_MISMATCH');
      t.match(records(made, SHORT, ['r1', 'c']), [/^r1 egress REJECT /]);
      const frame = udpFrame({ ...ends(made, 'r1', 'c'), destination });
      t.equal(made.inject('r1', frame).counter, counter);
      t.match(records(made, SHORT, ['r1', 'c']), [/^r1 egress ACCEPT /], counter);
    }
  },
);

t.test('[FL-8] Fabric.onFrame logs nothing that no filter looks at', async (t) => {
  const made = bench();
  const to = ends(made, 'r1', 'c');
  const router = ip('10.0.1.1');
  const frames: readonly (readonly [string, Uint8Array])[] = [
    ['answered', arpFrame(made.mac('r1'), made.address('r1'), router)],
    ['answered', echoFrame({ ...to, destination: router })],
    ['ROUTER_HAS_NO_SERVICE', udpFrame({ ...to, destination: router }, [5000, 53])],
    [
      'LINK_LOCAL_SERVICE_ABSENT',
      udpFrame({ ...to, destination: ip('169.254.169.254') }, [5000, 80]),
    ],
    [
      'LINK_LOCAL_SERVICE_ABSENT',
      udpFrame({ ...to, destination: ip('169.254.169.123') }, [5000, 123]),
    ],
    ['LINK_LOCAL_SERVICE_ABSENT', udpFrame({ ...to, destination: ip('10.0.0.2') }, [5000, 53])],
    ['ENI_SOURCE_DEST_CHECK_RESTRICTION', udpFrame({ ...to, source: ip('192.0.2.1') })],
    ['SPOOFED_MAC', udpFrame({ ...to, sourceMac: made.mac('c') })],
    [
      'MULTICAST_NOT_FORWARDED',
      udpFrame({
        ...to,
        destination: ip('224.0.0.5'),
        destinationMac: macFromWords(0x0100, 0x5e000005),
      }),
    ],
  ];
  let port = 7000;
  for (const [counter, frame] of frames) {
    // Decided by the layers, then remembered; what filters said of another must not show through.
    for (const attempt of [1, 2]) {
      port++;
      t.equal(made.inject('r1', udpFrame(to, [port, 6000])).counter, 'forwarded');
      records(made);
      t.equal(made.inject('r1', frame.slice()).counter, counter);
      t.same(records(made), [], `${counter} ${attempt}`);
    }
  }
});

t.test('[FL-8] Fabric.onFrame logs no malformed frame after one that was rejected', async (t) => {
  const made = bench();
  made.act('RevokeSecurityGroupEgress', {
    GroupId: made.lab.defaultGroup(made.vpcId),
    IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
  });
  made.inject('r1', udpFrame(ends(made, 'r1', 'c')));
  records(made);
  const later = udpFrame(ends(made, 'r1', 'c'), [1, 2], { fragmentOffset: 8 });
  t.equal(made.inject('r1', later).counter, 'FRAGMENT_WITHOUT_FIRST');
  t.equal(made.inject('r1', new Uint8Array(13)).counter, 'TRUNCATED_ETHERNET');
  const virtioHeader = Uint8Array.of(0, 99);
  t.equal(
    made.inject('r1', udpFrame(ends(made, 'r1', 'c')), { virtioHeader }).counter,
    'BAD_VIRTIO_HEADER',
  );
  t.same(records(made), []);
});

t.test(
  '[FL-4] formatFlow shows the primary address of the interface, and the packet’s',
  async (t) => {
    const made = bench();
    const fields: FlowLogField[] = ['srcaddr', 'dstaddr', 'pkt-srcaddr', 'pkt-dstaddr'];
    made.inject('r1', udpFrame({ ...ends(made, 'r1', 'r2'), destination: ip('10.0.1.77') }));
    t.same(records(made, fields), [
      'r1 10.0.1.11 10.0.1.77 10.0.1.11 10.0.1.77',
      'r2 10.0.1.11 10.0.1.12 10.0.1.11 10.0.1.77',
    ]);
    made.inject('r2', udpFrame({ ...ends(made, 'r2', 'c'), source: ip('10.0.1.77') }));
    t.same(records(made, fields), [
      'r2 10.0.1.12 10.0.2.20 10.0.1.77 10.0.2.20',
      'c 10.0.1.77 10.0.2.20 10.0.1.77 10.0.2.20',
    ]);
    // An appliance forwards what is for others: AWS shows its own address there too.
    made.checkOff(made.eni('r2').eniId);
    made.act('CreateRoute', {
      RouteTableId: made.lab.mainTable(made.vpcId),
      DestinationCidrBlock: '203.0.113.0/24',
      NetworkInterfaceId: made.eni('r2').eniId,
    });
    made.inject('c', udpFrame({ ...ends(made, 'c', 'r2'), destination: ip('203.0.113.5') }));
    t.same(records(made, fields), [
      'c 10.0.2.20 203.0.113.5 10.0.2.20 203.0.113.5',
      'r2 10.0.2.20 10.0.1.12 10.0.2.20 203.0.113.5',
    ]);
  },
);

t.test(
  '[FL-5] FlowLogTable ORs FIN, SYN, RST and SYN-ACK of a window, no other flag',
  async (t) => {
    const cases: readonly (readonly [readonly number[], number])[] = [
      [[TCP_SYN], 2],
      [[TCP_SYN | TCP_ACK, TCP_ACK], 18],
      [[TCP_SYN, TCP_ACK, TCP_FIN | TCP_ACK], 3],
      [[TCP_SYN | TCP_ACK, TCP_PSH | TCP_ACK, TCP_FIN | TCP_ACK], 19],
      [[TCP_RST | TCP_ACK], 4],
      [[TCP_ACK, TCP_PSH | TCP_ACK], 0],
      // SYN with ECE and CWR.
      [[TCP_SYN | 0xc0], 2],
    ];
    for (const [packets, wanted] of cases) {
      const made = bench();
      for (const flags of packets) made.inject('r1', tcpFrame(ends(made, 'r1', 'c'), flags));
      const found = records(made, ['tcp-flags', 'packets']);
      t.same(found, [`r1 ${wanted} ${packets.length}`, `c ${wanted} ${packets.length}`]);
    }
  },
);

t.test('[FL-5] FlowLogTable gives ICMP the ports 0 and counts whole IP packets', async (t) => {
  const made = bench();
  const frame = echoFrame(ends(made, 'r1', 'c'));
  made.inject('r1', frame.slice());
  made.nowMs += 2500;
  made.inject('r1', frame.slice());
  const start = 1_600_000_000;
  t.same(records(made, ['srcport', 'dstport', 'protocol', 'packets', 'bytes', 'start', 'end']), [
    `r1 0 0 1 2 ${2 * (frame.length - 14)} ${start} ${start + 2}`,
    `c 0 0 1 2 ${2 * (frame.length - 14)} ${start} ${start + 2}`,
  ]);
});

t.test(
  '[FL-5] Fabric.onFrame counts the segments of a super-frame with their headers',
  async (t) => {
    const made = bench();
    const payload = new Uint8Array(4000);
    const frame = tcpFrame(ends(made, 'r1', 'c'), TCP_ACK, [40_000, 5001], payload);
    const virtioHeader = superFrame(PLAIN).slice(0, 12);
    t.equal(made.inject('r1', frame, { virtioHeader }).counter, 'forwarded');
    t.same(records(made, ['packets', 'bytes']), ['r1 3 4120', 'c 3 4120']);
  },
);

t.test(
  '[FL-6] formatFlow gives a way to what goes to an interface of the VPC, to no other',
  async (t) => {
    const made = bench();
    made.inject('r1', udpFrame(ends(made, 'r1', 'c')));
    t.same(records(made, ['flow-direction', 'traffic-path']), ['r1 egress 1', 'c ingress -']);
    made.inject('r1', udpFrame({ ...ends(made, 'r1', 'c'), destination: ip('198.51.100.1') }));
    t.same(records(made, ['flow-direction', 'traffic-path']), ['r1 egress -']);
  },
);

t.test(
  '[FL-7] a ping that a group lets in and an ACL lets not out: ACCEPT and REJECT',
  async (t) => {
    const made = bench({ openGroup: false });
    const GroupId = made.lab.defaultGroup(made.vpcId);
    const IpRanges = [{ CidrIp: '0.0.0.0/0' }];
    made.lab.allow(GroupId, { IpProtocol: 'icmp', FromPort: -1, ToPort: -1, IpRanges });
    const [acl] = made.lab.snapshot.networkAcls.keys();
    made.act('CreateNetworkAclEntry', {
      NetworkAclId: acl,
      Egress: true,
      RuleNumber: 1,
      Protocol: '1',
      IcmpTypeCode: { Type: 0, Code: -1 },
      RuleAction: 'deny',
      CidrBlock: '0.0.0.0/0',
    });
    t.equal(made.inject('r1', echoFrame(ends(made, 'r1', 'c'))).counter, 'forwarded');
    const reply = echoReplyFrame(ends(made, 'c', 'r1'));
    t.equal(made.inject('c', reply).counter, 'SUBNET_ACL_RESTRICTION');
    t.same(
      records(made).filter((line) => line.startsWith('c ')),
      [
        'c ingress ACCEPT 10.0.1.11 10.0.2.20 0 0 1 1',
        'c egress REJECT 10.0.2.20 10.0.1.11 0 0 1 1',
      ],
    );
  },
);

t.test('[FL-1] formatFlow writes IPv6 as AWS does', async (t) => {
  const made = new Bench();
  made.ipv6();
  made.subnet('a', '10.0.1.0/24', '2001:db8:0:100::/64');
  made.host('r1', 'a', '10.0.1.11', { ipv6: ['2001:db8:0:100::11'] });
  made.host('c', 'a', '10.0.1.20', { ipv6: ['2001:db8:0:100::20', '2001:db8:0:100::21'] });
  made.lab.flowLog(made.vpcId);
  made.publish();
  const link = { sourceMac: made.mac('r1'), destinationMac: made.mac('c') };
  const frame = ipv6Frame(link, '2001:db8:0:100::11', '2001:db8:0:100::21');
  made.inject('r1', frame);
  t.same(records(made, ['type', 'srcaddr', 'dstaddr', 'protocol', 'bytes'], ['r1', 'c']), [
    'r1 IPv6 2001:db8:0:100::11 2001:db8:0:100::21 59 40',
    'c IPv6 2001:db8:0:100::11 2001:db8:0:100::21 59 40',
  ]);
});

t.test('[FL-3] FlowLogTable is bounded: what finds no room marks its interface once', async (t) => {
  const made = bench({ flowLogCapacity: 3 });
  for (const port of [1, 2, 3]) made.inject('r1', udpFrame(ends(made, 'r1', 'c'), [port, 6000]));
  made.inject('r1', udpFrame(ends(made, 'r1', 'c'), [1, 6000]));
  t.same(records(made, ['flow-direction', 'srcport', 'packets']), [
    'r1 egress 1 2',
    'c ingress 1 2',
    'r1 egress 2 1',
    'c SKIPPED',
    'r1 SKIPPED',
  ]);
  made.inject('r1', udpFrame(ends(made, 'r1', 'c'), [9, 6000]));
  t.equal(records(made).length, 2, 'the next window has room');
});

t.test('[FL-2] FlowLogClock ends a window when its time is over, or when it is cut', async (t) => {
  const made = bench();
  const clock = new FlowLogClock(made.state.flowLogs);
  const spanOf = (nowMs: number, length = 60_000): unknown => {
    const window = clock.tick(length, nowMs);
    return window === null ? null : [window.startMs, window.endMs, window.isWhole];
  };
  t.equal(made.program().flowLogWindowMs, 60_000);
  t.equal(clock.cut(5), null);
  t.equal(spanOf(0, 0), null);
  t.equal(spanOf(1000), null);
  t.equal(spanOf(60_999), null);
  t.same(spanOf(61_000), [1000, 61_000, true]);
  const cut = clock.cut(70_000);
  t.same([cut?.startMs, cut?.endMs, cut?.isWhole], [61_000, 70_000, false]);
  t.equal(spanOf(200_000), null, 'a cut waits for the next program');
  t.equal(spanOf(200_001, 0), null);
  t.equal(spanOf(900_000), null, 'when nothing was logged, the window begins anew');
});

/** Every file below a folder, with its lines. */
function filesIn(folder: string): Record<string, string[]> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    names
      .filter((name) => name.endsWith('.log'))
      .map((name) => [
        name,
        readFileSync(path.join(folder, name), 'utf8').split('\n').slice(0, -1),
      ]),
  );
}

function newFiles(t: Test): { readonly files: FlowLogFiles; readonly folder: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'vpclab-flow-logs-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return { files: new FlowLogFiles(folder), folder };
}

t.test(
  '[FL-1] FlowLogFiles writes the default format, and the fields first for a bucket',
  async (t) => {
    const made = bench();
    const flowLogId = made.lab.flowLog(made.vpcId, {
      LogDestinationType: 's3',
      LogDestination: 'arn:aws:s3:::my-bucket/lab',
      LogGroupName: undefined,
      LogFormat:
        '${version} ${interface-id} ${vpc-id} ${subnet-id} ${instance-id} ${action} ${region} ${az-id}',
      TrafficType: 'REJECT',
    });
    made.publish();
    const { files, folder } = newFiles(t);
    files.use(made.lab.snapshot, new Map([[made.eni('c').eniId, 0]]));
    made.inject('r1', udpFrame(ends(made, 'r1', 'c')));
    const closed = made.lab.group(made.vpcId, 'closed');
    const eniId = made.eni('c').eniId;
    made.act('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId: eniId, Groups: [closed] });
    made.inject('r1', udpFrame(ends(made, 'r1', 'c'), [5000, 22]));
    const rows = made.state.flowLogs.take();
    files.write({ startMs: made.nowMs, endMs: made.nowMs + 60_000, isWhole: true, rows });
    const written = filesIn(folder);
    const times = '1600000000 1600000000';
    t.same(written[`cloud-watch-logs/flows/${eniId}-all.log`], [
      `2 123456789012 ${eniId} 10.0.1.11 10.0.2.20 5000 6000 17 1 34 ${times} ACCEPT OK`,
      `2 123456789012 ${eniId} 10.0.1.11 10.0.2.20 5000 22 17 1 34 ${times} REJECT OK`,
    ]);
    const object = `s3/my-bucket/lab/AWSLogs/123456789012/vpcflowlogs/us-east-1/${flowLogId}.log`;
    const where = `${made.vpcId} ${made.subnetId('b')} ${made.instanceId('c')}`;
    t.same(written[object], [
      'version interface-id vpc-id subnet-id instance-id action region az-id',
      `4 ${eniId} ${where} REJECT us-east-1 -`,
    ]);
  },
);

t.test(
  '[FL-3] FlowLogFiles writes NODATA for silence, SKIPDATA for what found no room',
  async (t) => {
    const made = bench({ flowLogCapacity: 1 });
    const { files, folder } = newFiles(t);
    const plugged = new Map(['r1', 'c'].map((name) => [made.eni(name).eniId, 0]));
    files.use(made.lab.snapshot, plugged);
    const window = (isWhole: boolean): void => {
      const span = { startMs: 1_431_280_876_000, endMs: 1_431_280_934_000 };
      files.write({ ...span, isWhole, rows: made.state.flowLogs.take() });
    };
    window(false);
    window(true);
    made.inject('r1', udpFrame(ends(made, 'r1', 'c')));
    window(true);
    const gap = (name: string, status: string): string =>
      `2 123456789012 ${made.eni(name).eniId} - - - - - - - 1431280876 1431280934 - ${status}`;
    const written = filesIn(folder);
    t.same(written[`cloud-watch-logs/flows/${made.eni('c').eniId}-all.log`], [
      gap('c', 'NODATA'),
      gap('c', 'SKIPDATA'),
    ]);
    const [first, second] = written[`cloud-watch-logs/flows/${made.eni('r1').eniId}-all.log`] ?? [];
    t.equal(first, gap('r1', 'NODATA'));
    t.match(second, / ACCEPT OK$/);
    t.equal(Object.keys(written).length, 2, 'r2 does not run');
  },
);

t.test(
  'FlowLogFiles.mustCut tells when what passed so far belongs to other flow logs',
  async (t) => {
    const made = bench();
    const { files } = newFiles(t);
    t.equal(files.mustCut(made.lab.snapshot), false, 'nothing was logged');
    files.use(made.lab.snapshot, new Map());
    t.equal(files.mustCut(made.lab.snapshot), false, 'nothing has changed');
    made.host('new', 'a', '10.0.1.50');
    t.equal(files.mustCut(made.lab.snapshot), false, 'an interface joins');
    const own = made.lab.flowLog(made.vpcId, { LogGroupName: 'others' });
    t.equal(files.mustCut(made.lab.snapshot), true, 'a flow log begins');
    files.use(made.lab.snapshot, new Map());
    made.act('DeleteFlowLogs', { FlowLogIds: [own] });
    t.equal(files.mustCut(made.lab.snapshot), true, 'a flow log ends');
    files.use(made.lab.snapshot, new Map());
    made.act('TerminateInstances', { InstanceIds: [made.instanceId('new')] });
    t.equal(files.mustCut(made.lab.snapshot), true, 'an interface goes');
  },
);

t.test('streamPath never leaves the folder, whatever the destination is called', async (t) => {
  const made = bench();
  const [log] = made.lab.snapshot.flowLogs.values();
  if (log === undefined) throw new Error('no flow log');
  const on = { eni: made.eni('c'), accountId: '123456789012', region: 'us-east-1' };
  const file = `${on.eni.eniId}-all.log`;
  const pathOf = (destination: string): string => streamPath({ ...log, destination }, on);
  for (const [destination, wanted] of [
    ['/aws/vpc/flow', 'aws/vpc/flow'],
    ['../../etc', '%2E%2E/%2E%2E/etc'],
    ['./a//b', '%2E/a/b'],
    ['a\u0000b', 'a%00b'],
  ] as const) {
    t.equal(pathOf(destination), `cloud-watch-logs/${wanted}/${file}`);
  }
  for (const destination of ['x'.repeat(512), 'a/'.repeat(400)]) {
    t.match(pathOf(destination), /^cloud-watch-logs\/[0-9a-f]{64}\/eni-[0-9a-f]+-all\.log$/);
  }
});

const AWS_FLOW: LoggedFlow = {
  isSkipped: false,
  mac: 0 as MacAddr,
  direction: 'ingress',
  action: 'ACCEPT',
  family: 4,
  source: ip('172.31.16.139'),
  destination: ip('172.31.16.21'),
  sourcePort: 20_641,
  destinationPort: 22,
  protocol: 6,
  packets: 20,
  bytes: 4249,
  startMs: 1_418_530_010_000,
  endMs: 1_418_530_070_999,
  tcpFlags: 0,
  path: 0,
};

t.test('[FL-1] [FL-5] formatFlow writes the examples of AWS’s documentation', async (t) => {
  const made = bench();
  const on = (eniId: EniId, address: string): LoggedInterface => ({
    eni: {
      ...made.eni('c'),
      eniId,
      addresses: [ip(address)],
      vpcId: 'vpc-abcdefab012345678',
      subnetId: 'subnet-aaaaaaaa012345678',
    },
    accountId: '123456789010',
    region: 'us-east-1',
  });
  const place = on('eni-1235b8ca123456789', '172.31.16.21');
  t.equal(
    formatFlow(DEFAULT_FLOW_LOG_FIELDS, place, AWS_FLOW),
    '2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK',
  );
  const span = { startMs: 1_431_280_876_000, endMs: 1_431_280_934_000 };
  t.equal(
    formatGap(DEFAULT_FLOW_LOG_FIELDS, place, 'NODATA', span),
    '2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA',
  );
  t.equal(
    formatGap(DEFAULT_FLOW_LOG_FIELDS, on('eni-11111111aaaaaaaaa', '10.0.0.1'), 'SKIPDATA', span),
    '2 123456789010 eni-11111111aaaaaaaaa - - - - - - - 1431280876 1431280934 - SKIPDATA',
  );
  const custom =
    'version vpc-id subnet-id interface-id account-id type srcaddr dstaddr srcport dstport pkt-srcaddr pkt-dstaddr protocol bytes packets start end action tcp-flags log-status';
  const flow: LoggedFlow = {
    ...AWS_FLOW,
    direction: 'egress',
    source: ip('10.0.0.62'),
    destination: ip('52.213.180.42'),
    sourcePort: 5001,
    destinationPort: 43_418,
    packets: 7,
    bytes: 376,
    startMs: 1_566_848_933_000,
    endMs: 1_566_849_113_000,
    tcpFlags: 19,
  };
  t.equal(
    formatFlow(custom.split(' ') as FlowLogField[], on('eni-1235b8ca123456789', '10.0.0.62'), flow),
    '3 vpc-abcdefab012345678 subnet-aaaaaaaa012345678 eni-1235b8ca123456789 123456789010 IPv4 10.0.0.62 52.213.180.42 5001 43418 10.0.0.62 52.213.180.42 6 376 7 1566848933 1566849113 ACCEPT 19 OK',
  );
});

t.test(
  'FlowLogFiles goes on when a file cannot be written, and begins it when it can',
  async (t) => {
    const made = bench();
    const { files, folder } = newFiles(t);
    const blocker = path.join(folder, 'cloud-watch-logs');
    const eniId = made.eni('c').eniId;
    const warnings: string[] = [];
    const warned = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', warned);
    t.teardown(() => process.off('warning', warned));
    writeFileSync(blocker, 'a file where a folder is to be');
    const span = { startMs: made.nowMs, endMs: made.nowMs + 60_000, isWhole: true };
    files.use(made.lab.snapshot, new Map([[eniId, 0]]));
    files.write({ ...span, rows: made.state.flowLogs.take() });
    await new Promise(setImmediate);
    t.match(warnings, [/^Cannot write 0 records of fl-/, /^Cannot write 1 records of fl-/]);
    rmSync(blocker);
    files.write({ ...span, rows: made.state.flowLogs.take() });
    t.match(filesIn(folder), { [`cloud-watch-logs/flows/${eniId}-all.log`]: [/NODATA$/] });
  },
);

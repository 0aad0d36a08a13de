/** Network insights on top of `explain`: the same verdicts, in Reachability Analyzer's words. */
import assert from 'node:assert/strict';
import t from 'tap';
import { addAwsPrefixLists } from '../../src/actions/filters/aws-prefix-lists.ts';
import { explain } from '../../src/engine/explain/explain.ts';
import { findPath } from '../../src/engine/explain/finding.ts';
import { at, listAt, textAt } from '../actions/lab.ts';
import { Bench, ip } from './bench.ts';
import { natBench } from './nat-bench.ts';

const TCP = 6;
const UDP = 17;
const OVERLAY = '192.0.2.10';

/** Two subnets, r1 and r2 in the first, c in the second, all in the default group. */
function bench(openGroup: boolean): Bench {
  const made = new Bench({ openGroup });
  made.subnet('a', '10.0.1.0/24');
  made.subnet('b', '10.0.2.0/24');
  made.host('r1', 'a', '10.0.1.11');
  made.host('r2', 'a', '10.0.1.12');
  made.host('c', 'b', '10.0.2.20');
  made.lab.observer = {
    ...made.lab.observer,
    findPath: (question) => findPath(made.fabric, made.program(), question),
  };
  return made;
}

function analyze(made: Bench, path: object): unknown {
  const created = made.lab.act('CreateNetworkInsightsPath', { Protocol: 'tcp', ...path });
  const NetworkInsightsPathId = textAt(created, 'NetworkInsightsPath', 'NetworkInsightsPathId');
  const started = made.lab.act('StartNetworkInsightsAnalysis', { NetworkInsightsPathId });
  assert(at(started, 'NetworkInsightsAnalysis', 'Status') === 'running');
  const output = made.lab.act('DescribeNetworkInsightsAnalyses', { NetworkInsightsPathId });
  return at(output, 'NetworkInsightsAnalyses', 0);
}

function idsOf(analysis: unknown, list: string): unknown[] {
  return listAt(analysis, list).map((each) => at(each, 'Component', 'Id'));
}

function codesOf(analysis: unknown): unknown[] {
  return listAt(analysis, 'Explanations').map((each) => at(each, 'ExplanationCode'));
}

/** Takes c out of the default group: its own lets in TCP 80 and 81 from subnet a. */
function guard(made: Bench): string {
  const group = made.lab.group(made.vpcId, 'web');
  made.act('ModifyNetworkInterfaceAttribute', {
    NetworkInterfaceId: made.eni('c').eniId,
    Groups: [group],
  });
  const IpRanges = [{ CidrIp: '10.0.1.0/24' }];
  made.lab.allow(group, { IpProtocol: 'tcp', FromPort: 80, ToPort: 81, IpRanges });
  made.publish();
  return group;
}

/** An ACL for subnet b that lets traffic in, and none out. */
function closeWayBack(made: Bench): string {
  const acl = made.lab.acl(made.vpcId);
  made.act('CreateNetworkAclEntry', {
    NetworkAclId: acl,
    ...{ RuleNumber: 50, Protocol: '-1', Egress: false, RuleAction: 'allow' },
    CidrBlock: '0.0.0.0/0',
  });
  const [association] = [...made.lab.snapshot.networkAcls.values()].flatMap(({ associations }) =>
    associations.filter(({ subnetId }) => subnetId === made.subnetId('b')),
  );
  const AssociationId = association?.associationId;
  made.act('ReplaceNetworkAclAssociation', { AssociationId, NetworkAclId: acl });
  return acl;
}

function addRoute(made: Bench, target: object): void {
  const RouteTableId = made.lab.mainTable(made.vpcId);
  made.act('CreateRoute', { RouteTableId, DestinationCidrBlock: '192.0.2.0/24', ...target });
}

t.test('[RCH-1] an analysis has the verdict of explain', async (t) => {
  const networks: readonly (readonly [name: string, change: (made: Bench) => void])[] = [
    ['everything is open', (made) => made.publish()],
    ['a group lets two ports in', guard],
    ['an ACL stops the way back', closeWayBack],
    [
      'a route leads to an appliance that checks',
      (made) => addRoute(made, { NetworkInterfaceId: made.eni('r2').eniId }),
    ],
    [
      'a route leads to an appliance',
      (made) => {
        made.checkOff(made.eni('r2').eniId);
        addRoute(made, { NetworkInterfaceId: made.eni('r2').eniId });
      },
    ],
    [
      'a route leads nowhere',
      (made) => addRoute(made, { NetworkInterfaceId: made.lab.eni(made.subnetId('a')) }),
    ],
    [
      'a route leads to a gateway',
      (made) => addRoute(made, { GatewayId: made.lab.internetGateway(made.vpcId) }),
    ],
    [
      'an instance has stopped',
      (made) => {
        made.act('StopInstances', { InstanceIds: [made.instanceId('c')] });
        made.unplug('c');
      },
    ],
  ];
  const targets = ['10.0.1.12', '10.0.1.1', '10.0.1.99', '10.0.1.255', '10.0.2.20', '10.0.2.99'];
  for (const [name, change] of networks) {
    const made = bench(true);
    change(made);
    for (const to of [...targets, OVERLAY]) {
      for (const [Protocol, protocol] of [
        ['tcp', TCP],
        ['udp', UDP],
      ] as const) {
        for (const port of [80, 443]) {
          const { eniId } = made.eni('r1');
          const addresses = { family: 4, source: ip('10.0.1.11'), destination: ip(to) } as const;
          const question = { eniId, addresses, protocol, port };
          const { isReachable } = explain(made.lab.snapshot, made.program(), question);
          const path = { Source: eniId, DestinationIp: to, Protocol, DestinationPort: port };
          const analysis = analyze(made, path);
          const text = `${name}: ${Protocol} ${to} ${port}`;
          t.equal(at(analysis, 'NetworkPathFound'), isReachable, text);
          t.equal(at(analysis, 'Status'), 'succeeded');
          t.equal(codesOf(analysis).length > 0, !isReachable, `${text}: why`);
        }
      }
    }
  }
});

t.test('[RCH-1] the components of a path, there and back', async (t) => {
  const made = bench(true);
  const group = guard(made);
  const [r1, c] = [made.eni('r1').eniId, made.eni('c').eniId];
  const [i1, ic] = [made.instanceId('r1'), made.instanceId('c')];
  const analysis = analyze(made, { Source: i1, Destination: ic, DestinationPort: 80 });
  t.equal(at(analysis, 'NetworkPathFound'), true);
  const own = made.lab.defaultGroup(made.vpcId);
  const acl = [...made.lab.snapshot.networkAcls.keys()][0];
  const table = made.lab.mainTable(made.vpcId);
  t.same(idsOf(analysis, 'ForwardPathComponents'), [i1, r1, own, table, acl, acl, group, c, ic]);
  t.same(idsOf(analysis, 'ReturnPathComponents'), [ic, c, table, acl, acl, own, r1, i1]);
  const forward = listAt(analysis, 'ForwardPathComponents');
  t.match(forward[1], {
    SequenceNumber: 2,
    Subnet: { Id: made.subnetId('a') },
    Vpc: { Id: made.vpcId },
    OutboundHeader: {
      SourceAddresses: ['10.0.1.11/32'],
      DestinationAddresses: ['10.0.2.20/32'],
      DestinationPortRanges: [{ From: 80, To: 80 }],
      Protocol: '6',
    },
  });
  t.match(forward[3], {
    RouteTableRoute: { DestinationCidr: '10.0.0.0/16', GatewayId: 'local', State: 'active' },
  });
  t.match(forward[4], { AclRule: { RuleAction: 'allow', Egress: true, Protocol: 'all' } });
  t.match(forward[5], { AclRule: { RuleNumber: 100, Egress: false } });
  t.match(forward[6], {
    Component: { Arn: `arn:aws:ec2:us-east-1:123456789012:security-group/${group}` },
    SecurityGroupRule: {
      Cidr: '10.0.1.0/24',
      Direction: 'ingress',
      PortRange: { From: 80, To: 81 },
      Protocol: 'tcp',
    },
  });
});

t.test('[RCH-1] explanations name what is in the way', async (t) => {
  const made = bench(true);
  const group = guard(made);
  const Source = made.eni('r1').eniId;
  const Destination = made.eni('c').eniId;
  const closed = analyze(made, { Source, Destination, DestinationPort: 443 });
  t.equal(at(closed, 'NetworkPathFound'), false);
  t.same(idsOf(closed, 'ForwardPathComponents'), []);
  t.match(listAt(closed, 'Explanations'), [
    {
      ExplanationCode: 'ENI_SG_RULES_MISMATCH',
      Direction: 'ingress',
      SecurityGroups: [{ Id: group, Name: 'web' }],
      NetworkInterface: { Id: Destination },
    },
  ]);
  const acl = closeWayBack(made);
  const oneWay = analyze(made, { Source, Destination, DestinationPort: 80 });
  t.match(listAt(oneWay, 'Explanations'), [
    {
      ExplanationCode: 'SUBNET_ACL_RESTRICTION',
      Acl: { Id: acl },
      AclRule: { RuleNumber: 32_767, RuleAction: 'deny', Egress: true },
      Direction: 'egress',
    },
  ]);
  const igw = made.lab.internetGateway(made.vpcId);
  addRoute(made, { GatewayId: igw });
  const out = analyze(made, { Source, DestinationIp: OVERLAY, DestinationPort: 80 });
  t.match(listAt(out, 'Explanations'), [
    {
      ExplanationCode: 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS',
      Component: { Id: igw },
    },
  ]);
  t.same(codesOf(analyze(made, { Source: igw, Destination })), ['UNSUPPORTED_COMPONENT']);
  t.same(codesOf(analyze(made, { Source, Destination: igw })), ['UNSUPPORTED_COMPONENT']);
  const beyond = analyze(made, { Source, DestinationIp: '10.0.2.99', DestinationPort: 80 });
  t.same(codesOf(beyond), ['NO_POSSIBLE_DESTINATION']);
  made.act('StopInstances', { InstanceIds: [made.instanceId('c')] });
  made.unplug('c');
  const off = analyze(made, { Source, Destination, DestinationPort: 80 });
  t.match(listAt(off, 'Explanations'), [
    { ExplanationCode: 'BAD_STATE', NetworkInterface: { Id: Destination }, State: 'stopped' },
  ]);
});

t.test('[RCH-1] a path leads out of the region, through gateways', async (t) => {
  const { made, nat } = natBench();
  made.lab.observer = {
    ...made.lab.observer,
    findPath: (question) => findPath(made.fabric, made.program(), question),
  };
  const path = { Source: made.eni('r1').eniId, DestinationIp: '198.51.100.10' };
  const found = analyze(made, { ...path, DestinationPort: 80 });
  t.equal(at(found, 'NetworkPathFound'), true);
  const [forward, back] = [
    idsOf(found, 'ForwardPathComponents'),
    idsOf(found, 'ReturnPathComponents'),
  ];
  t.ok(forward.includes(nat.id) && back.includes(nat.id));
  t.ok(forward.includes(made.eni('server').eniId));
});

t.test('[RCH-1] without a port, an analysis finds one that is open', async (t) => {
  const made = bench(true);
  guard(made);
  const [Source, Destination] = [made.eni('r1').eniId, made.eni('c').eniId];
  const found = analyze(made, { Source, Destination });
  t.equal(at(found, 'NetworkPathFound'), true);
  const header = listAt(found, 'ForwardPathComponents')[1];
  t.same(at(header, 'OutboundHeader', 'DestinationPortRanges'), [{ From: 80, To: 80 }]);
  t.equal(at(analyze(made, { Source, Destination, Protocol: 'udp' }), 'NetworkPathFound'), false);
  const within = (FromPort: number, ToPort: number) => {
    const FilterAtSource = { DestinationPortRange: { FromPort, ToPort } };
    return at(analyze(made, { Source, Destination, FilterAtSource }), 'NetworkPathFound');
  };
  t.same(
    [within(1, 79), within(1, 80), within(81, 100), within(82, 65_535)],
    [false, true, true, false],
  );
});

t.test('[RCH-1] a packet that comes to somebody else has not arrived', async (t) => {
  const made = bench(true);
  const [Source, Destination] = [made.eni('r1').eniId, made.eni('c').eniId];
  const path = { Source, Destination, DestinationIp: '10.0.1.12', DestinationPort: 80 };
  t.match(analyze(made, path), {
    NetworkPathFound: false,
    Explanations: [{ ExplanationCode: 'NO_PATH', Component: { Id: Destination } }],
  });
});

t.test('[GWEP-1] [RCH-1] a gateway endpoint leads to the service, if the lab has it', async (t) => {
  const made = bench(true);
  made.lab.store.edit((draft) => addAwsPrefixLists({ draft }));
  const RouteTableIds = [made.lab.mainTable(made.vpcId)];
  const endpoint = made.lab.endpoint(made.vpcId, 's3', { RouteTableIds });
  const path = { Source: made.eni('r1').eniId, DestinationIp: '52.216.0.1', DestinationPort: 443 };
  t.match(analyze(made, path), {
    NetworkPathFound: false,
    Explanations: [
      {
        ExplanationCode: 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS',
      },
    ],
  });
  const question = {
    eniId: made.eni('r1').eniId,
    addresses: { family: 4, source: made.address('r1'), destination: ip('52.216.0.1') } as const,
    ...{ protocol: TCP, port: 443 },
  };
  const { steps } = explain(made.fabric, made.program(), question).forward.hops[0] ?? {};
  const step = steps?.find(({ layer }) => layer === 'gateway-endpoint');
  t.match(step?.decision, { kind: 'gateway', gateway: { id: endpoint } });
});

t.test('an analysis stays what it was when the network changes', async (t) => {
  const made = bench(true);
  const Source = made.lab.eni(made.subnetId('a'));
  const created = made.lab.act('CreateNetworkInsightsPath', {
    ...{ Source, Destination: made.eni('r1').eniId, Protocol: 'tcp', DestinationPort: 80 },
  });
  const NetworkInsightsPathId = textAt(created, 'NetworkInsightsPath', 'NetworkInsightsPathId');
  const start = () => made.lab.act('StartNetworkInsightsAnalysis', { NetworkInsightsPathId });
  start();
  made.act('DeleteNetworkInterface', { NetworkInterfaceId: Source });
  start();
  const { NetworkInsightsAnalyses } = made.lab.act('DescribeNetworkInsightsAnalyses');
  t.same(listAt(NetworkInsightsAnalyses).map(codesOf), [['BAD_STATE'], ['UNKNOWN_RESOURCE']]);
});

/** Rules of groups and ACLs in the words of `explain`. */

import { PassThrough } from 'node:stream';
import t from 'tap';
import { showExplanation } from '../../src/cli/explain-words.ts';
import { Output } from '../../src/cli/output.ts';
import { type ExplainQuestion, explain } from '../../src/engine/explain/explain.ts';
import { textAt } from '../actions/lab.ts';
import { Bench, type BenchOptions, ip } from '../engine/bench.ts';
import { natBench, SERVER } from '../engine/nat-bench.ts';

const UDP = 17;
const TCP = 6;

/** A client, and a server in a group and behind an ACL of its own. */
function bench(options: BenchOptions = {}): Bench {
  const made = new Bench(options);
  made.subnet('a', '10.0.1.0/24');
  made.subnet('b', '10.0.2.0/24');
  made.host('client', 'a', '10.0.1.20');
  made.host('server', 'b', '10.0.2.30');
  const tag = (id: string, name: string) =>
    made.lab.act('CreateTags', { Resources: [id], Tags: [{ Key: 'Name', Value: name }] });
  for (const name of ['client', 'server']) tag(made.instanceId(name), name);
  for (const name of ['a', 'b']) tag(made.subnetId(name), name);
  const group = made.lab.group(made.vpcId, 'www');
  const web = { IpProtocol: 'tcp', FromPort: 80, ToPort: 81 };
  made.lab.allow(group, { ...web, IpRanges: [{ CidrIp: '10.0.0.0/8' }] });
  const dns = { IpProtocol: 'udp', FromPort: 53, ToPort: 53 };
  const other = made.lab.defaultGroup(made.vpcId);
  made.lab.allow(group, { ...dns, UserIdGroupPairs: [{ GroupId: other }] });
  const { eniId } = made.eni('server');
  made.lab.act('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId: eniId, Groups: [group] });
  const acl = made.lab.acl(made.vpcId);
  tag(acl, 'narrow');
  const entry = { NetworkAclId: acl, RuleNumber: 20, RuleAction: 'allow', CidrBlock: '0.0.0.0/0' };
  const high = { Protocol: '6', PortRange: { From: 1024, To: 65535 } };
  made.lab.act('CreateNetworkAclEntry', { ...entry, Protocol: '-1', Egress: false });
  made.lab.act('CreateNetworkAclEntry', { ...entry, ...high, Egress: true });
  const [association] = [...made.lab.snapshot.networkAcls.values()].flatMap(({ associations }) =>
    associations.filter(({ subnetId }) => subnetId === made.subnetId('b')),
  );
  made.act('ReplaceNetworkAclAssociation', {
    AssociationId: association?.associationId,
    NetworkAclId: acl,
  });
  return made;
}

function wordsOf(made: Bench, protocol: number, port: number): string {
  const addresses = {
    family: 4,
    source: made.address('client'),
    destination: made.address('server'),
  } as const;
  return wordsTo(made, addresses, protocol, port);
}

function wordsTo(
  made: Bench,
  addresses: ExplainQuestion['addresses'],
  protocol: number,
  port: number,
): string {
  const { eniId } = made.eni('client');
  const stdout = new PassThrough();
  const question = { eniId, addresses, protocol, port };
  const explanation = explain(made.lab.snapshot, made.program(), question);
  showExplanation(new Output(stdout, new PassThrough()), explanation);
  return String(stdout.read());
}

t.test('showExplanation has the rules in the words of the lab file', async (t) => {
  const made = bench();
  const tcp = wordsOf(made, TCP, 81);
  t.match(tcp, / PASS +network-acl-ingress +20 allow all from 0\.0\.0\.0\/0, ACL narrow$/m);
  t.match(
    tcp,
    / PASS +security-groups-ingress +tcp 80-81 from 10\.0\.0\.0\/8, group www, sgr-\w+$/m,
  );
  t.match(tcp, / PASS +network-acl-egress +20 allow tcp 1024-65535 to 0\.0\.0\.0\/0, ACL narrow$/m);
  t.match(tcp, /\nreachable both ways\n$/);
  const udp = wordsOf(made, UDP, 53);
  t.match(udp, / udp 53 from group default, group www, sgr-\w+$/m);
});

t.test('[ACL-2] showExplanation ends with the way back when that is what blocks', async (t) => {
  const udp = wordsOf(bench(), UDP, 53);
  t.match(udp, / DROP +network-acl-egress +\* deny all to 0\.0\.0\.0\/0, ACL narrow: SUBNET_ACL/);
  t.match(
    udp,
    /\nreturn: blocked at egress rule \* of network ACL narrow \(acl-\w+\) \(SUBNET_ACL_RESTRICTION: .*\)\n$/,
  );
});

t.test('[SG-1] showExplanation ends with the groups that have no rule', async (t) => {
  const ssh = wordsOf(bench(), TCP, 22);
  t.match(ssh, / DROP +security-groups-ingress +no rule of group www allows it: ENI_SG_RULES/);
  t.match(
    ssh,
    /\nforward: blocked at the ingress rules of group www \(sg-\w+\) of server\.eth0 \(ENI_SG_RULES_MISMATCH: /,
  );
});

t.test(
  '[RT-6] showExplanation tells when a middlebox loses the group that a rule names',
  async (t) => {
    const made = bench({ rules: 'current' });
    made.subnet('c', '10.0.3.0/24');
    made.host('box', 'c', '10.0.3.5', { sourceDestCheck: false });
    t.match(wordsOf(made, UDP, 53), / PASS +security-groups-ingress +udp 53 from group default/);
    const output = made.lab.act('CreateRouteTable', { VpcId: made.vpcId });
    const table = textAt(output, 'RouteTable', 'RouteTableId');
    made.act('AssociateRouteTable', { RouteTableId: table, SubnetId: made.subnetId('a') });
    made.act('CreateRoute', {
      RouteTableId: table,
      DestinationCidrBlock: '10.0.2.0/24',
      NetworkInterfaceId: made.eni('box').eniId,
    });
    const words = wordsOf(made, UDP, 53);
    t.match(
      words,
      / DROP +security-groups-ingress +a rule of group www names that of 10\.0\.1\.20, which a middlebox does not keep: SG_REF/,
    );
    t.match(
      words,
      /\nforward: blocked at the ingress rules of group www \(sg-\w+\) of server\.eth0 /,
    );
    t.notMatch(wordsOf(made, TCP, 80), /SG_REF/);
  },
);

t.test(
  'explain says in words which gateway a route leads to, and that no packet passes',
  async (t) => {
    const made = bench();
    const attached = made.lab.act('CreateVpnGateway', { Type: 'ipsec.1' });
    const vgw = textAt(attached, 'VpnGateway', 'VpnGatewayId');
    made.lab.act('AttachVpnGateway', { VpnGatewayId: vgw, VpcId: made.vpcId });
    const RouteTableId = made.lab.mainTable(made.vpcId);
    made.act('CreateRoute', { RouteTableId, DestinationCidrBlock: '192.0.2.0/24', GatewayId: vgw });
    const source = made.address('client');
    const destination = ip('192.0.2.1');
    const words = wordsTo(made, { family: 4, source, destination }, TCP, 80);
    t.match(words, `192.0.2.0/24 to ${vgw}, table ${RouteTableId}: GATEWAY_NOT_FORWARDED`);
    t.match(words, `forward: blocked at gateway ${vgw} (GATEWAY_NOT_FORWARDED: the route leads to`);
  },
);

t.test('explain says what gateways make of addresses and ports', async (t) => {
  const { made, nat } = natBench();
  const addresses = { family: 4, source: made.address('r1'), destination: SERVER } as const;
  const question = { eniId: made.eni('r1').eniId, addresses, protocol: TCP, port: 80 };
  const stream = new PassThrough();
  showExplanation(
    new Output(stream, new PassThrough()),
    explain(made.fabric, made.program(), question),
  );
  const words = String(stream.read());
  t.match(words, new RegExp(`nat-gateway-egress +${nat.id}, now from 10\\.0\\.1\\.50 port \\d+\n`));
  t.match(words, /internet-gateway-egress +igw-\w+, now from 198\.18\.[\d.]+\n/);
  t.match(words, new RegExp(`nat-gateway-ingress +${nat.id}, now to 10\\.0\\.2\\.11 port 49152\n`));
  t.match(words, /reachable both ways\n$/);
});

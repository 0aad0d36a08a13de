/** A compiler that has seen other snapshots before gives the same program as one that has not. */
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { createRandom, type Random } from '../../scripts/mutate.ts';
import { Compiler } from '../../src/compile/compile.ts';
import { ROUTE_BLACKHOLE, ROUTE_GATEWAY, ROUTE_LOCAL } from '../../src/dataplane/program.ts';
import type { EniId } from '../../src/model/ids.ts';
import { Lab } from '../actions/lab.ts';
import { attachedLab, vpcAttachment } from '../actions/transit-gateway-lab.ts';

const CHANGES: readonly ((lab: Lab, random: Random) => void)[] = [
  (lab, random) => {
    const vpcId = pick(lab.snapshot.vpcs, random);
    lab.act('CreateSecurityGroup', {
      GroupName: `g${lab.snapshot.securityGroups.size}-${random(1e9)}`,
      Description: 'one more',
      VpcId: vpcId,
    });
  },
  (lab, random) => {
    lab.act('AuthorizeSecurityGroupIngress', {
      GroupId: pick(lab.snapshot.securityGroups, random),
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: random(60_000),
          ToPort: 60_000 + random(5000),
          UserIdGroupPairs: [{ GroupId: pick(lab.snapshot.securityGroups, random) }],
        },
      ],
    });
  },
  (lab, random) => {
    lab.act('DeleteSecurityGroup', { GroupId: pick(lab.snapshot.securityGroups, random) });
  },
  (lab, random) => {
    lab.act('ModifyNetworkInterfaceAttribute', {
      NetworkInterfaceId: pick(lab.snapshot.enis, random),
      SourceDestCheck: { Value: random(2) === 0 },
    });
  },
  (lab, random) => {
    lab.act('CreateNetworkAclEntry', {
      NetworkAclId: pick(lab.snapshot.networkAcls, random),
      RuleNumber: 1 + random(32_000),
      Protocol: '-1',
      RuleAction: random(2) === 0 ? 'allow' : 'deny',
      Egress: random(2) === 0,
      CidrBlock: `10.${random(256)}.0.0/16`,
    });
  },
  (lab, random) => {
    lab.act('CreateRoute', {
      RouteTableId: pick(lab.snapshot.routeTables, random),
      DestinationCidrBlock: `192.0.${random(256)}.0/24`,
      NetworkInterfaceId: pick(lab.snapshot.enis, random),
    });
  },
  (lab, random) => {
    lab.instance(pick(lab.snapshot.subnets, random));
  },
  (lab, random) => {
    lab.act('StopInstances', { InstanceIds: [pick(lab.snapshot.instances, random)] });
  },
  (lab, random) => {
    lab.act('DeleteRoute', {
      RouteTableId: pick(lab.snapshot.routeTables, random),
      DestinationCidrBlock: `192.0.${random(256)}.0/24`,
    });
  },
];

function pick(rows: ReadonlyMap<string, unknown>, random: Random): string {
  return [...rows.keys()][random(rows.size)] ?? '';
}

t.test('Compiler makes again exactly the parts that have changed', async (t) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
  t.comment(`seed ${seed}`);
  const random = createRandom(seed);
  const lab = new Lab();
  for (const cidr of ['10.0.0.0/16', '10.1.0.0/16']) {
    const vpcId = lab.vpc(cidr);
    for (const place of [1, 2]) lab.subnet(vpcId, cidr.replace('.0.0/16', `.${place}.0/24`));
  }
  for (const subnetId of lab.snapshot.subnets.keys()) lab.instance(subnetId);
  const compiler = new Compiler();
  let ports = new Map<EniId, number>();
  for (let generation = 1; generation <= 300; generation++) {
    try {
      CHANGES[random(CHANGES.length)]?.(lab, random);
    } catch (error) {
      // What an action refuses changes nothing, and that must not matter either.
      t.match(error, { name: 'ApiError' });
    }
    if (random(4) === 0) {
      ports = new Map([...lab.snapshot.enis.keys()].map((eniId, port) => [eniId, port]));
    }
    const again = compiler.compile(lab.snapshot, ports, generation);
    const anew = new Compiler().compile(lab.snapshot, ports, generation);
    if (!isDeepStrictEqual(again, anew)) t.same(again, anew);
  }
});

t.test('Compiler keeps what a change does not touch', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc('10.0.0.0/16');
  lab.instance(lab.subnet(vpcId, '10.0.1.0/24'));
  const compiler = new Compiler();
  const before = compiler.compile(lab.snapshot, new Map(), 1);
  lab.openDefaultGroup(vpcId);
  const after = compiler.compile(lab.snapshot, new Map(), 2);
  t.equal(after.enis, before.enis);
  t.equal(after.routeTargets, before.routeTargets);
  t.equal(after.dhcp, before.dhcp);
  t.not(after.filters, before.filters);
});

t.test(
  '[ENI-10] an elastic address changes nothing inside the VPC, ARP least of all',
  async (t) => {
    const lab = new Lab();
    const vpcId = lab.vpc();
    const eniId = lab.primaryEni(lab.instance(lab.subnet(vpcId, '10.0.1.0/24')));
    lab.internetGateway(vpcId);
    const AllocationId = lab.elasticAddress();
    const compiler = new Compiler();
    const before = compiler.compile(lab.snapshot, new Map(), 1);
    lab.act('AssociateAddress', { AllocationId, NetworkInterfaceId: eniId });
    const after = compiler.compile(lab.snapshot, new Map(), 2);
    t.strictSame({ ...after, generation: 1, edges: before.edges }, before);
    t.equal(after.edges.publicEni.length, 1, 'the gateway knows it');
  },
);

t.test('a route to a transit gateway is compiled by the attachment of its VPC', async (t) => {
  const { lab, tgw, vpcId, attachment, subnet } = attachedLab();
  lab.act('CreateRoute', {
    RouteTableId: lab.mainTable(vpcId),
    DestinationCidrBlock: '0.0.0.0/0',
    TransitGatewayId: tgw,
  });
  const compiler = new Compiler();
  const kinds = () => [...compiler.compile(lab.snapshot, new Map(), 1).routeTargets.kind];
  t.same(kinds(), [ROUTE_LOCAL, ROUTE_GATEWAY]);
  lab.act('DeleteTransitGatewayVpcAttachment', { TransitGatewayAttachmentId: attachment });
  t.same(kinds(), [ROUTE_LOCAL, ROUTE_BLACKHOLE]);
  vpcAttachment(lab, tgw, vpcId, [subnet]);
  t.same(kinds(), [ROUTE_LOCAL, ROUTE_GATEWAY]);
});

/** What `describeRegion` says of a region, and what the real AWS CLI prints of it. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { BOTOCORE_PATH } from '../../scripts/ec2-model.ts';
import { toKebab } from '../../src/actions/cli-name.ts';
import { isStructure } from '../../src/actions/input.ts';
import { ACTIONS } from '../../src/actions/table.ts';
import { describeRegion } from '../../src/api/documents.ts';
import { encodeAnswer } from '../../src/api/encode.ts';
import { ApiServer } from '../../src/api/server.ts';
import { findProgram } from '../../src/host/proc.ts';
import { runProgram } from '../../src/host/process.ts';
import { Lab } from '../actions/lab.ts';

const PRINTED = fileURLToPath(new URL('./printed.py', import.meta.url));
const region = new Lab();

/** Something of every kind. */
function fill(): void {
  const vpcId = region.vpc('10.0.0.0/16', { AmazonProvidedIpv6CidrBlock: true });
  const a = region.subnet(vpcId, '10.0.1.0/24');
  region.act('CreateSubnetCidrReservation', {
    SubnetId: a,
    Cidr: '10.0.1.128/28',
    ReservationType: 'explicit',
  });
  region.act('CreateDhcpOptions', {
    DhcpConfigurations: [{ Key: 'domain-name', Values: ['lab.test'] }],
  });
  region.openDefaultGroup(vpcId);
  region.acl(vpcId);
  region.prefixList(['192.0.2.0/24']);
  region.flowLog(vpcId);
  region.instance(a, {
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'Zürich <1>' }] }],
  });
  region.eni(a, { SecondaryPrivateIpAddressCount: 2 });
  const gateway = region.internetGateway(vpcId);
  const route = { DestinationCidrBlock: '0.0.0.0/0', GatewayId: gateway };
  region.act('CreateRoute', { RouteTableId: region.mainTable(vpcId), ...route });
  region.act('CreateEgressOnlyInternetGateway', { VpcId: vpcId });
  region.natGateway(a, { AllocationId: region.elasticAddress() });
  region.vpnConnection(region.vpnGateway(vpcId), region.customerGateway());
  region.peering(vpcId, region.vpc('10.1.0.0/16'));
}

fill();

const documents = describeRegion(region.snapshot, ACTIONS.values(), (action, input) =>
  region.act(action, { ...input }),
);

t.test('describeRegion asks every action that describes', (t) => {
  const names = [...ACTIONS.values()]
    .filter(({ name, required }) => name.startsWith('Describe') && required.length === 0)
    .filter(({ name }) => name !== 'DescribeLaunchTemplateVersions')
    .map(({ name }) => toKebab(name));
  const documented = new Set(documents.map(({ name }) => name));
  t.strictSame(
    names.filter((name) => !documented.has(name)),
    [],
  );
  t.end();
});

/** What an AWS CLI that is older than the model can know of a document. */
function knownTo(printed: unknown, ours: unknown): unknown {
  if (Array.isArray(printed) && Array.isArray(ours)) {
    return ours.map((item, index) => knownTo(printed[index], item));
  }
  if (!isStructure(printed) || !isStructure(ours)) return ours;
  const names = Object.keys(ours).filter((name) => Object.hasOwn(printed, name));
  return Object.fromEntries(names.map((name) => [name, knownTo(printed[name], ours[name])]));
}

const noBotocore = fs.existsSync(BOTOCORE_PATH) ? false : 'python3-botocore is not installed';

t.test('botocore reads the same documents off the wire', { skip: noBotocore }, async (t) => {
  const lines = documents.map(({ action, input }) =>
    JSON.stringify([action, encodeAnswer(action, region.act(action, { ...input }), 'r-1')]),
  );
  const printed = spawnSync('/usr/bin/python3', [PRINTED], {
    input: lines.join('\n'),
    encoding: 'utf8',
  });
  t.equal(printed.stderr, '');
  const texts = printed.stdout.trimEnd().split('\n');
  for (const [index, document] of documents.entries()) {
    const answer: unknown = JSON.parse(texts[index] ?? 'null');
    t.same(answer, knownTo(answer, document.body), document.name);
  }
});

/** Of all sorts; the AWS CLI takes seconds for each. */
const SAMPLE = ['describe-instances', 'describe-vpn-connections', 'get-subnet-cidr-reservations'];

t.test('the AWS CLI prints them so', { skip: noAws() }, async (t) => {
  const paper = {
    snapshot: region.snapshot,
    perform: async (action: string, input: object) => region.act(action, { ...input }),
    findKey: () => null,
    regionOf: () => region.snapshot,
    reset: async () => {
      t.fail('nobody asked for it');
    },
  };
  const server = new ApiServer(paper, (error) => t.fail(String(error)));
  const url = await server.listen();
  t.teardown(() => server.close());
  const { PATH = '', HOME = '/' } = process.env;
  const env = {
    ...{ PATH, HOME, LC_ALL: 'C.UTF-8', no_proxy: '*', AWS_PAGER: '' },
    ...{ AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_EC2_METADATA_DISABLED: 'true' },
  };
  const chosen = documents.filter(({ name }) => SAMPLE.some((each) => name.startsWith(each)));
  t.equal(chosen.length, SAMPLE.length);
  for (const document of chosen) {
    const { action, input, name } = document;
    const options = Object.entries(input).flatMap(([key, value]) => [
      `--${toKebab(key)}`,
      String(value),
    ]);
    const words = ['--endpoint-url', url, '--region', 'us-east-1', '--output', 'json'];
    const argv = ['aws', ...words, 'ec2', toKebab(action), ...options] as const;
    const { stdout, stderr } = await runProgram(argv, { env, timeoutMs: 60_000 });
    const answer: unknown = JSON.parse(sameTimes(stdout));
    const ours: unknown = JSON.parse(sameTimes(JSON.stringify(document.body)));
    t.same(answer, knownTo(answer, ours), `${name} ${stderr}`);
  }
});

function noAws(): string | false {
  return findProgram('aws') === null ? 'this host lacks aws' : false;
}

/** The second version of the AWS CLI writes times in its own way. */
function sameTimes(text: string): string {
  return text.replaceAll(/(T\d\d:\d\d:\d\d)(?:\.0+)?(?:Z|\+00:00)"/g, '$1Z"');
}

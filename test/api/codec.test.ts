/** The codec against botocore, which is what boto3 and the AWS CLI speak with. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import {
  ACTIONS_PAGE_PATH,
  actionsPageText,
  BOTOCORE_PATH,
  ec2ModelText,
  MODEL_PATH,
} from '../../scripts/ec2-model.ts';
import {
  ELBV2_BOTOCORE_PATH,
  LOAD_BALANCING_MODEL_PATH,
  loadBalancingModelText,
} from '../../scripts/load-balancing-model.ts';
import { actionNamed, type ServiceName } from '../../src/actions/action-names.ts';
import { ApiError } from '../../src/actions/api-error.ts';
import { ACTIONS } from '../../src/actions/table.ts';
import { decodeRequest } from '../../src/api/decode.ts';
import { encodeAnswer } from '../../src/api/encode.ts';
import { LOAD_BALANCING_MODEL } from '../../src/api/load-balancing-model-table.ts';
import { EC2 } from '../../src/api/wire-services.ts';

const ORACLE = fileURLToPath(new URL('./oracle.py', import.meta.url));
/** Debian's own, which has Debian's packages. */
const PYTHON = '/usr/bin/python3';
const ROUNDS = 25;
const noBotocore = fs.existsSync(BOTOCORE_PATH) ? false : 'python3-botocore is not installed';

interface Message {
  readonly action: string;
  readonly form?: string;
  readonly input?: object;
  readonly output?: Record<string, unknown>;
  readonly difference?: string | null;
}

t.test('the model of the protocol is what the SDK and botocore say', { skip: noBotocore }, (t) => {
  t.equal(fs.readFileSync(MODEL_PATH, 'utf8'), ec2ModelText(), 'npm run ec2-model mends it');
  t.equal(fs.readFileSync(LOAD_BALANCING_MODEL_PATH, 'utf8'), loadBalancingModelText());
  t.equal(fs.readFileSync(ACTIONS_PAGE_PATH, 'utf8'), actionsPageText(), 'and this too');
  t.end();
});

/** A service, as botocore and as the lab name it. */
interface Tongue {
  readonly botocore: 'ec2' | 'elbv2';
  readonly service: ServiceName;
  readonly path: string;
  readonly actions: readonly string[];
}

const TONGUES: readonly Tongue[] = [
  { botocore: 'ec2', service: 'ec2', path: BOTOCORE_PATH, actions: [...ACTIONS.keys()] },
  {
    botocore: 'elbv2',
    service: 'elasticloadbalancing',
    path: ELBV2_BOTOCORE_PATH,
    actions: Object.keys(LOAD_BALANCING_MODEL.actions),
  },
];

for (const tongue of TONGUES) {
  const title = `the codec and botocore agree on random messages of ${tongue.botocore}`;
  t.test(title, { skip: noBotocore }, (t) => testTongue(t, tongue));
}

async function testTongue(t: Test, { botocore, service, path, actions }: Tongue): Promise<void> {
  const seed = Number(process.env['VPCLAB_TEST_SEED'] ?? Math.floor(Math.random() * 1e9));
  t.comment(`seed ${seed}`);
  // The SDK is newer than Debian's botocore, which does not have all actions.
  const { operations } = JSON.parse(fs.readFileSync(path, 'utf8'));
  const names = actions.filter((name) => Object.hasOwn(operations, name));
  const argv = [ORACLE, botocore, String(seed), String(ROUNDS), ...names];
  const oracle = spawn(PYTHON, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const count = { requests: 0, answers: 0 };
  const wrong: unknown[] = [];
  let last: Message | null = null;
  for await (const line of createInterface({ input: oracle.stdout })) {
    const message: Message = JSON.parse(line);
    const action = actionNamed({ service, name: message.action });
    if (message.form !== undefined) {
      count.requests++;
      const decoded = decodeRequest(new URLSearchParams(message.form));
      const same = decoded.action === action && sorted(decoded.input) === sorted(message.input);
      if (!same) wrong.push({ message, decoded });
    } else if (message.output !== undefined) {
      count.answers++;
      last = message;
      oracle.stdin.write(`${JSON.stringify(encodeAnswer(action, message.output, 'r-1'))}\n`);
    } else if (message.difference !== null) wrong.push({ last, message });
  }
  t.same(wrong.slice(0, 3), [], `seed ${seed}`);
  const wanted = ROUNDS * names.length;
  t.same(count, { requests: wanted, answers: wanted });
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function decode(query: string): unknown {
  return decodeRequest(new URLSearchParams(query)).input;
}

t.test('decodeRequest reads lists by their numbers, and tells absent from empty', (t) => {
  const rows: [string, object][] = [
    ['Action=DescribeVpcs&Version=2016-11-15', {}],
    ['Action=DescribeVpcs&VpcId.11=c&VpcId.2=a&VpcId.7=x', { VpcIds: ['a', 'x', 'c'] }],
    ['Action=CreateVpc&CidrBlock=', { CidrBlock: '' }],
    [
      'Action=ModifyVpcAttribute&VpcId=v&EnableDnsSupport.Value=true',
      { VpcId: 'v', EnableDnsSupport: { Value: true } },
    ],
    [
      'Action=CreateSecurityGroup&GroupName=a+b&GroupDescription=%26%20%C3%BC&DryRun=false',
      { GroupName: 'a b', Description: '& ü', DryRun: false },
    ],
    [
      'Action=DescribeVpcs&Filter.2.Value.1=x&Filter.1.Name=a&Filter.2.Name=b&Signature=s&X-Amz-Date=d',
      { Filters: [{ Name: 'a' }, { Name: 'b', Values: ['x'] }] },
    ],
  ];
  for (const [query, input] of rows) t.same(decode(query), input, query);
  t.end();
});

t.test('decodeRequest refuses what AWS does not know', (t) => {
  const rows: [query: string, code: string, message: RegExp][] = [
    ['', 'MissingAction', /Action/],
    ['Action=', 'MissingAction', /Action/],
    ['Action=MakeCoffee', 'InvalidAction', /MakeCoffee/],
    ['Action=PutHostedZone&CallerReference=x', 'InvalidAction', /PutHostedZone/],
    ['Action=constructor', 'InvalidAction', /constructor/],
    ['Action=DescribeVpcs&Version=2010-01-01', 'InvalidAction', /DescribeVpcs/],
    ['Action=DeleteVpc&VpcID=x', 'UnknownParameter', /^The parameter VpcID is not recognized$/],
    ['Action=DeleteVpc&__proto__=x', 'UnknownParameter', /__proto__/],
    ['Action=DeleteVpc&VpcId.1=x', 'UnknownParameter', /VpcId\.1/],
    ['Action=DescribeVpcs&VpcId=x', 'UnknownParameter', /VpcId/],
    ['Action=DescribeVpcs&VpcId.0=x', 'UnknownParameter', /VpcId\.0/],
    ['Action=DescribeVpcs&VpcId.1.2=x', 'UnknownParameter', /VpcId\.1\.2/],
    ['Action=DescribeVpcs&Filter.1=x', 'UnknownParameter', /Filter\.1/],
    ['Action=DescribeVpcs&Filter.1.=x', 'UnknownParameter', /Filter\.1\./],
    ['Action=DescribeVpcs&MaxResults=many', 'InvalidParameterValue', /maxResults/],
    ['Action=DescribeVpcs&MaxResults=', 'InvalidParameterValue', /maxResults/],
    ['Action=DescribeVpcs&DryRun=yes', 'InvalidParameterValue', /dryRun.*boolean/],
    [
      'Action=CreateVpc&InstanceTenancy=shared',
      'InvalidParameterValue',
      /^Value \(shared\) for parameter instanceTenancy is invalid\.$/,
    ],
    ['Action=DeleteVpc&VpcId=a%00b', 'InvalidParameterValue', /VpcId/],
    ['Action=DeleteVpc&VpcId=a&VpcId=b', 'MalformedQueryString', /VpcId/],
  ];
  for (const [query, code, message] of rows)
    t.throws(() => decode(query), { code, message }, query);
  t.end();
});

t.test('decodeRequest takes or refuses whatever comes', (t) => {
  const segment = fc.oneof(
    fc.constantFrom(
      'Filter',
      'Name',
      'Value',
      'VpcId',
      'DryRun',
      'NetworkInterface',
      'Groups',
      '1',
    ),
    fc.constantFrom(
      '0',
      '2',
      '999999999',
      '',
      'constructor',
      '__proto__',
      'TagSpecification',
      'Tag',
    ),
    fc.string(),
  );
  const key = fc.array(segment, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('.'));
  const value = fc.oneof(fc.constantFrom('true', '1', ''), fc.string({ unit: 'binary' }));
  const pairs = fc.array(fc.tuple(key, value), { maxLength: 8 });
  const action = fc.constantFrom(...ACTIONS.keys(), 'toString', '');
  fc.assert(
    fc.property(action, pairs, (name, parameters) => {
      try {
        decodeRequest(new URLSearchParams([['Action', name], ...parameters]));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    }),
    { numRuns: 5000 },
  );
  t.end();
});

t.test('encodeAnswer and errorXml write what AWS writes', (t) => {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  const xmlns = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"';
  t.equal(
    encodeAnswer(
      'DescribeVpcs',
      { Vpcs: [{ IsDefault: false, VpcId: 'a&b', Tags: [], State: undefined }] },
      'r-1',
    ),
    `${head}<DescribeVpcsResponse ${xmlns}><requestId>r-1</requestId><vpcSet><item><isDefault>false</isDefault><vpcId>a&amp;b</vpcId><tagSet/></item></vpcSet></DescribeVpcsResponse>`,
  );
  t.equal(
    encodeAnswer('DeleteVpc', {}, 'r-1'),
    `${head}<DeleteVpcResponse ${xmlns}><requestId>r-1</requestId><return>true</return></DeleteVpcResponse>`,
  );
  t.equal(
    EC2.errorXml(
      new ApiError('InvalidVpcID.NotFound', "The vpc ID '<\u0001' does not exist"),
      'r-1',
    ),
    `${head}<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>The vpc ID '&lt;\u{fffd}' does not exist</Message></Error></Errors><RequestID>r-1</RequestID></Response>`,
  );
  t.throws(() => encodeAnswer('DescribeVpcs', { Vpc: [] }, 'r'), { message: /has no member Vpc/ });
  t.end();
});

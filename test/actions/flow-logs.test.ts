import t from 'tap';
import { at, Lab, listAt } from './lab.ts';

const DEFAULT_FORMAT =
  '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}';

function labWithVpc() {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24');
  return { lab, vpcId, subnetId, eniId: lab.eni(subnetId) };
}

t.test('CreateFlowLogs without a format logs version 2 every 600 seconds', async (t) => {
  const { lab, vpcId } = labWithVpc();
  const FlowLogId = lab.flowLog(vpcId, {
    DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/flows',
    TagSpecifications: [{ ResourceType: 'vpc-flow-log', Tags: [{ Key: 'a', Value: 'b' }] }],
  });
  t.same(at(lab.act('DescribeFlowLogs'), 'FlowLogs'), [
    {
      FlowLogId,
      ResourceId: vpcId,
      TrafficType: 'ALL',
      FlowLogStatus: 'ACTIVE',
      DeliverLogsStatus: 'SUCCESS',
      DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/flows',
      LogDestinationType: 'cloud-watch-logs',
      LogGroupName: 'flows',
      LogDestination: undefined,
      LogFormat: DEFAULT_FORMAT,
      MaxAggregationInterval: 600,
      CreationTime: '2020-05-01T12:00:00.000Z',
      Tags: [{ Key: 'a', Value: 'b' }],
    },
  ]);
});

t.test('CreateFlowLogs takes the fields of versions 2 to 5 in any order', async (t) => {
  const { lab, subnetId } = labWithVpc();
  const LogFormat =
    '${pkt-dstaddr} ${version} ${vpc-id} ${tcp-flags} ${region} ${az-id} ${flow-direction} ${traffic-path}';
  const created = lab.act('CreateFlowLogs', {
    ResourceIds: [subnetId],
    ResourceType: 'Subnet',
    TrafficType: 'REJECT',
    LogDestinationType: 's3',
    LogDestination: 'arn:aws:s3:::my-bucket/folder/',
    LogFormat,
    MaxAggregationInterval: 60,
    ClientToken: 'token',
  });
  t.match(created, { ClientToken: 'token', Unsuccessful: [] });
  t.match(at(lab.act('DescribeFlowLogs'), 'FlowLogs', 0), {
    ResourceId: subnetId,
    TrafficType: 'REJECT',
    LogDestinationType: 's3',
    LogGroupName: undefined,
    LogDestination: 'arn:aws:s3:::my-bucket/folder/',
    LogFormat,
    MaxAggregationInterval: 60,
  });
});

t.test(
  'CreateFlowLogs tells of each resource that it cannot log, and logs the others',
  async (t) => {
    const { lab, subnetId, eniId } = labWithVpc();
    const input = {
      ResourceIds: [eniId, 'eni-12345678', subnetId],
      ResourceType: 'NetworkInterface',
      TrafficType: 'ACCEPT',
      LogDestination: 'arn:aws:logs:us-east-1:123456789012:log-group:flows:*',
    };
    const unknown = [
      {
        ResourceId: 'eni-12345678',
        Error: {
          Code: 'InvalidNetworkInterfaceID.NotFound',
          Message: "The networkInterface ID 'eni-12345678' does not exist",
        },
      },
      { ResourceId: subnetId, Error: { Code: 'InvalidNetworkInterfaceId.Malformed' } },
    ];
    const first = lab.act('CreateFlowLogs', input);
    t.match(first, { FlowLogIds: [/^fl-/], Unsuccessful: unknown });
    t.equal(at(lab.act('DescribeFlowLogs'), 'FlowLogs', 0, 'LogGroupName'), 'flows');
    const again = lab.act('CreateFlowLogs', input);
    t.match(again, {
      FlowLogIds: [],
      Unsuccessful: [
        {
          ResourceId: eniId,
          Error: {
            Code: 'FlowLogAlreadyExists',
            Message:
              'Error. There is an existing Flow Log with the same configuration and log destination.',
          },
        },
        ...unknown,
      ],
    });
    lab.act('CreateFlowLogs', { ...input, TrafficType: 'REJECT' });
    t.equal(lab.snapshot.flowLogs.size, 2);
  },
);

t.test('CreateFlowLogs refuses what it cannot write', async (t) => {
  const { lab, vpcId } = labWithVpc();
  const s3 = { LogDestinationType: 's3', LogGroupName: undefined };
  const rows = [
    [
      { LogDestination: 'arn:aws:s3:::b' },
      'InvalidParameter',
      'Please only provide LogGroupName or only provide LogDestination.',
    ],
    [
      { LogGroupName: undefined },
      'InvalidParameter',
      "LogDestination can't be empty if LogGroupName is not provided.",
    ],
    [
      { LogDestinationType: 's3' },
      'InvalidParameter',
      'LogDestination type must be cloud-watch-logs if LogGroupName is provided.',
    ],
    [
      { ...s3, LogDestination: 'my-bucket' },
      'InvalidParameter',
      'LogDestination: my-bucket is not valid.',
    ],
    [
      { ...s3, LogDestination: 'arn:aws:s3:::my-bucket/AWSLogs/' },
      'InvalidParameter',
      'is not valid.',
    ],
    [{ LogGroupName: 'a b' }, 'InvalidParameter', 'LogGroupName: a b is not valid.'],
    [
      { LogGroupName: undefined, LogDestination: 'flows' },
      'InvalidParameter',
      'LogDestination: flows is not valid.',
    ],
    [
      { LogDestinationType: 'kinesis-data-firehose' },
      'InvalidParameterValue',
      'Value (kinesis-data-firehose) for parameter logDestinationType',
    ],
    [{ LogFormat: '${srcaddr} ${color}' }, 'InvalidParameter', 'Unknown fields provided: color'],
    [
      { LogFormat: 'srcaddr' },
      'InvalidParameterValue',
      "Value 'srcaddr' at 'logFormat' has an invalid format",
    ],
    [{ LogFormat: '${srcaddr} ' }, 'InvalidParameterValue', 'has an invalid format'],
    [{ LogFormat: '' }, 'InvalidParameterValue', 'has an invalid format'],
    [
      { MaxAggregationInterval: 300 },
      'InvalidParameter',
      'Invalid Flow Log Max Aggregation Interval',
    ],
    [
      { TrafficType: 'accept' },
      'InvalidParameterValue',
      'Value (accept) for parameter trafficType',
    ],
    [{ TrafficType: undefined }, 'MissingParameter', 'TrafficType'],
    [
      { ResourceType: 'TransitGateway' },
      'InvalidParameterValue',
      'It must be one of VPC, Subnet, NetworkInterface.',
    ],
  ] as const;
  for (const [more, code, message] of rows) {
    const input = {
      ResourceIds: [vpcId],
      ResourceType: 'VPC',
      TrafficType: 'ALL',
      LogGroupName: 'flows',
      ...more,
    };
    t.match(lab.refuse('CreateFlowLogs', input), { code, message }, JSON.stringify(more));
  }
});

t.test('DescribeFlowLogs filters, and DeleteFlowLogs deletes what is there', async (t) => {
  const { lab, vpcId, subnetId } = labWithVpc();
  const first = lab.flowLog(vpcId);
  const second = lab.flowLog(subnetId, {
    ...{ ResourceType: 'Subnet', TrafficType: 'REJECT', LogGroupName: undefined },
    ...{ LogDestinationType: 's3', LogDestination: 'arn:aws:s3:::my-bucket' },
  });
  const found = (Name: string, value: string): unknown[] =>
    listAt(lab.act('DescribeFlowLogs', { Filter: [{ Name, Values: [value] }] }), 'FlowLogs').map(
      (log) => at(log, 'FlowLogId'),
    );
  t.same(found('resource-id', vpcId), [first]);
  t.same(found('log-group-name', '*'), [first]);
  t.same(found('log-destination-type', 's3'), [second]);
  t.same(found('traffic-type', 'REJECT'), [second]);
  t.same(found('flow-log-id', second), [second]);
  t.same(found('deliver-log-status', 'SUCCESS'), [first, second]);
  t.same(found('tag-key', '*'), []);
  t.same(lab.act('DeleteFlowLogs', { FlowLogIds: [first, 'fl-12345678'] }), {
    Unsuccessful: [
      {
        ResourceId: 'fl-12345678',
        Error: {
          Code: 'InvalidFlowLogId.NotFound',
          Message:
            'These flow log ids in the input list are not found: [TotalCount: 1] fl-12345678',
        },
      },
    ],
  });
  t.same([...lab.snapshot.flowLogs.keys()], [second]);
});

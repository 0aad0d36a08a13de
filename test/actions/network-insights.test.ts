import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

t.test('a network insights path keeps what is asked', async (t) => {
  const lab = new Lab();
  const subnet = lab.subnet(lab.vpc(), '10.0.1.0/24');
  const [Source, Destination] = [lab.eni(subnet), lab.eni(subnet)];
  const TagSpecifications = [
    { ResourceType: 'network-insights-path', Tags: [{ Key: 'Name', Value: 'web' }] },
  ];
  const input = { Source, Destination, Protocol: 'tcp', DestinationPort: 80 };
  const created = lab.act('CreateNetworkInsightsPath', { ...input, TagSpecifications });
  const id = textAt(created, 'NetworkInsightsPath', 'NetworkInsightsPathId');
  const arn = 'arn:aws:ec2:us-east-1:123456789012';
  t.match(created, {
    NetworkInsightsPath: {
      ...input,
      NetworkInsightsPathArn: `${arn}:network-insights-path/${id}`,
      SourceArn: `${arn}:network-interface/${Source}`,
      Tags: [{ Key: 'Name', Value: 'web' }],
    },
  });
  lab.act('CreateNetworkInsightsPath', {
    Source: `${arn}:network-interface/${Source}`,
    Protocol: 'udp',
    FilterAtSource: { DestinationAddress: '10.0.1.9', DestinationPortRange: { FromPort: 53 } },
  });
  const Filters = [{ Name: 'protocol', Values: ['udp'] }];
  t.match(listAt(lab.act('DescribeNetworkInsightsPaths', { Filters }), 'NetworkInsightsPaths'), [
    { Source, FilterAtSource: { DestinationPortRange: { FromPort: 53, ToPort: 53 } } },
  ]);
  const rows: readonly (readonly [object, string])[] = [
    [{ Protocol: 'icmp' }, 'InvalidParameterValue'],
    [{ Source: 'eni-12345678' }, 'InvalidNetworkInterfaceID.NotFound'],
    [{ Source: subnet }, 'InvalidParameterValue'],
    [{ Destination: 'igw-12345678' }, 'InvalidInternetGatewayID.NotFound'],
    [{ Destination: undefined }, 'MissingParameter'],
    [{ DestinationIp: 'x' }, 'InvalidParameterValue'],
    [{ DestinationPort: 0 }, 'InvalidParameterValue'],
    [{ FilterAtSource: { SourceAddress: '10.0.1.9' } }, 'InvalidParameterCombination'],
  ];
  for (const [more, code] of rows) {
    t.equal(lab.refuse('CreateNetworkInsightsPath', { ...input, ...more }).code, code);
  }
});

t.test('an analysis belongs to a path, which stays as long', async (t) => {
  const lab = new Lab();
  const Source = lab.eni(lab.subnet(lab.vpc(), '10.0.1.0/24'));
  const path = { Source, DestinationIp: '10.0.1.9', Protocol: 'tcp' };
  const created = lab.act('CreateNetworkInsightsPath', path);
  const NetworkInsightsPathId = textAt(created, 'NetworkInsightsPath', 'NetworkInsightsPathId');
  const started = lab.act('StartNetworkInsightsAnalysis', { NetworkInsightsPathId });
  const id = textAt(started, 'NetworkInsightsAnalysis', 'NetworkInsightsAnalysisId');
  lab.nowMs += 60_000;
  lab.act('StartNetworkInsightsAnalysis', { NetworkInsightsPathId });
  const found = (input: object) =>
    listAt(lab.act('DescribeNetworkInsightsAnalyses', { ...input }), 'NetworkInsightsAnalyses');
  t.match(found({ NetworkInsightsAnalysisIds: [id] }), [
    { Status: 'failed', NetworkPathFound: undefined, StatusMessage: /no running network/ },
  ]);
  t.equal(found({ AnalysisStartTime: '2020-05-01T12:00:30Z' }).length, 1);
  t.equal(found({ AnalysisEndTime: '2020-05-01T11:00:00Z' }).length, 0);
  t.equal(found({ Filters: [{ Name: 'status', Values: ['failed'] }] }).length, 2);
  const remove = { NetworkInsightsPathId };
  t.equal(
    lab.refuse('DeleteNetworkInsightsPath', remove).code,
    'AnalysisExistsForNetworkInsightsPath',
  );
  const time = { AnalysisStartTime: 'noon' };
  t.equal(lab.refuse('DescribeNetworkInsightsAnalyses', time).code, 'InvalidParameterValue');
  for (const analysis of found({ NetworkInsightsPathId })) {
    const NetworkInsightsAnalysisId = at(analysis, 'NetworkInsightsAnalysisId');
    lab.act('DeleteNetworkInsightsAnalysis', { NetworkInsightsAnalysisId });
  }
  t.same(lab.act('DeleteNetworkInsightsPath', remove), remove);
  t.equal(
    lab.refuse('StartNetworkInsightsAnalysis', remove).code,
    'InvalidNetworkInsightsPathId.NotFound',
  );
  const unknown = { NetworkInsightsAnalysisId: id };
  t.equal(
    lab.refuse('DeleteNetworkInsightsAnalysis', unknown).code,
    'InvalidNetworkInsightsAnalysisId.NotFound',
  );
});

/** Flow logs and network insights. */
import { INTERFACE, NetworkInterfaceId, NO_ONE, SUBNET, SubnetId, VPC, VpcId } from './network.ts';
import { gives, ref, refuses, type Story } from './story.ts';

const FlowLogId = ref('logs.FlowLogIds.0');
const NEW = {
  ResourceIds: [VpcId],
  ResourceType: 'VPC',
  TrafficType: 'ALL',
  LogGroupName: 'flows',
  DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/flows',
  ClientToken: 'logs',
};

const flowLogs: Story = {
  title: 'flow logs',
  calls: [
    VPC,
    gives(
      'CreateFlowLogs',
      NEW,
      { FlowLogIds: [/^fl-0/], Unsuccessful: [], ClientToken: 'logs' },
      'logs',
    ),
    refuses(
      'CreateFlowLogs',
      { ...NEW, ClientToken: 'other', MaxAggregationInterval: 61 },
      'InvalidParameter',
    ),
    gives(
      'DescribeFlowLogs',
      { Filter: [{ Name: 'resource-id', Values: [VpcId] }] },
      {
        FlowLogs: [
          {
            FlowLogId,
            ResourceId: VpcId,
            FlowLogStatus: 'ACTIVE',
            CreationTime: '2020-05-01T12:00:00.000Z',
          },
        ],
      },
    ),
    refuses('DescribeFlowLogs', { FlowLogIds: [`fl-${NO_ONE}`] }, 'InvalidFlowLogId.NotFound'),
    gives('DeleteFlowLogs', { FlowLogIds: [FlowLogId] }, { Unsuccessful: [] }),
    refuses('DeleteFlowLogs', { FlowLogIds: [] }, 'MissingParameter'),
  ],
};

const NetworkInsightsPathId = ref('path.NetworkInsightsPath.NetworkInsightsPathId');
const NetworkInsightsAnalysisId = ref('started.NetworkInsightsAnalysis.NetworkInsightsAnalysisId');
const NO_PATH = { NetworkInsightsPathId: `nip-${NO_ONE}` };
const NO_PATH_FOUND = 'InvalidNetworkInsightsPathId.NotFound';
const NO_ANALYSIS = `nia-${NO_ONE}`;
const NO_ANALYSIS_FOUND = 'InvalidNetworkInsightsAnalysisId.NotFound';
const Destination = ref('other.NetworkInterface.NetworkInterfaceId');
const QUESTION = { Destination, Protocol: 'tcp' };

const paths: Story = {
  title: 'network insights',
  calls: [
    VPC,
    SUBNET,
    INTERFACE,
    gives('CreateNetworkInterface', { SubnetId, ClientToken: 'destination' }, {}, 'other'),
    gives(
      'CreateNetworkInsightsPath',
      { ...QUESTION, Source: NetworkInterfaceId, ClientToken: 'path' },
      { NetworkInsightsPath: { ...QUESTION, Source: NetworkInterfaceId } },
      'path',
    ),
    refuses(
      'CreateNetworkInsightsPath',
      { ...QUESTION, Source: `eni-${NO_ONE}`, ClientToken: 'other' },
      'InvalidNetworkInterfaceID.NotFound',
    ),
    gives(
      'DescribeNetworkInsightsPaths',
      {},
      { NetworkInsightsPaths: [{ NetworkInsightsPathId, Protocol: 'tcp' }] },
    ),
    refuses(
      'DescribeNetworkInsightsPaths',
      { NetworkInsightsPathIds: [NO_PATH.NetworkInsightsPathId] },
      NO_PATH_FOUND,
    ),
    gives(
      'StartNetworkInsightsAnalysis',
      { NetworkInsightsPathId, ClientToken: 'analysis' },
      { NetworkInsightsAnalysis: { NetworkInsightsPathId } },
      'started',
    ),
    refuses('StartNetworkInsightsAnalysis', { ...NO_PATH, ClientToken: 'other' }, NO_PATH_FOUND),
    gives(
      'DescribeNetworkInsightsAnalyses',
      { NetworkInsightsPathId },
      { NetworkInsightsAnalyses: [{ StartDate: '2020-05-01T12:00:00.000Z' }] },
    ),
    refuses(
      'DescribeNetworkInsightsAnalyses',
      { NetworkInsightsAnalysisIds: [NO_ANALYSIS] },
      NO_ANALYSIS_FOUND,
    ),
    refuses(
      'DeleteNetworkInsightsPath',
      { NetworkInsightsPathId },
      'AnalysisExistsForNetworkInsightsPath',
    ),
    gives(
      'DeleteNetworkInsightsAnalysis',
      { NetworkInsightsAnalysisId },
      { NetworkInsightsAnalysisId },
    ),
    refuses(
      'DeleteNetworkInsightsAnalysis',
      { NetworkInsightsAnalysisId: NO_ANALYSIS },
      NO_ANALYSIS_FOUND,
    ),
    gives('DeleteNetworkInsightsPath', { NetworkInsightsPathId }, { NetworkInsightsPathId }),
  ],
};

export const INSIGHT_STORIES: readonly Story[] = [flowLogs, paths];

/** Flow logs. */
import { NO_ONE, VPC, VpcId } from './network.ts';
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

export const INSIGHT_STORIES: readonly Story[] = [flowLogs];

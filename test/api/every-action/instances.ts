/** Instances. */
import { ImageId, INSTANCE, InstanceId, NO_ONE, SUBNET, SubnetId, VPC, VpcId } from './network.ts';
import { gives, refuses, type Story } from './story.ts';

const NO_INSTANCE = `i-${NO_ONE}`;
const NO_SUCH_INSTANCE = `The instance ID '${NO_INSTANCE}' does not exist`;
const InstanceIds = [InstanceId];

const instances: Story = {
  title: 'instances',
  calls: [
    VPC,
    SUBNET,
    INSTANCE,
    refuses(
      'RunInstances',
      { ImageId: `ami-${NO_ONE}`, MinCount: 1, MaxCount: 1, SubnetId },
      'InvalidAMIID.NotFound',
      `The image id '[ami-${NO_ONE}]' does not exist`,
    ),
    gives(
      'DescribeInstances',
      { Filters: [{ Name: 'instance-state-name', Values: ['running'] }] },
      {
        Reservations: [
          {
            ReservationId: /^r-0/,
            Instances: [{ InstanceId, ImageId, VpcId, State: { Code: 16, Name: 'running' } }],
          },
        ],
      },
    ),
    refuses(
      'DescribeInstances',
      { InstanceIds: [NO_INSTANCE] },
      'InvalidInstanceID.NotFound',
      NO_SUCH_INSTANCE,
    ),
    gives('ModifyInstanceAttribute', { InstanceId, SourceDestCheck: { Value: false } }, {}),
    refuses(
      'ModifyInstanceAttribute',
      { InstanceId: NO_INSTANCE, SourceDestCheck: { Value: false } },
      'InvalidInstanceID.NotFound',
      NO_SUCH_INSTANCE,
    ),
    gives(
      'DescribeInstanceAttribute',
      { InstanceId, Attribute: 'sourceDestCheck' },
      { InstanceId, SourceDestCheck: { Value: false } },
    ),
    refuses(
      'DescribeInstanceAttribute',
      { InstanceId: 'i-1', Attribute: 'sourceDestCheck' },
      'InvalidInstanceID.Malformed',
      'Invalid id: "i-1"',
    ),
    gives('RebootInstances', { InstanceIds }, {}),
    refuses('RebootInstances', { InstanceIds: [NO_INSTANCE] }, 'InvalidInstanceID.NotFound'),
    gives(
      'StopInstances',
      { InstanceIds },
      {
        StoppingInstances: [
          { InstanceId, CurrentState: { Code: 64 }, PreviousState: { Name: 'running' } },
        ],
      },
    ),
    refuses('StopInstances', { InstanceIds: [NO_INSTANCE] }, 'InvalidInstanceID.NotFound'),
    gives(
      'StartInstances',
      { InstanceIds },
      { StartingInstances: [{ InstanceId, CurrentState: { Code: 0, Name: 'pending' } }] },
    ),
    gives(
      'TerminateInstances',
      { InstanceIds },
      { TerminatingInstances: [{ InstanceId, CurrentState: { Code: 32 } }] },
    ),
    refuses(
      'TerminateInstances',
      { InstanceIds: [InstanceId, NO_INSTANCE] },
      'InvalidInstanceID.NotFound',
    ),
    refuses('StartInstances', { InstanceIds }, 'IncorrectInstanceState'),
  ],
};

export const INSTANCE_STORIES: readonly Story[] = [instances];

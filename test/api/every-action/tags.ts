/** Tags. */
import { NO_ONE, SUBNET, SubnetId, VPC, VpcId } from './network.ts';
import { gives, refuses, type Story } from './story.ts';

const Resources = [VpcId, SubnetId];
const Tags = [
  { Key: 'stage', Value: ' a  b ' },
  { Key: 'empty', Value: '' },
];

const tags: Story = {
  title: 'tags',
  calls: [
    VPC,
    SUBNET,
    gives('CreateTags', { Resources, Tags }, {}),
    refuses('CreateTags', { Resources: [`vpc-${NO_ONE}`], Tags }, 'InvalidVpcID.NotFound'),
    gives(
      'DescribeTags',
      { Filters: [{ Name: 'key', Values: ['stage'] }] },
      {
        Tags: [
          { Key: 'stage', ResourceId: VpcId, ResourceType: 'vpc', Value: ' a  b ' },
          { Key: 'stage', ResourceId: SubnetId, ResourceType: 'subnet', Value: ' a  b ' },
        ],
      },
    ),
    refuses(
      'DescribeTags',
      { Filters: [{ Name: 'colour', Values: ['red'] }] },
      'InvalidParameterValue',
      "The filter 'colour' is invalid",
    ),
    gives('DeleteTags', { Resources, Tags: [{ Key: 'stage' }] }, {}),
    refuses('DeleteTags', { Resources: ['tag-1'] }, 'InvalidID', "The ID 'tag-1' is not valid"),
  ],
};

export const TAG_STORIES: readonly Story[] = [tags];

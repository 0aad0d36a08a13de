/** What an account finds in a region: regions, zones, attributes, the default VPC. */
import { gives, ref, refuses, type Story } from './story.ts';

const ZONE = 'us-east-1b';

const regions: Story = {
  title: 'regions and zones',
  calls: [
    gives(
      'DescribeRegions',
      { RegionNames: ['eu-west-1'] },
      { Regions: [{ RegionName: 'eu-west-1', OptInStatus: 'opt-in-not-required' }] },
    ),
    refuses('DescribeRegions', { RegionNames: ['eu-west-9'] }, 'InvalidParameterValue'),
    gives(
      'DescribeAvailabilityZones',
      { ZoneNames: [ZONE] },
      { AvailabilityZones: [{ ZoneName: ZONE, RegionName: 'us-east-1', State: 'available' }] },
    ),
    refuses('DescribeAvailabilityZones', { ZoneNames: ['us-east-1z'] }, 'InvalidParameterValue'),
    gives(
      'DescribeAccountAttributes',
      { AttributeNames: ['default-vpc'] },
      {
        AccountAttributes: [
          { AttributeName: 'default-vpc', AttributeValues: [{ AttributeValue: 'none' }] },
        ],
      },
    ),
    refuses('DescribeAccountAttributes', { AttributeNames: ['colour'] }, 'InvalidParameterValue'),
  ],
};

const SubnetId = ref('subnets.Subnets.0.SubnetId');

const defaultVpc: Story = {
  title: 'the default VPC',
  calls: [
    gives('CreateDefaultVpc', {}, { Vpc: { CidrBlock: '172.31.0.0/16', IsDefault: true } }),
    refuses('CreateDefaultVpc', {}, 'DefaultVpcAlreadyExists'),
    refuses(
      'CreateDefaultSubnet',
      { AvailabilityZone: ZONE },
      'DefaultSubnetAlreadyExistsInAvailabilityZone',
    ),
    gives(
      'DescribeSubnets',
      { Filters: [{ Name: 'availability-zone', Values: [ZONE] }] },
      { Subnets: [{ DefaultForAz: true, MapPublicIpOnLaunch: true }] },
      'subnets',
    ),
    gives('DeleteSubnet', { SubnetId }, {}),
    gives(
      'CreateDefaultSubnet',
      { AvailabilityZone: ZONE },
      { Subnet: { AvailabilityZone: ZONE, DefaultForAz: true } },
    ),
  ],
};

export const ACCOUNT_STORIES: readonly Story[] = [regions, defaultVpc];

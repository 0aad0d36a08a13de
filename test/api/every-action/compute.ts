/** What instances are launched from and with: images, types, key pairs, templates, volumes. */
import { ImageId, INSTANCE, InstanceId, NO_ONE, SUBNET, SubnetId, VPC } from './network.ts';
import { gives, ref, refuses, type Story } from './story.ts';

const NO_INSTANCE = `i-${NO_ONE}`;
const NO_IMAGE = `ami-${NO_ONE}`;
const NO_SUCH_INSTANCE = `The instance ID '${NO_INSTANCE}' does not exist`;
const NO_SUCH_IMAGE = `The image id '[${NO_IMAGE}]' does not exist`;
const ED25519 =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ/6RXLb3j5Zo6Vtvil8rUscF52pQ8EFf/zazgC4GT7 somebody';

const images: Story = {
  title: 'images',
  calls: [
    gives(
      'DescribeImages',
      { Owners: ['amazon'], Filters: [{ Name: 'name', Values: ['vpclab/fr*'] }] },
      {
        Images: [
          {
            ImageId: /^ami-0[0-9a-f]{16}$/,
            Name: 'vpclab/frr',
            ImageOwnerAlias: 'amazon',
            Public: true,
            Architecture: 'x86_64',
            RootDeviceName: '/dev/xvda',
          },
        ],
      },
    ),
    refuses('DescribeImages', { ImageIds: [NO_IMAGE] }, 'InvalidAMIID.NotFound', NO_SUCH_IMAGE),
    gives('ModifyImageAttribute', { ImageId, Description: { Value: 'mine' } }, {}),
    refuses('ModifyImageAttribute', { ImageId }, 'InvalidParameterCombination'),
    gives(
      'DescribeImageAttribute',
      { ImageId, Attribute: 'description' },
      { ImageId, Description: { Value: 'mine' } },
    ),
    refuses(
      'DescribeImageAttribute',
      { ImageId: NO_IMAGE, Attribute: 'description' },
      'InvalidAMIID.NotFound',
      NO_SUCH_IMAGE,
    ),
    gives('ResetImageAttribute', { ImageId, Attribute: 'launchPermission' }, {}),
    refuses(
      'ResetImageAttribute',
      { ImageId: NO_IMAGE, Attribute: 'launchPermission' },
      'InvalidAMIID.NotFound',
    ),
  ],
};

const types: Story = {
  title: 'instance types',
  calls: [
    gives(
      'DescribeInstanceTypes',
      { InstanceTypes: ['t3.micro'] },
      {
        InstanceTypes: [
          {
            InstanceType: 't3.micro',
            BurstablePerformanceSupported: true,
            VCpuInfo: { DefaultVCpus: 2 },
            MemoryInfo: { SizeInMiB: 1024 },
            NetworkInfo: { MaximumNetworkInterfaces: 2, Ipv4AddressesPerInterface: 2 },
          },
        ],
      },
    ),
    refuses(
      'DescribeInstanceTypes',
      { Filters: [{ Name: 'colour', Values: ['red'] }] },
      'InvalidParameterValue',
      "The filter 'colour' is invalid",
    ),
    gives(
      'DescribeInstanceTypeOfferings',
      {
        LocationType: 'availability-zone',
        Filters: [{ Name: 'instance-type', Values: ['m5.large'] }],
      },
      {
        InstanceTypeOfferings: [
          { InstanceType: 'm5.large', Location: 'us-east-1a' },
          { InstanceType: 'm5.large', Location: 'us-east-1b' },
        ],
      },
    ),
    refuses('DescribeInstanceTypeOfferings', { LocationType: 'outpost' }, 'InvalidParameterValue'),
  ],
};

const keyPairs: Story = {
  title: 'key pairs',
  calls: [
    gives(
      'CreateKeyPair',
      { KeyName: 'ops', KeyType: 'ed25519' },
      { KeyName: 'ops', KeyPairId: /^key-0/, KeyMaterial: /PRIVATE KEY/ },
    ),
    refuses(
      'CreateKeyPair',
      { KeyName: 'ops' },
      'InvalidKeyPair.Duplicate',
      "The keypair 'ops' already exists.",
    ),
    gives(
      'ImportKeyPair',
      { KeyName: 'mine', PublicKeyMaterial: ED25519 },
      { KeyName: 'mine', KeyFingerprint: /^[A-Za-z0-9+/]{43}=$/ },
    ),
    refuses(
      'ImportKeyPair',
      { KeyName: 'other', PublicKeyMaterial: 'no key' },
      'InvalidKey.Format',
      'Key is not in valid OpenSSH public key format',
    ),
    gives(
      'DescribeKeyPairs',
      { KeyNames: ['mine'], IncludePublicKey: true },
      { KeyPairs: [{ KeyName: 'mine', KeyType: 'ed25519', PublicKey: ED25519 }] },
    ),
    refuses(
      'DescribeKeyPairs',
      { KeyNames: ['nobody'] },
      'InvalidKeyPair.NotFound',
      "The key pair 'nobody' does not exist",
    ),
    gives('DeleteKeyPair', { KeyName: 'mine' }, {}),
    refuses('DeleteKeyPair', {}, 'MissingParameter'),
  ],
};

const LaunchTemplateId = ref('template.LaunchTemplate.LaunchTemplateId');
const NO_TEMPLATE = `lt-${NO_ONE}`;
const NO_SUCH_TEMPLATE = 'InvalidLaunchTemplateId.NotFound';

const templates: Story = {
  title: 'launch templates',
  calls: [
    gives(
      'CreateLaunchTemplate',
      { LaunchTemplateName: 'web', LaunchTemplateData: { ImageId, InstanceType: 't3.micro' } },
      { LaunchTemplate: { LaunchTemplateName: 'web', LatestVersionNumber: 1 } },
      'template',
    ),
    refuses(
      'CreateLaunchTemplate',
      { LaunchTemplateName: 'web', LaunchTemplateData: { ImageId } },
      'InvalidLaunchTemplateName.AlreadyExistsException',
      'Launch template name already in use.',
    ),
    gives(
      'CreateLaunchTemplateVersion',
      { LaunchTemplateId, SourceVersion: '1', LaunchTemplateData: { InstanceType: 'm5.large' } },
      {
        LaunchTemplateVersion: {
          VersionNumber: 2,
          LaunchTemplateData: { ImageId, InstanceType: 'm5.large' },
        },
      },
    ),
    refuses(
      'CreateLaunchTemplateVersion',
      { LaunchTemplateId: NO_TEMPLATE, LaunchTemplateData: { ImageId } },
      NO_SUCH_TEMPLATE,
    ),
    gives(
      'DescribeLaunchTemplateVersions',
      { LaunchTemplateId, Versions: ['$Latest'] },
      { LaunchTemplateVersions: [{ VersionNumber: 2, DefaultVersion: false }] },
    ),
    refuses(
      'DescribeLaunchTemplateVersions',
      { LaunchTemplateId, Versions: ['9'] },
      'InvalidLaunchTemplateId.VersionNotFound',
    ),
    gives(
      'ModifyLaunchTemplate',
      { LaunchTemplateId, DefaultVersion: '2' },
      { LaunchTemplate: { DefaultVersionNumber: 2 } },
    ),
    refuses(
      'ModifyLaunchTemplate',
      { LaunchTemplateName: 'nobody', DefaultVersion: '2' },
      'InvalidLaunchTemplateName.NotFoundException',
    ),
    gives(
      'DescribeLaunchTemplates',
      { LaunchTemplateNames: ['web'] },
      { LaunchTemplates: [{ LaunchTemplateName: 'web', DefaultVersionNumber: 2 }] },
    ),
    refuses('DescribeLaunchTemplates', { LaunchTemplateIds: [NO_TEMPLATE] }, NO_SUCH_TEMPLATE),
    gives(
      'DeleteLaunchTemplateVersions',
      { LaunchTemplateId, Versions: ['1', '2'] },
      {
        SuccessfullyDeletedLaunchTemplateVersions: [{ VersionNumber: 1 }],
        UnsuccessfullyDeletedLaunchTemplateVersions: [{ VersionNumber: 2 }],
      },
    ),
    refuses(
      'DeleteLaunchTemplateVersions',
      { LaunchTemplateId: NO_TEMPLATE, Versions: ['1'] },
      NO_SUCH_TEMPLATE,
    ),
    gives('DeleteLaunchTemplate', { LaunchTemplateId }, { LaunchTemplate: {} }),
    refuses('DeleteLaunchTemplate', { LaunchTemplateId }, NO_SUCH_TEMPLATE),
  ],
};

const VolumeId = ref('volumes.Volumes.0.VolumeId');

const launched: Story = {
  title: 'what an instance was launched with',
  calls: [
    VPC,
    SUBNET,
    INSTANCE,
    gives(
      'GetLaunchTemplateData',
      { InstanceId },
      {
        LaunchTemplateData: {
          ImageId,
          InstanceType: 't3.micro',
          NetworkInterfaces: [{ DeviceIndex: 0, SubnetId }],
        },
      },
    ),
    refuses(
      'GetLaunchTemplateData',
      { InstanceId: NO_INSTANCE },
      'InvalidInstanceID.NotFound',
      NO_SUCH_INSTANCE,
    ),
    gives(
      'DescribeVolumes',
      { Filters: [{ Name: 'attachment.instance-id', Values: [InstanceId] }] },
      { Volumes: [{ Size: 8, VolumeType: 'gp3', Attachments: [{ Device: '/dev/xvda' }] }] },
      'volumes',
    ),
    refuses('DescribeVolumes', { VolumeIds: [`vol-${NO_ONE}`] }, 'InvalidVolume.NotFound'),
    refuses('DeleteVolume', { VolumeId }, 'VolumeInUse'),
    gives(
      'ModifyInstanceAttribute',
      {
        InstanceId,
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: false } }],
      },
      {},
    ),
    gives('TerminateInstances', { InstanceIds: [InstanceId] }, {}),
    gives('DeleteVolume', { VolumeId }, {}),
  ],
};

const InstanceIds = [InstanceId];
const AssociationId = ref('association.IamInstanceProfileAssociation.AssociationId');
const NO_ASSOCIATION = `iip-assoc-${NO_ONE}`;

const options: Story = {
  title: 'options of instances',
  calls: [
    VPC,
    SUBNET,
    INSTANCE,
    gives(
      'DescribeInstanceStatus',
      { InstanceIds },
      { InstanceStatuses: [{ InstanceId, InstanceStatus: { Status: 'ok' } }] },
    ),
    refuses(
      'DescribeInstanceStatus',
      { InstanceIds: [NO_INSTANCE] },
      'InvalidInstanceID.NotFound',
      NO_SUCH_INSTANCE,
    ),
    gives('GetConsoleOutput', { InstanceId }, { InstanceId }),
    refuses('GetConsoleOutput', { InstanceId: NO_INSTANCE }, 'InvalidInstanceID.NotFound'),
    gives('ResetInstanceAttribute', { InstanceId, Attribute: 'sourceDestCheck' }, {}),
    refuses(
      'ResetInstanceAttribute',
      { InstanceId: NO_INSTANCE, Attribute: 'sourceDestCheck' },
      'InvalidInstanceID.NotFound',
    ),
    gives(
      'MonitorInstances',
      { InstanceIds },
      { InstanceMonitorings: [{ InstanceId, Monitoring: { State: 'pending' } }] },
    ),
    refuses('MonitorInstances', { InstanceIds: [NO_INSTANCE] }, 'InvalidInstanceID.NotFound'),
    gives(
      'UnmonitorInstances',
      { InstanceIds },
      { InstanceMonitorings: [{ InstanceId, Monitoring: { State: 'disabling' } }] },
    ),
    refuses('UnmonitorInstances', { InstanceIds: [NO_INSTANCE] }, 'InvalidInstanceID.NotFound'),
    gives(
      'ModifyInstanceMetadataOptions',
      { InstanceId, HttpTokens: 'required' },
      { InstanceId, InstanceMetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled' } },
    ),
    refuses(
      'ModifyInstanceMetadataOptions',
      { InstanceId, HttpPutResponseHopLimit: 65 },
      'InvalidParameterValue',
    ),
    gives(
      'ModifyInstanceCreditSpecification',
      { InstanceCreditSpecifications: [{ InstanceId, CpuCredits: 'standard' }] },
      { SuccessfulInstanceCreditSpecifications: [{ InstanceId }] },
    ),
    refuses(
      'ModifyInstanceCreditSpecification',
      { InstanceCreditSpecifications: [{ InstanceId: NO_INSTANCE, CpuCredits: 'standard' }] },
      'InvalidInstanceID.NotFound',
    ),
    gives(
      'DescribeInstanceCreditSpecifications',
      { InstanceIds },
      { InstanceCreditSpecifications: [{ InstanceId, CpuCredits: 'standard' }] },
    ),
    refuses(
      'DescribeInstanceCreditSpecifications',
      { InstanceIds: [NO_INSTANCE] },
      'InvalidInstanceID.NotFound',
    ),
    gives(
      'AssociateIamInstanceProfile',
      { InstanceId, IamInstanceProfile: { Name: 'web' } },
      { IamInstanceProfileAssociation: { InstanceId, State: 'associating' } },
      'association',
    ),
    refuses(
      'AssociateIamInstanceProfile',
      { InstanceId, IamInstanceProfile: { Name: 'web' } },
      'IncorrectState',
    ),
    gives(
      'ReplaceIamInstanceProfileAssociation',
      { AssociationId, IamInstanceProfile: { Name: 'db' } },
      {
        IamInstanceProfileAssociation: {
          IamInstanceProfile: { Arn: 'arn:aws:iam::123456789012:instance-profile/db' },
        },
      },
      'association',
    ),
    refuses(
      'ReplaceIamInstanceProfileAssociation',
      { AssociationId: NO_ASSOCIATION, IamInstanceProfile: { Name: 'db' } },
      'InvalidAssociationID.NotFound',
    ),
    gives(
      'DescribeIamInstanceProfileAssociations',
      { AssociationIds: [AssociationId] },
      { IamInstanceProfileAssociations: [{ AssociationId, State: 'associated' }] },
    ),
    refuses(
      'DescribeIamInstanceProfileAssociations',
      { AssociationIds: [NO_ASSOCIATION] },
      'InvalidAssociationID.NotFound',
    ),
    gives('DisassociateIamInstanceProfile', { AssociationId }, {}),
    refuses('DisassociateIamInstanceProfile', { AssociationId }, 'InvalidAssociationID.NotFound'),
  ],
};

export const COMPUTE_STORIES: readonly Story[] = [
  images,
  types,
  keyPairs,
  templates,
  launched,
  options,
];

import t from 'tap';
import { at, IMAGE, Lab, listAt, textAt } from './lab.ts';

const COUNT = { MinCount: 1, MaxCount: 1 };

function oneTemplate(data = {}) {
  const lab = new Lab();
  const subnetId = lab.subnet(lab.vpc(), '10.0.1.0/24');
  const made = lab.act('CreateLaunchTemplate', {
    LaunchTemplateName: 'web',
    LaunchTemplateData: { ImageId: IMAGE, InstanceType: 't3.micro', ...data },
  });
  const LaunchTemplateId = textAt(made, 'LaunchTemplate', 'LaunchTemplateId');
  return { lab, subnetId, LaunchTemplateId };
}

t.test(
  'RunInstances takes what a template says, and what the request says before it',
  async (t) => {
    const { lab, subnetId, LaunchTemplateId } = oneTemplate({
      UserData: 'IyEvYmluL3No',
      TagSpecifications: [
        {
          ResourceType: 'instance',
          Tags: [
            { Key: 'a', Value: '1' },
            { Key: 'b', Value: '1' },
          ],
        },
      ],
    });
    const run = (more = {}): unknown =>
      at(lab.act('RunInstances', { ...COUNT, SubnetId: subnetId, ...more }), 'Instances', 0);
    t.match(run({ LaunchTemplate: { LaunchTemplateId } }), {
      ImageId: IMAGE,
      InstanceType: 't3.micro',
    });
    const Tags = [{ Key: 'b', Value: '2' }];
    const changed = run({
      LaunchTemplate: { LaunchTemplateName: 'web', Version: '$Latest' },
      InstanceType: 'm5.large',
      TagSpecifications: [{ ResourceType: 'instance', Tags }],
    });
    t.match(changed, { ImageId: IMAGE, InstanceType: 'm5.large' });
    t.same(at(changed, 'Tags'), [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ]);
    const InstanceId = textAt(changed, 'InstanceId');
    const attribute = lab.act('DescribeInstanceAttribute', { InstanceId, Attribute: 'userData' });
    t.match(attribute, { UserData: { Value: 'IyEvYmluL3No' } });
    const rows = [
      [{ LaunchTemplateId: 'lt-0123456789abcdef0' }, 'InvalidLaunchTemplateId.NotFound'],
      [{ LaunchTemplateId: 'lt-x' }, 'InvalidLaunchTemplateId.Malformed'],
      [{ LaunchTemplateName: 'nobody' }, 'InvalidLaunchTemplateName.NotFoundException'],
      [{ LaunchTemplateId, Version: '7' }, 'InvalidLaunchTemplateId.VersionNotFound'],
      [{ LaunchTemplateId, LaunchTemplateName: 'web' }, 'InvalidParameterCombination'],
      [{}, 'MissingParameter'],
    ] as const;
    for (const [LaunchTemplate, code] of rows) {
      const refusal = lab.refuse('RunInstances', { ...COUNT, SubnetId: subnetId, LaunchTemplate });
      t.equal(refusal.code, code, JSON.stringify(LaunchTemplate));
    }
  },
);

t.test('interfaces of a template exclude a subnet of the request', async (t) => {
  const { lab, subnetId } = oneTemplate();
  lab.act('CreateLaunchTemplateVersion', {
    LaunchTemplateName: 'web',
    SourceVersion: '$Latest',
    LaunchTemplateData: { NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: subnetId }] },
  });
  const LaunchTemplate = { LaunchTemplateName: 'web', Version: '2' };
  const made = lab.act('RunInstances', { ...COUNT, LaunchTemplate });
  t.match(made, { Instances: [{ SubnetId: subnetId, InstanceType: 't3.micro' }] });
  t.match(lab.refuse('RunInstances', { ...COUNT, LaunchTemplate, SubnetId: subnetId }), {
    code: 'InvalidParameterCombination',
    message:
      'Network interfaces and an instance-level subnet ID may not be specified on the same request',
  });
});

t.test('versions are counted, chosen, made default and deleted', async (t) => {
  const { lab, LaunchTemplateId } = oneTemplate();
  for (const VersionDescription of ['two', 'three']) {
    const LaunchTemplateData = { ImageId: IMAGE };
    lab.act('CreateLaunchTemplateVersion', {
      LaunchTemplateId,
      VersionDescription,
      LaunchTemplateData,
    });
  }
  const numbers = (input: object): unknown[] =>
    listAt(lab.act('DescribeLaunchTemplateVersions', { ...input }), 'LaunchTemplateVersions').map(
      (version) => at(version, 'VersionNumber'),
    );
  t.same(numbers({ LaunchTemplateId }), [1, 2, 3]);
  t.same(numbers({ LaunchTemplateId, Versions: ['$Default', '$Latest'] }), [1, 3]);
  t.same(numbers({ LaunchTemplateId, MinVersion: '2' }), [2, 3]);
  t.same(numbers({ LaunchTemplateId, MinVersion: '2', MaxVersion: '2' }), [2]);
  t.same(numbers({ Versions: ['$Latest'] }), [3]);
  const isDefault = [{ Name: 'is-default-version', Values: ['true'] }];
  t.same(numbers({ LaunchTemplateId, Filters: isDefault }), [1]);
  lab.act('ModifyLaunchTemplate', { LaunchTemplateId, DefaultVersion: '2' });
  t.match(lab.act('DescribeLaunchTemplates'), {
    LaunchTemplates: [{ DefaultVersionNumber: 2, LatestVersionNumber: 3 }],
  });
  t.match(
    lab.act('DeleteLaunchTemplateVersions', { LaunchTemplateId, Versions: ['1', '2', '9'] }),
    {
      SuccessfullyDeletedLaunchTemplateVersions: [{ VersionNumber: 1 }],
      UnsuccessfullyDeletedLaunchTemplateVersions: [
        { VersionNumber: 2, ResponseError: { Code: 'unexpectedError' } },
        { VersionNumber: 9, ResponseError: { Code: 'launchTemplateVersionDoesNotExist' } },
      ],
    },
  );
  t.same(numbers({ LaunchTemplateId }), [2, 3]);
  const rows = [
    [{}, 'MissingParameter'],
    [{ Versions: ['1'] }, 'MissingParameter'],
    [{ LaunchTemplateId, Versions: ['2'], MinVersion: '1' }, 'InvalidParameterCombination'],
  ] as const;
  for (const [input, code] of rows) {
    t.equal(lab.refuse('DescribeLaunchTemplateVersions', input).code, code);
  }
});

t.test('CreateLaunchTemplate refuses names and data that are none', async (t) => {
  const { lab } = oneTemplate();
  const data = { ImageId: IMAGE };
  const rows = [
    ['ab', data, 'InvalidLaunchTemplateName.MalformedException'],
    ['with space', data, 'InvalidLaunchTemplateName.MalformedException'],
    ['web', data, 'InvalidLaunchTemplateName.AlreadyExistsException'],
    ['empty', {}, 'InvalidRequest'],
    ['typo', { Image: IMAGE }, 'UnknownParameter'],
  ] as const;
  for (const [LaunchTemplateName, LaunchTemplateData, code] of rows) {
    const input = { LaunchTemplateName, LaunchTemplateData };
    t.equal(lab.refuse('CreateLaunchTemplate', input).code, code, LaunchTemplateName);
  }
});

t.test('GetLaunchTemplateData gives data that makes an instance like this one', async (t) => {
  const { lab, subnetId } = oneTemplate();
  const InstanceId = lab.instance(subnetId, {
    InstanceType: 't3.small',
    UserData: 'eA==',
    DisableApiTermination: true,
  });
  const { LaunchTemplateData } = lab.act('GetLaunchTemplateData', { InstanceId });
  const { Placement: _zone, ...data } = Object(LaunchTemplateData);
  lab.act('CreateLaunchTemplate', {
    LaunchTemplateName: 'copy',
    LaunchTemplateData: JSON.parse(JSON.stringify(data)),
  });
  const LaunchTemplate = { LaunchTemplateName: 'copy' };
  const made = lab.act('RunInstances', { ...COUNT, LaunchTemplate });
  t.match(at(made, 'Instances', 0), { InstanceType: 't3.small', SubnetId: subnetId });
});

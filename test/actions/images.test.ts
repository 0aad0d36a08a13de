import t from 'tap';
import { builtInImageId } from '../../src/model/images.ts';
import { at, IMAGE, Lab, listAt, textAt } from './lab.ts';

const FOREIGN = 'ami-0123456789abcdef0';

function names(lab: Lab, input = {}): unknown[] {
  return listAt(lab.act('DescribeImages', input), 'Images').map((image) => at(image, 'Name'));
}

t.test('DescribeImages shows the built-in images under ids that never change', async (t) => {
  const lab = new Lab({ region: 'eu-west-1' });
  const builtIn = ['vpclab/linux', 'vpclab/frr', 'vpclab/bird', 'vpclab/keepalived'];
  t.same(names(lab, { Owners: ['amazon'] }), builtIn);
  t.same(names(lab, { ExecutableUsers: ['all'] }), builtIn);
  t.same(names(lab, { Owners: ['self'] }), [`linux-${IMAGE.slice(4)}`]);
  t.same(names(lab, { Owners: ['123456789012'] }), [`linux-${IMAGE.slice(4)}`]);
  t.equal(builtInImageId('linux'), builtInImageId('linux'));
  t.match(at(lab.act('DescribeImages', { ImageIds: [builtInImageId('bird')] }), 'Images', 0), {
    Name: 'vpclab/bird',
    CreationDate: '2024-01-01T00:00:00.000Z',
    Architecture: 'x86_64',
    RootDeviceType: 'ebs',
    State: 'available',
    Public: true,
  });
});

t.test('DescribeImages takes the filters of AWS', async (t) => {
  const lab = new Lab();
  lab.act('CreateTags', { Resources: [IMAGE], Tags: [{ Key: 'role', Value: 'web' }] });
  const rows: [name: string, value: string, count: number][] = [
    ['name', 'vpclab/*', 4],
    ['architecture', 'x86_64', 5],
    ['architecture', 'arm64', 0],
    ['is-public', 'false', 1],
    ['owner-alias', 'amazon', 4],
    ['state', 'available', 5],
    ['virtualization-type', 'hvm', 5],
    ['root-device-type', 'ebs', 5],
    ['block-device-mapping.volume-size', '8', 5],
    ['image-id', IMAGE, 1],
    ['platform', 'windows', 0],
    ['tag:role', 'web', 1],
  ];
  for (const [Name, value, count] of rows) {
    t.equal(names(lab, { Filters: [{ Name, Values: [value] }] }).length, count, Name);
  }
  t.match(lab.act('DescribeTags'), { Tags: [{ ResourceType: 'image', ResourceId: IMAGE }] });
});

t.test('an AMI that the lab has not runs only when the settings say as what', async (t) => {
  const none = new Lab();
  const run = (lab: Lab, ImageId: string, more = {}) =>
    lab.instance(lab.subnet(lab.vpc(), '10.0.1.0/24'), { ImageId, ...more });
  const subnetId = none.subnet(none.vpc(), '10.0.1.0/24');
  const ONE = { MinCount: 1, MaxCount: 1, SubnetId: subnetId };
  t.match(none.refuse('RunInstances', { ...ONE, ImageId: FOREIGN }), {
    code: 'InvalidAMIID.NotFound',
    message: `The image id '[${FOREIGN}]' does not exist`,
  });
  t.match(none.refuse('DescribeImages', { ImageIds: [FOREIGN] }), {
    code: 'InvalidAMIID.NotFound',
  });
  const amis = new Map([
    [FOREIGN, 'frr'],
    ['*', 'linux'],
  ] as const);
  const lab = new Lab({ settings: { amis } });
  t.match(at(lab.act('DescribeImages', { ImageIds: [FOREIGN] }), 'Images', 0), {
    ImageId: FOREIGN,
    Name: 'vpclab/frr',
  });
  const id = run(lab, FOREIGN, { InstanceType: 't4g.micro' });
  t.match(at(lab.act('DescribeInstances'), 'Reservations', 0, 'Instances', 0), {
    InstanceId: id,
    ImageId: FOREIGN,
    Architecture: 'arm64',
  });
  run(lab, 'ami-12345678');
  const text = 'ami-xyz';
  t.match(lab.refuse('RunInstances', { ...ONE, SubnetId: 'subnet-1', ImageId: text }), {
    code: 'InvalidAMIID.Malformed',
  });
  t.match(lab.refuse('DescribeImages', { ImageIds: [text] }), { code: 'InvalidAMIID.Malformed' });
});

t.test('an image that is known runs on types of its architecture', async (t) => {
  const lab = new Lab();
  const SubnetId = lab.subnet(lab.vpc(), '10.0.1.0/24');
  const request = { ImageId: IMAGE, MinCount: 1, MaxCount: 1, SubnetId, InstanceType: 't4g.micro' };
  t.match(lab.refuse('RunInstances', request), {
    code: 'InvalidParameterValue',
    message: /^The architecture 'arm64' of the specified instance type does not match/,
  });
});

t.test('ModifyImageAttribute changes the images of the account only', async (t) => {
  const lab = new Lab();
  const input = { ImageId: IMAGE };
  lab.act('ModifyImageAttribute', {
    ...input,
    LaunchPermission: { Add: [{ UserId: '210987654321' }, { Group: 'all' }] },
  });
  const told = lab.act('DescribeImageAttribute', { ...input, Attribute: 'launchPermission' });
  t.match(told, { LaunchPermissions: [{ UserId: '210987654321' }, { Group: 'all' }] });
  t.equal(names(lab, { ExecutableUsers: ['210987654321'] }).length, 1);
  lab.act('ModifyImageAttribute', { ...input, OperationType: 'remove', UserGroups: ['all'] });
  t.equal(names(lab, { Filters: [{ Name: 'is-public', Values: ['true'] }] }).length, 4);
  lab.act('ResetImageAttribute', { ...input, Attribute: 'launchPermission' });
  lab.act('ModifyImageAttribute', { ...input, Description: { Value: 'web server' } });
  const described = lab.act('DescribeImages', { ImageIds: [IMAGE] });
  t.equal(textAt(described, 'Images', 0, 'Description'), 'web server');
  const amazon = builtInImageId('linux');
  const rows = [
    ['ModifyImageAttribute', { ImageId: amazon, Description: { Value: 'x' } }, 'AuthFailure'],
    ['DescribeImageAttribute', { ImageId: amazon, Attribute: 'launchPermission' }, 'AuthFailure'],
    ['DescribeImageAttribute', { ...input, Attribute: 'colour' }, 'InvalidParameterValue'],
    [
      'ModifyImageAttribute',
      { ...input, LaunchPermission: { Add: [{ Group: 'some' }] } },
      'InvalidParameterValue',
    ],
  ] as const;
  for (const [action, request, code] of rows) t.equal(lab.refuse(action, request).code, code);
});

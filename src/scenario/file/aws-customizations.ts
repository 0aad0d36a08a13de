/**
 * Options that the AWS CLI has of its own, beside the parameters of the actions.
 * Read first: `awscli/customizations/ec2` of the AWS CLI: addcount, secgroupsimplify, protocolarg.
 */
import { wrong } from './aws-command-error.ts';

/** Writes what an option says into the parameters of the action. @throws AwsCommandError */
type CustomOption = (
  spelling: string,
  values: readonly string[],
  input: Record<string, unknown>,
) => void;

const NONE: ReadonlyMap<string, CustomOption> = new Map();

/** @returns the custom options of an action, by their spelling. */
export function customOptionsOf(action: string): ReadonlyMap<string, CustomOption> {
  return CUSTOM_OPTIONS.get(action) ?? NONE;
}

/** @param kebab Of a boolean parameter. @returns the option that says no. */
export function negatedSpelling(kebab: string): string {
  return kebab === 'egress' ? '--ingress' : `--no-${kebab}`;
}

/** `--count 3` and `--count 1:3` of run-instances. */
const readCount: CustomOption = (spelling, values, input) => {
  const [, least, most] = /^(\d+)(?::(\d+))?$/.exec(values[0] ?? '') ?? [];
  if (least === undefined) throw wrong(spelling, values.join(' '), 'a number or MIN:MAX');
  Object.assign(input, { MinCount: Number(least), MaxCount: Number(most ?? least) });
};

/** @returns what botocore makes of a text that the API wants in Base64. */
export function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** @returns the text that botocore was given. */
export function fromBase64(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

/** `--user-data '#!/bin/sh …'` of run-instances. */
const readUserData: CustomOption = (spelling, values, input) => {
  input['UserData'] = toBase64(only(spelling, values));
};

/** `--protocol tcp` of an entry of a network ACL, whose parameter is a number. */
const readEntryProtocol: CustomOption = (spelling, values, input) => {
  const numbers: Readonly<Record<string, string>> = { tcp: '6', udp: '17', icmp: '1', all: '-1' };
  const text = only(spelling, values);
  input['Protocol'] = Object.hasOwn(numbers, text) ? numbers[text] : text;
};

function only(spelling: string, values: readonly string[]): string {
  const [first, ...others] = values;
  if (first !== undefined && others.length === 0) return first;
  throw wrong(spelling, first === undefined ? null : values.join(' '), 'one value');
}

type Fields = Record<string, unknown>;

/** @returns the one permission that the options of a rule describe. */
function permissionOf(input: Fields): Fields {
  const [permission = {}] = (input['IpPermissions'] ?? []) as Fields[];
  input['IpPermissions'] = [permission];
  return permission;
}

function pairOf(input: Fields): Fields {
  const permission = permissionOf(input);
  const [pair = {}] = (permission['UserIdGroupPairs'] ?? []) as Fields[];
  permission['UserIdGroupPairs'] = [pair];
  return pair;
}

const LAST_PROTOCOL = 255;

const readProtocol: CustomOption = (spelling, values, input) => {
  const text = only(spelling, values);
  const isNumber = /^(?:-1|\d{1,3})$/.test(text) && Number(text) <= LAST_PROTOCOL;
  if (!isNumber && !['tcp', 'udp', 'icmp', 'all'].includes(text)) {
    throw wrong(spelling, text, 'tcp, udp, icmp, all or a protocol number');
  }
  permissionOf(input)['IpProtocol'] = text === 'all' ? '-1' : text;
};

/** Of ICMP the two numbers are type and code. */
const readPort: CustomOption = (spelling, values, input) => {
  const text = only(spelling, values);
  const [, first, last = first] =
    /^(\d+)(?:-(-?\d+))?$/.exec(text) ?? (['-1', 'all'].includes(text) ? [text, '-1'] : []);
  if (first === undefined) throw wrong(spelling, text, 'a port, a range such as 22-25, or all');
  Object.assign(permissionOf(input), { FromPort: Number(first), ToPort: Number(last) });
};

const readCidr: CustomOption = (spelling, values, input) => {
  permissionOf(input)['IpRanges'] = [{ CidrIp: only(spelling, values) }];
};

/** A variable stands for an id. */
const readSourceGroup: CustomOption = (spelling, values, input) => {
  const text = only(spelling, values);
  pairOf(input)[/^(?:sg-|\$)/.test(text) ? 'GroupId' : 'GroupName'] = text;
};

const readGroupOwner: CustomOption = (spelling, values, input) => {
  pairOf(input)['UserId'] = only(spelling, values);
};

const RULE_OPTIONS: ReadonlyMap<string, CustomOption> = new Map([
  ['--protocol', readProtocol],
  ['--port', readPort],
  ['--cidr', readCidr],
  ['--source-group', readSourceGroup],
  ['--group-owner', readGroupOwner],
]);

const ENTRY_OPTIONS: ReadonlyMap<string, CustomOption> = new Map([
  ['--protocol', readEntryProtocol],
]);

const CUSTOM_OPTIONS: ReadonlyMap<string, ReadonlyMap<string, CustomOption>> = new Map([
  [
    'RunInstances',
    new Map([
      ['--count', readCount],
      ['--user-data', readUserData],
    ]),
  ],
  ['AuthorizeSecurityGroupIngress', RULE_OPTIONS],
  ['AuthorizeSecurityGroupEgress', RULE_OPTIONS],
  ['RevokeSecurityGroupIngress', RULE_OPTIONS],
  ['RevokeSecurityGroupEgress', RULE_OPTIONS],
  ['CreateNetworkAclEntry', ENTRY_OPTIONS],
  ['ReplaceNetworkAclEntry', ENTRY_OPTIONS],
]);

const PERMISSIONS = '--ip-permissions';

/** @param given All options of a command. @throws AwsCommandError for those that exclude each other. */
export function checkTogether(given: ReadonlySet<string>): void {
  const rule = [...RULE_OPTIONS.keys()].find((spelling) => given.has(spelling));
  if (rule === undefined || !given.has(PERMISSIONS)) return;
  throw wrong(rule, PERMISSIONS, 'one of the two');
}

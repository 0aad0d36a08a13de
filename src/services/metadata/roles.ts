/** `iam/` and `identity-credentials/`: the credentials that an instance has by its profile, and without. */
import { roleNameOf } from '../../model/roles.ts';
import type { RoleCredentials } from '../role-credentials.ts';
import { awsJson, awsTime } from './aws-json.ts';
import type { Subject } from './subject.ts';
import { directory, type Entry, text } from './tree.ts';

const SINCE = '2012-01-12';
const SINCE_IDENTITY = '2018-05-23';
/** What AWS calls the role by which every instance can say which one it is, and do nothing else. */
const IDENTITY_ROLE = 'aws:ec2-instance';

/** Absent without an instance profile; a profile has one role, of the profile's name. */
export function iamCategory(subject: Subject, issuer: RoleCredentials): Entry {
  const { profile } = subject.instance.options;
  const entries = (): readonly Entry[] => {
    if (profile === null) return [];
    const role = roleNameOf(profile);
    const info = () =>
      awsJson({
        Code: 'Success',
        LastUpdated: lastUpdated(subject, issuer, role),
        InstanceProfileArn: profile.arn,
        InstanceProfileId: profile.id,
      });
    const roles = () => [text(role, () => credentials(subject, issuer, role))];
    return [text('info', info), directory('security-credentials', roles)];
  };
  return directory('iam', entries, SINCE);
}

export function identityCredentialsCategory(subject: Subject, issuer: RoleCredentials): Entry {
  const info = () =>
    awsJson({
      Code: 'Success',
      LastUpdated: lastUpdated(subject, issuer, IDENTITY_ROLE),
      AccountId: subject.realm.accountId,
    });
  const own = () => [text('ec2-instance', () => credentials(subject, issuer, IDENTITY_ROLE))];
  const entries = () => [text('info', info), directory('security-credentials', own)];
  return directory('identity-credentials', () => [directory('ec2', entries)], SINCE_IDENTITY);
}

function issue({ realm, instance }: Subject, issuer: RoleCredentials, roleName: string) {
  return issuer.issue({ accountId: realm.accountId, roleName, instanceId: instance.instanceId });
}

function lastUpdated(subject: Subject, issuer: RoleCredentials, role: string): string {
  return awsTime(issue(subject, issuer, role).lastUpdatedMs);
}

function credentials(subject: Subject, issuer: RoleCredentials, role: string): string {
  const issued = issue(subject, issuer, role);
  return awsJson({
    Code: 'Success',
    LastUpdated: awsTime(issued.lastUpdatedMs),
    Type: 'AWS-HMAC',
    AccessKeyId: issued.accessKeyId,
    SecretAccessKey: issued.secretAccessKey,
    Token: issued.token,
    Expiration: awsTime(issued.expirationMs),
  });
}

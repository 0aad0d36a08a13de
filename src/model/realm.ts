/** Where an object is looked for. */

/** A region of an account: whatever is asked for is looked for there. */
export interface Realm {
  readonly accountId: string;
  readonly region: string;
}

/** The account of every lab. */
export const LAB_ACCOUNT_ID = '123456789012';

/**
 * Where public hosts are, outside every VPC of an account: instances in VPCs of public blocks. No
 * client of the API can name it, as account ids are numbers.
 */
export const INTERNET: Realm = { accountId: 'internet', region: 'internet' };

export function isInternet(realm: Realm): boolean {
  return isSameRealm(realm, INTERNET);
}

export function isSameRealm(one: Realm, other: Realm): boolean {
  return one.accountId === other.accountId && one.region === other.region;
}

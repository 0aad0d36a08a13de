/** AWS's regions with their availability zones. */

export interface Region {
  /** Of zone ids, such as `use1` of `use1-az1`. */
  readonly zonePrefix: string;
  /** One letter for each zone. */
  readonly letters: string;
  /** A region that an account can use only after it has asked for it. */
  readonly isOptIn?: true;
}

/** @source AWS's list of regions; the first 17 are those that every account has. */
export const REGIONS: Readonly<Record<string, Region>> = {
  'us-east-1': { zonePrefix: 'use1', letters: 'abcdef' },
  'us-east-2': { zonePrefix: 'use2', letters: 'abc' },
  'us-west-1': { zonePrefix: 'usw1', letters: 'ac' },
  'us-west-2': { zonePrefix: 'usw2', letters: 'abcd' },
  'ap-south-1': { zonePrefix: 'aps1', letters: 'abc' },
  'ap-northeast-1': { zonePrefix: 'apne1', letters: 'acd' },
  'ap-northeast-2': { zonePrefix: 'apne2', letters: 'abcd' },
  'ap-northeast-3': { zonePrefix: 'apne3', letters: 'abc' },
  'ap-southeast-1': { zonePrefix: 'apse1', letters: 'abc' },
  'ap-southeast-2': { zonePrefix: 'apse2', letters: 'abc' },
  'ca-central-1': { zonePrefix: 'cac1', letters: 'abd' },
  'eu-central-1': { zonePrefix: 'euc1', letters: 'abc' },
  'eu-north-1': { zonePrefix: 'eun1', letters: 'abc' },
  'eu-west-1': { zonePrefix: 'euw1', letters: 'abc' },
  'eu-west-2': { zonePrefix: 'euw2', letters: 'abc' },
  'eu-west-3': { zonePrefix: 'euw3', letters: 'abc' },
  'sa-east-1': { zonePrefix: 'sae1', letters: 'abc' },
  'af-south-1': { zonePrefix: 'afs1', letters: 'abc', isOptIn: true },
  'ap-east-1': { zonePrefix: 'ape1', letters: 'abc', isOptIn: true },
  'ap-east-2': { zonePrefix: 'ape2', letters: 'abc', isOptIn: true },
  'ap-south-2': { zonePrefix: 'aps2', letters: 'abc', isOptIn: true },
  'ap-southeast-3': { zonePrefix: 'apse3', letters: 'abc', isOptIn: true },
  'ap-southeast-4': { zonePrefix: 'apse4', letters: 'abc', isOptIn: true },
  'ap-southeast-5': { zonePrefix: 'apse5', letters: 'abc', isOptIn: true },
  'ap-southeast-6': { zonePrefix: 'apse6', letters: 'abc', isOptIn: true },
  'ap-southeast-7': { zonePrefix: 'apse7', letters: 'abc', isOptIn: true },
  'ca-west-1': { zonePrefix: 'caw1', letters: 'abc', isOptIn: true },
  'eu-central-2': { zonePrefix: 'euc2', letters: 'abc', isOptIn: true },
  'eu-south-1': { zonePrefix: 'eus1', letters: 'abc', isOptIn: true },
  'eu-south-2': { zonePrefix: 'eus2', letters: 'abc', isOptIn: true },
  'il-central-1': { zonePrefix: 'ilc1', letters: 'abc', isOptIn: true },
  'me-central-1': { zonePrefix: 'mec1', letters: 'abc', isOptIn: true },
  'me-south-1': { zonePrefix: 'mes1', letters: 'abc', isOptIn: true },
  'mx-central-1': { zonePrefix: 'mxc1', letters: 'abc', isOptIn: true },
};

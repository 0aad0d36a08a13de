/** `dynamic/instance-identity/`: the document that says which instance it is, and its signatures. */
import { formatIpv4 } from '../../addr/ipv4.ts';
import { INSTANCE_TYPES } from '../../model/instance-type-table.ts';
import { awsJson, awsTime } from './aws-json.ts';
import type { Subject } from './subject.ts';
import { directory, type Entry, text } from './tree.ts';

const SINCE = '2009-04-04';
const DOCUMENT_VERSION = '2017-09-30';

/** Signs what instances say of themselves. */
export interface DocumentSigner {
  /** @returns the signature alone, in base64. */
  signature(document: string): Promise<string>;
  /** @returns PKCS #7 with the document in it, in base64. */
  pkcs7(document: string): Promise<string>;
}

export function instanceIdentityCategory(subject: Subject, signer: DocumentSigner): Entry {
  const signed = (name: string, sign: (document: string) => Promise<string>): Entry => ({
    name,
    since: SINCE,
    node: () => ({ kind: 'leaf', read: () => sign(documentOf(subject)) }),
  });
  const pkcs7 = (document: string) => signer.pkcs7(document);
  const entries = () => [
    text('document', () => documentOf(subject)),
    signed('pkcs7', pkcs7),
    signed('rsa2048', pkcs7),
    signed('signature', (document) => signer.signature(document)),
  ];
  return directory('instance-identity', entries, SINCE);
}

/** @source the EC2 user guide, instance identity documents */
export function documentOf({ instance, fabric, realm, primary }: Subject): string {
  const { imageId, instanceId, instanceType, launchTimeMs } = instance;
  return awsJson({
    accountId: realm.accountId,
    architecture: INSTANCE_TYPES.get(instanceType)?.architecture ?? null,
    availabilityZone: fabric.subnets.get(instance.subnetId)?.availabilityZone ?? null,
    billingProducts: null,
    devpayProductCodes: null,
    marketplaceProductCodes: null,
    imageId,
    instanceId,
    instanceType,
    kernelId: null,
    pendingTime: awsTime(launchTimeMs),
    privateIp: primary.addresses.map(formatIpv4)[0] ?? null,
    ramdiskId: null,
    region: realm.region,
    version: DOCUMENT_VERSION,
  });
}

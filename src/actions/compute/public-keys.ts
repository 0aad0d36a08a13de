/** OpenSSH public keys, and the fingerprints that AWS shows of them. */
import { createHash, createPublicKey } from 'node:crypto';

export interface PublicKey {
  readonly type: 'rsa' | 'ed25519';
  /** The fields of the key in the SSH wire format, its name first. @source RFC 4253 6.6, RFC 8709 4 */
  readonly blob: Buffer;
  readonly fields: readonly Buffer[];
}

const NAMES = { 'ssh-rsa': 'rsa', 'ssh-ed25519': 'ed25519' } as const;
const FIELD_COUNTS = { rsa: 3, ed25519: 2 } as const;
const ED25519_BYTES = 32;
/** AWS's smallest and greatest RSA keys, in bytes. */
const RSA_BYTES: readonly number[] = [128, 256, 512];

/** @returns null when the text is no line with an RSA or ED25519 key in OpenSSH's form. */
export function parsePublicKey(text: string): PublicKey | null {
  const [name = '', base64 = ''] = text.trim().split(/\s+/);
  if (!isKeyName(name)) return null;
  const blob = Buffer.from(base64, 'base64');
  const fields = fieldsOf(blob);
  const type = NAMES[name];
  if (fields === null || fields.length !== FIELD_COUNTS[type]) return null;
  if (fields[0]?.toString('latin1') !== name) return null;
  const key = fields.at(-1) ?? Buffer.alloc(0);
  // A modulus has a zero in front, so that it is not negative.
  const isLong = type === 'rsa' ? RSA_BYTES.includes(key.length - 1) : key.length === ED25519_BYTES;
  return isLong ? { type, blob, fields } : null;
}

function isKeyName(name: string): name is keyof typeof NAMES {
  return Object.hasOwn(NAMES, name);
}

/** @returns the length-prefixed strings that a blob is made of; null when it is cut. */
function fieldsOf(blob: Buffer): Buffer[] | null {
  const fields: Buffer[] = [];
  for (let offset = 0; offset < blob.length; ) {
    if (offset + 4 > blob.length) return null;
    const end = offset + 4 + blob.readUInt32BE(offset);
    if (end > blob.length) return null;
    fields.push(blob.subarray(offset + 4, end));
    offset = end;
  }
  return fields;
}

/**
 * The fingerprint of an imported key: MD5 of the DER form of an RSA key, OpenSSH's SHA-256 of others.
 * @source the EC2 user guide, "Verify the fingerprint of your key pair"
 */
export function importedFingerprint({ type, blob, fields }: PublicKey): string {
  if (type === 'ed25519') return createHash('sha256').update(blob).digest('base64');
  const [, exponent = Buffer.alloc(0), modulus = Buffer.alloc(0)] = fields;
  const key = createPublicKey({
    format: 'jwk',
    key: { kty: 'RSA', e: exponent.toString('base64url'), n: modulus.toString('base64url') },
  });
  return withColons(
    createHash('md5')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest('hex'),
  );
}

/** @returns `1f:51:ae:…`. @param hex Pairs of digits. */
export function withColons(hex: string): string {
  return hex.replaceAll(/..(?=.)/g, '$&:');
}

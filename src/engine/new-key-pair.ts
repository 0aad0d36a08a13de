/** New key pairs, in the forms that EC2 gives them. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { NewKeyPair } from '../actions/action.ts';

const RSA_BITS = 2048;
const ED25519 = 'ssh-ed25519';
/** The cipher `none` has blocks of eight bytes. @source OpenSSH PROTOCOL.key */
const BLOCK_BYTES = 8;
const PEM_COLUMNS = 70;

/** Draws a key pair; it takes some 100 ms for RSA. */
export function newKeyPair(type: 'rsa' | 'ed25519'): NewKeyPair {
  return type === 'rsa' ? newRsaPair() : newEd25519Pair();
}

/** The fingerprint is SHA-1 of the private key in PKCS #8. @source the EC2 user guide, key pairs */
function newRsaPair(): NewKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: RSA_BITS });
  const digest = createHash('sha1').update(privateKey.export({ type: 'pkcs8', format: 'der' }));
  const { e, n } = publicKey.export({ format: 'jwk' });
  const blob = Buffer.concat([
    sshString('ssh-rsa'),
    sshString(Buffer.from(e ?? '', 'base64url')),
    // A leading zero keeps the modulus from being negative.
    sshString(Buffer.concat([Buffer.of(0), Buffer.from(n ?? '', 'base64url')])),
  ]);
  return {
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    publicKey: `ssh-rsa ${blob.toString('base64')}`,
    fingerprint: digest.digest('hex').replaceAll(/..(?=.)/g, '$&:'),
  };
}

/** OpenSSH's own form of the private key; the fingerprint is SHA-256 of the public one. */
function newEd25519Pair(): NewKeyPair {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d, x } = jwkOf(privateKey);
  const blob = Buffer.concat([sshString(ED25519), sshString(x)]);
  return {
    privateKey: openSshPem(blob, Buffer.concat([d, x]), x),
    publicKey: `${ED25519} ${blob.toString('base64')}`,
    fingerprint: createHash('sha256').update(blob).digest('base64'),
  };
}

function jwkOf(key: KeyObject): { readonly d: Buffer; readonly x: Buffer } {
  const { d = '', x = '' } = key.export({ format: 'jwk' });
  return { d: Buffer.from(d, 'base64url'), x: Buffer.from(x, 'base64url') };
}

/** @source OpenSSH PROTOCOL.key */
function openSshPem(publicBlob: Buffer, secret: Buffer, publicKey: Buffer): string {
  const check = randomBytes(4);
  const bare = Buffer.concat([
    check,
    check,
    sshString(ED25519),
    sshString(publicKey),
    sshString(secret),
    sshString(''),
  ]);
  const missing = (BLOCK_BYTES - (bare.length % BLOCK_BYTES)) % BLOCK_BYTES;
  const padding = Buffer.from(Array.from({ length: missing }, (_, index) => index + 1));
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0', 'latin1'),
    ...[sshString('none'), sshString('none'), sshString(''), uint32(1)],
    sshString(publicBlob),
    sshString(Buffer.concat([bare, padding])),
  ]);
  const lines = body.toString('base64').match(new RegExp(`.{1,${PEM_COLUMNS}}`, 'g')) ?? [];
  const label = 'OPENSSH PRIVATE KEY';
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A string of the SSH wire format. @source RFC 4251 5 */
function sshString(content: string | Buffer): Buffer {
  return Buffer.concat([uint32(Buffer.byteLength(content)), Buffer.from(content)]);
}

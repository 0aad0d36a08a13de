/**
 * The lab's own certificate authority: its services have AWS's names, for which nobody else gives a
 * lab certificates. It signs one certificate when the lab starts, and is trusted by instances only.
 */
import fs from 'node:fs';
import path from 'node:path';
import { formatIpv4, ipv4FromWord } from '../addr/ipv4.ts';
import { formatIpv6 } from '../addr/ipv6.ts';
import { API } from '../addr/service-addresses.ts';
import { runProgram } from '../host/process.ts';
import { REGION_NAMES } from '../model/zones.ts';

const OPENSSL_MS = 10_000;
const PATH = '/usr/local/bin:/usr/bin:/bin';
const CA_FILE = 'ca.pem';

/** As texts of PEM. */
export interface Authority {
  /** What whoever talks to the services must trust. */
  readonly ca: string;
  /** The name that OpenSSL looks it up by in a folder of certificates, without the number behind. */
  readonly subjectHash: string;
  /** Of the services. */
  readonly key: string;
  readonly cert: string;
}

/**
 * Makes an authority and the certificate of the services.
 * @param folder For the keys; made for root alone. @throws Error with the words of openssl(1).
 */
export async function makeAuthority(folder: string, lab: string): Promise<Authority> {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  fs.writeFileSync(path.join(folder, 'openssl.cnf'), CONFIG);
  const { exitCode, stdout, stderr } = await runProgram(['sh', '-c', SCRIPT, 'ca', folder, lab], {
    timeoutMs: OPENSSL_MS,
    env: { PATH },
  });
  if (exitCode !== 0)
    throw new Error(`Cannot make the certificates of the services: ${stderr.trim()}`);
  const read = (name: string): string => fs.readFileSync(path.join(folder, name), 'utf8');
  return {
    ca: read(CA_FILE),
    subjectHash: stdout.trim(),
    key: read('services.key'),
    cert: read('services.pem'),
  };
}

const SCRIPT = `
set -e
umask 077
cd "$1"
request() {
  openssl req -config openssl.cnf -x509 -days 825 -nodes \\
    -newkey ec -pkeyopt ec_paramgen_curve:P-256 "$@"
}
request -extensions authority -subj "/CN=vpclab $2" -keyout ca.key -out ${CA_FILE}
request -extensions services -subj "/CN=amazonaws.com" -CA ${CA_FILE} -CAkey ca.key \\
  -keyout services.key -out services.pem
openssl x509 -in ${CA_FILE} -noout -subject_hash
`;

/** AWS's domains; those of the services with addresses of both families are in the second. */
const DOMAINS = ['amazonaws.com', 'api.aws'];

/** Good for AWS's names only, so that whoever trusts it trusts it no further. */
const PERMITTED = [
  ...DOMAINS.map((domain) => `DNS:${domain}`),
  `IP:${formatIpv4(API.ipv4)}/${formatIpv4(ipv4FromWord(-1))}`,
  `IP:${formatIpv6(API.ipv6)}/${Array(8).fill('ffff').join(':')}`,
].map((name) => `permitted;${name}`);

const NAMES = [
  ...REGION_NAMES.flatMap((region) => DOMAINS.map((domain) => `DNS:*.${region}.${domain}`)),
  'DNS:ec2.amazonaws.com',
  'DNS:sts.amazonaws.com',
  'DNS:elasticloadbalancing.amazonaws.com',
  `IP:${formatIpv4(API.ipv4)}`,
  `IP:${formatIpv6(API.ipv6)}`,
];

const CONFIG = `
[req]
distinguished_name = subject
prompt = no
[subject]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
nameConstraints = critical, ${PERMITTED.join(', ')}
[services]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = ${NAMES.join(', ')}
`;

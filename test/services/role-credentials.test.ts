/** Credentials of instance roles: whose they are, for how long, and that nobody else can make them. */
import t from 'tap';
import { type RoleSession, roleIdOf } from '../../src/model/roles.ts';
import { RoleCredentials } from '../../src/services/role-credentials.ts';

const SESSION: RoleSession = {
  accountId: '123456789012',
  roleName: 'ha',
  instanceId: 'i-0123456789abcdef0',
};
const HOUR_MS = 3_600_000;
const START_MS = 400_000 * HOUR_MS;
const secret = new Uint8Array(32).fill(7);

t.test('a role has the same credentials for an hour, good for six', async (t) => {
  let nowMs = START_MS;
  const issuer = new RoleCredentials(secret, () => nowMs);
  const first = issuer.issue(SESSION);
  t.match(first.accessKeyId, /^ASIA[A-Z2-7]{16}$/);
  t.equal(first.secretAccessKey.length, 40);
  t.match(first.token, /^IQoJb3JpZ2luX2Vj/);
  t.equal(first.lastUpdatedMs, START_MS);
  t.equal(first.expirationMs, START_MS + 6 * HOUR_MS);
  nowMs += HOUR_MS - 1;
  t.same(issuer.issue(SESSION), first);
  nowMs += 1;
  t.not(issuer.issue(SESSION).accessKeyId, first.accessKeyId);
  const found = issuer.find(first.accessKeyId, first.token);
  t.match(found, { ...first, session: SESSION }, 'the old ones are still known');
});

t.test('what was not issued here is nobody’s', async (t) => {
  const issuer = new RoleCredentials(secret, () => START_MS);
  const { accessKeyId, token } = issuer.issue(SESSION);
  const other = issuer.issue({ ...SESSION, instanceId: 'i-0fedcba9876543210' });
  t.not(other.secretAccessKey, issuer.issue(SESSION).secretAccessKey);
  t.equal(issuer.find(other.accessKeyId, token), null, 'the key of another session');
  const stranger = new RoleCredentials(new Uint8Array(32), () => START_MS);
  t.equal(stranger.find(accessKeyId, token), null, 'another lab');
  const forged = `${token.slice(0, 40)}${token[40] === 'A' ? 'B' : 'A'}${token.slice(41)}`;
  for (const text of ['', 'IQoJb3JpZ2luX2Vj', `${token}AAAA`, forged, 'x'.repeat(10_000)]) {
    t.equal(issuer.find(accessKeyId, text), null);
  }
});

t.test('the id of a role follows from its name', async (t) => {
  t.match(roleIdOf(SESSION), /^AROA[A-Z2-7]{17}$/);
  const other: RoleSession = { ...SESSION, instanceId: 'i-other' };
  t.equal(roleIdOf(SESSION), roleIdOf(other));
  t.not(roleIdOf(SESSION), roleIdOf({ ...SESSION, roleName: 'other' }));
});

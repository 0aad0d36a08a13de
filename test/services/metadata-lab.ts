/** A region with instances that ask for their metadata, without packets. */
import assert from 'node:assert/strict';
import type { EniId, InstanceId } from '../../src/model/ids.ts';
import { type Caller, callerOfEni } from '../../src/services/caller.ts';
import type { Answer } from '../../src/services/metadata/answers.ts';
import { answerTo, type MetadataContext } from '../../src/services/metadata/requests.ts';
import { SessionTokens } from '../../src/services/metadata/tokens.ts';
import { RoleCredentials } from '../../src/services/role-credentials.ts';
import { Lab, type LabOptions, NOW_MS } from '../actions/lab.ts';

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class MetadataLab extends Lab {
  readonly context: MetadataContext;
  /** Of the tokens and the credentials. */
  clockMs = NOW_MS;
  #drawn = 0;

  constructor(options: LabOptions = {}) {
    super(options);
    const nowMs = (): number => this.clockMs;
    const random = (size: number): Uint8Array => new Uint8Array(size).fill(this.#drawn++);
    this.context = {
      tokens: new SessionTokens({ secret: new Uint8Array(32).fill(1), nowMs, random }),
      credentials: new RoleCredentials(new Uint8Array(32).fill(2), nowMs),
      signer: {
        signature: async (document) => `signature of ${document.length}`,
        pkcs7: async (document) => `message of ${document.length}`,
      },
    };
  }

  /** By its primary interface, or by another. */
  callerOf(instanceId: string, eniId?: string): Caller {
    const found = [...this.snapshot.enis.values()].find(({ attachment, ...eni }) =>
      eniId === undefined
        ? attachment?.instanceId === instanceId && attachment.deviceIndex === 0
        : eni.eniId === eniId,
    );
    const caller = callerOfEni(this.snapshot, (found?.eniId ?? 'eni-') as EniId);
    assert.equal(caller?.instance.instanceId, instanceId as InstanceId);
    return caller;
  }

  async answer(instanceId: string, target: string, asked: Asked = {}): Promise<Answer> {
    const { method = 'GET', headers = {} } = asked;
    return answerTo({ method, target, headers }, this.callerOf(instanceId), this.context);
  }

  /** @returns the body; null for 404. @throws AssertionError for any other answer. */
  async get(instanceId: string, path: string, version = 'latest'): Promise<string | null> {
    const { status, body } = await this.answer(instanceId, `/${version}/${path}`);
    assert([200, 404].includes(status), `${path}: ${status}`);
    return status === 200 ? body.toString() : null;
  }

  async token(instanceId: string, ttlS = 60): Promise<string> {
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': String(ttlS) };
    const answer = await this.answer(instanceId, '/latest/api/token', { method: 'PUT', headers });
    assert.equal(answer.status, 200);
    return answer.body.toString();
  }

  /** @returns the leaves of a version with what they hold, in the order of the listings. */
  async walk(instanceId: string, version = 'latest', path = ''): Promise<Map<string, string>> {
    const leaves = new Map<string, string>();
    const listed = (await this.get(instanceId, path, version))?.split('\n') ?? [];
    for (const line of listed) {
      const name = line.replace(/^(\d+)=.*/, '$1/');
      const isTop = path === '' && name !== 'user-data';
      if (name.endsWith('/') || isTop) {
        const below = await this.walk(instanceId, version, `${path}${name.replace(/\/?$/, '/')}`);
        for (const [leaf, content] of below) leaves.set(leaf, content);
      } else {
        const content = await this.get(instanceId, `${path}${name}`, version);
        assert(content !== null, `${path}${name} is listed and not there`);
        leaves.set(`${path}${name}`, content);
      }
    }
    return leaves;
  }
}

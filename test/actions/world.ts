/** Accounts and regions in memory, for tests of what spans them; also what the API needs of a lab. */
import { newRegion } from '../../src/actions/account/new-region.ts';
import type { ActionInput, ActionOutput } from '../../src/actions/action.ts';
import { ApiError } from '../../src/actions/api-error.ts';
import { createIdSource } from '../../src/actions/ids.ts';
import { performAction } from '../../src/actions/table.ts';
import type { RoleKey } from '../../src/api/asker.ts';
import type { ApiLab } from '../../src/api/server.ts';
import { actionEnvironment } from '../../src/engine/action-environment.ts';
import type { Realm } from '../../src/model/realm.ts';
import { DEFAULT_QUOTAS, DEFAULT_SETTINGS } from '../../src/model/settings.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { World } from '../../src/model/world.ts';
import { isOpenRegion, zonesOf } from '../../src/model/zones.ts';
import { listAt, NOW_MS, textAt } from './lab.ts';

export const ACCOUNT = '123456789012';
export const OTHER = '210987654321';
export const HOME: Realm = { accountId: ACCOUNT, region: 'us-east-1' };
export const ABROAD: Realm = { accountId: ACCOUNT, region: 'eu-west-1' };
export const STRANGER: Realm = { accountId: OTHER, region: 'us-east-1' };

export class TestWorld implements ApiLab {
  readonly #ids = createIdSource('test');
  nowMs = NOW_MS;
  readonly world = new World({
    home: HOME,
    found: (realm) =>
      !isOpenRegion(realm.region)
        ? null
        : newRegion(
            {
              ...realm,
              availabilityZones: zonesOf(realm.region),
              rules: '2020',
              settings: DEFAULT_SETTINGS,
              quotas: DEFAULT_QUOTAS,
            },
            actionEnvironment(this.#ids, this.nowMs),
            { hasDefaultVpc: true },
          ),
  });

  get snapshot(): Snapshot {
    return this.world.home;
  }

  findKey(_accessKeyId: string, _token: string): RoleKey | null {
    return null;
  }

  regionOf(realm: Realm): Snapshot | null {
    return this.world.snapshotOf(realm);
  }

  async perform(name: string, input: ActionInput, realm?: Realm): Promise<ActionOutput> {
    return this.act(name, input, realm);
  }

  async reset(): Promise<void> {
    this.world.reset();
  }

  act(name: string, input: ActionInput = {}, realm: Realm = HOME): ActionOutput {
    return performAction(
      this.world.editor(realm),
      name,
      input,
      actionEnvironment(this.#ids, this.nowMs),
    );
  }

  refusal(name: string, input: ActionInput, realm: Realm = HOME): string {
    try {
      this.act(name, input, realm);
    } catch (error) {
      if (error instanceof ApiError) return `${error.code}: ${error.message}`;
      throw error;
    }
    return 'none';
  }

  newVpc(cidr: string, realm: Realm = HOME): string {
    return textAt(this.act('CreateVpc', { CidrBlock: cidr }, realm), 'Vpc', 'VpcId');
  }

  peering(id: string, realm: Realm): ActionOutput {
    const output = this.act(
      'DescribeVpcPeeringConnections',
      { VpcPeeringConnectionIds: [id] },
      realm,
    );
    return listAt(output, 'VpcPeeringConnections')[0] as ActionOutput;
  }
}

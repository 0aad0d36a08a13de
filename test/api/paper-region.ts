/** A region in memory as the API server wants it: what `LabRuntime` is without instances and packets. */
import type { ActionInput } from '../../src/actions/action.ts';
import type { ApiLab } from '../../src/api/server.ts';
import type { Realm } from '../../src/model/realm.ts';
import { isOpenRegion } from '../../src/model/zones.ts';
import { Lab } from '../actions/lab.ts';

export class PaperRegion implements ApiLab {
  lab = new Lab();

  get snapshot() {
    return this.lab.snapshot;
  }

  async perform(action: string, input: ActionInput) {
    return this.lab.act(action, input);
  }

  regionOf({ region }: Realm) {
    return isOpenRegion(region) ? this.snapshot : null;
  }

  findKey(): null {
    return null;
  }

  /** Begins anew, with the same ids to come. */
  async reset(): Promise<void> {
    this.lab = new Lab();
  }
}

/** A region of an account that has nothing else, in memory: the ids are the same after each reset. */
import type { ActionInput } from '../../src/actions/action.ts';
import type { ApiLab } from '../../src/api/server.ts';
import { isSameRealm, type Realm } from '../../src/model/snapshot.ts';
import { Lab } from '../actions/lab.ts';

export class PaperRegion implements ApiLab {
  #lab = new Lab();

  get snapshot() {
    return this.#lab.snapshot;
  }

  regionOf(realm: Realm) {
    return isSameRealm(realm, this.snapshot) ? this.snapshot : null;
  }

  async perform(action: string, input: ActionInput) {
    return this.#lab.act(action, input);
  }

  async reset() {
    this.#lab = new Lab();
  }
}

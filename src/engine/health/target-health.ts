/**
 * Keeps the states of targets true: has them checked by the nodes of their balancers, and forgotten
 * when they have left (GWLB-6, GWLB-7). What it finds goes into the model by actions of the lab's own.
 */
import type { ActionInput } from '../../actions/action.ts';
import { Memo } from '../../compile/memo.ts';
import type { EniId } from '../../model/ids.ts';
import type { Target } from '../../model/load-balancers.ts';
import type { Realm } from '../../model/realm.ts';
import type { Fabric } from '../../model/snapshot.ts';
import { nodeNetnsName } from '../lab-place.ts';
import { ALARM } from '../late-changes.ts';
import { Checker } from './checker.ts';
import { Draining } from './draining.ts';
import type { Health } from './health-state.ts';
import { probe } from './probe.ts';
import { type WatchedTarget, watchedTargets } from './watched-targets.ts';

/** Where the states are. */
export interface TargetModel {
  /** @returns the newest; packets may follow it later. */
  readonly fabric: () => Fabric;
  /** Does an action of the lab's own, at once. */
  readonly perform: (action: string, input: ActionInput, realm: Realm) => void;
}

export class TargetHealth {
  readonly #model: TargetModel;
  readonly #checker: Checker;
  readonly #draining: Draining;
  readonly #watched = new Memo<readonly WatchedTarget[]>();

  /** @param lab Its name. */
  constructor(lab: string, model: TargetModel) {
    this.#model = model;
    this.#checker = new Checker({
      probe: ({ nodeId, address, check }, signal) =>
        probe(nodeNetnsName(lab, nodeId), address, check, signal),
      report: (target, health) => this.#report(target, health),
      alarm: ALARM,
    });
    const forget = (target: Target): void => this.#perform('ForgetTarget', target);
    this.#draining = new Draining(model.fabric, forget, { ...ALARM, nowMs: Date.now });
  }

  /** Call it after each change of the model. @param nodes Those that can ask. */
  follow(nodes: ReadonlyMap<EniId, unknown>): void {
    const fabric = this.#model.fabric();
    const { targets, targetGroups, loadBalancers, enis, instances, subnets } = fabric;
    const watched = this.#watched.get(
      [targets, targetGroups, loadBalancers, enis, instances, subnets],
      () => watchedTargets(fabric),
    );
    this.#checker.follow(watched.filter(({ nodeId }) => nodes.has(nodeId)));
    this.#draining.follow(fabric);
  }

  close(): void {
    this.#checker.close();
    this.#draining.close();
  }

  #report(target: Target, { state, reason }: Health): void {
    const now = this.#model.fabric().targets.get(target.targetKey);
    // It may have left since the probe was sent.
    if (now === undefined || now.state === 'draining') return;
    this.#perform('PutTargetHealth', target, { State: state, Reason: reason ?? undefined });
  }

  #perform(action: string, { targetGroupArn, targetId }: Target, more: ActionInput = {}): void {
    const { targetGroups, vpcs } = this.#model.fabric();
    const vpcId = targetGroups.get(targetGroupArn)?.vpcId;
    const realm = vpcId && vpcs.get(vpcId)?.realm;
    if (realm === undefined) return;
    const input = { TargetGroupArn: targetGroupArn, TargetId: targetId, ...more };
    this.#model.perform(action, input, realm);
  }
}

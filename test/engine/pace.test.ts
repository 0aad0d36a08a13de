/** AWS's behaviour in time: packets that follow later, throttling, requests that see an older state. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { ActionInput } from '../../src/actions/action.ts';
import { ApiError } from '../../src/actions/api-error.ts';
import { NOBODY } from '../../src/engine/action-environment.ts';
import { ApiGate } from '../../src/engine/api-gate.ts';
import { LabAccounts } from '../../src/engine/lab-accounts.ts';
import { drawPacketDelayMs, LateChanges } from '../../src/engine/late-changes.ts';
import { Past } from '../../src/engine/past.ts';
import { Throttle } from '../../src/engine/throttle.ts';
import type { Realm } from '../../src/model/realm.ts';
import { DEFAULT_QUOTAS, DEFAULT_SETTINGS, type FabricSettings } from '../../src/model/settings.ts';
import type { Fabric, Snapshot } from '../../src/model/snapshot.ts';
import { emptySnapshot } from '../../src/model/store.ts';
import { packetDelayOf } from '../../src/model/timing.ts';
import { zonesOf } from '../../src/model/zones.ts';
import { RoleCredentials } from '../../src/services/role-credentials.ts';
import { listAt, NOW_MS, textAt } from '../actions/lab.ts';
import { ABROAD, HOME, STRANGER } from '../actions/world.ts';
import { ScriptedAlarm } from './scripted-alarm.ts';

function fabricOf(revision: number): Snapshot {
  const region = { ...HOME, availabilityZones: [], rules: '2020' as const };
  const empty = emptySnapshot({ ...region, settings: DEFAULT_SETTINGS, quotas: DEFAULT_QUOTAS });
  return { ...empty, revision };
}

t.test(
  '[ENI-12] LateChanges: each change at its own time, in the order of the answers',
  async (t) => {
    const alarm = new ScriptedAlarm();
    let newest: Fabric = fabricOf(0);
    const forced: number[] = [];
    const changes = new LateChanges(
      () => newest,
      () => forced.push(changes.fabric.revision),
      alarm,
    );
    const change = (delayMs: number): void => {
      const before = newest;
      newest = fabricOf(before.revision + 1);
      changes.put(before, delayMs);
    };
    change(0);
    t.same([changes.isLate, changes.fabric.revision], [false, 1], 'one without delay is in force');
    change(500);
    change(2000);
    change(100);
    t.same([changes.isLate, changes.fabric.revision], [true, 1]);
    alarm.pass(499);
    t.equal(changes.fabric.revision, 1);
    alarm.pass(1);
    t.equal(changes.fabric.revision, 2, 'the model as it was at the change that is due');
    alarm.pass(1000);
    t.equal(changes.fabric.revision, 2, 'the quick one does not overtake the slow one');
    change(0);
    t.equal(changes.fabric.revision, 2, 'nor does one without delay');
    alarm.pass(500);
    t.same([changes.isLate, changes.fabric.revision], [false, 5]);
    t.same(forced, [2, 5]);
    change(300);
    changes.clear();
    t.equal(changes.fabric.revision, 6);
    alarm.pass(1000);
    t.same(forced, [2, 5], 'nobody is called any more');
  },
);

t.test('drawPacketDelayMs goes by the settings', async (t) => {
  const random = (limit: number): number => limit - 1;
  const draw = (settings: Partial<FabricSettings>, action = 'ReplaceRoute'): number =>
    drawPacketDelayMs({ ...DEFAULT_SETTINGS, ...settings }, action, random);
  const [, most] = packetDelayOf('ReplaceRoute');
  t.equal(draw({}), 0);
  t.equal(draw({ timing: 'aws' }), most);
  t.equal(draw({ timing: 'aws', timingScale: 0.5 }), most / 2);
  t.equal(draw({ packetDelayMs: 1234 }), 1234);
  t.equal(draw({ timing: 'aws', packetDelayMs: 0 }), 0);
  t.equal(draw({ timing: 'aws', packetDelayMs: 1234 }, 'RunInstances'), 0, 'the guest boots');
  t.equal(draw({ timing: 'aws' }, 'PutTargetHealth'), 0, 'the node knows');
});

/** @returns how many requests pass at this time. */
function passed(
  throttle: Throttle,
  action: string,
  nowMs: number,
  input: ActionInput = {},
): number {
  for (let count = 0; ; count++) {
    try {
      throttle.take(HOME, action, input, nowMs);
    } catch (error) {
      t.match(error, {
        code: 'RequestLimitExceeded',
        message: 'Request limit exceeded.',
        status: 503,
      });
      return count;
    }
  }
}

t.test('Throttle has the buckets that AWS documents', async (t) => {
  const page = { MaxResults: 5 };
  const rows: [string, ActionInput, number, number][] = [
    ['DescribeVpcs', {}, 100, 20],
    ['DescribeInstances', page, 100, 20],
    ['DescribeInstances', {}, 50, 10],
    ['CreateVpc', {}, 50, 5],
    ['AuthorizeSecurityGroupIngress', {}, 50, 5],
    ['AssignPrivateIpAddresses', {}, 100, 5],
    ['CreateDefaultVpc', {}, 1, 1],
    ['RunInstances', { MaxCount: 1 }, 5, 2],
    ['RunInstances', { MaxCount: 1, DryRun: true }, 5, 2],
  ];
  for (const [action, input, capacity, perSecond] of rows) {
    const throttle = new Throttle();
    t.equal(passed(throttle, action, 0, input), capacity, `${action} at once`);
    t.equal(passed(throttle, action, 1000, input), perSecond, `${action} a second later`);
    t.equal(passed(throttle, action, 1e9, input), capacity, `${action} never holds more`);
  }
  const throttle = new Throttle();
  passed(throttle, 'DescribeInstances', 0);
  t.equal(passed(throttle, 'DescribeInstances', 0, page), 100, 'a bucket of its own');
  t.equal(passed(throttle, 'DescribeSubnets', 0), 100, 'each action has one');
  for (const realm of [ABROAD, STRANGER]) throttle.take(realm, 'DescribeSubnets', {}, 0);
});

t.test('Throttle counts the instances of a request', async (t) => {
  const throttle = new Throttle();
  throttle.take(HOME, 'RunInstances', { MaxCount: 998 }, 0);
  t.throws(() => throttle.take(HOME, 'RunInstances', { MaxCount: 3 }, 0));
  throttle.take(HOME, 'RunInstances', { MaxCount: 2 }, 0);
  t.throws(() => throttle.take(HOME, 'RunInstances', { MaxCount: 3 }, 1000));
  throttle.take(HOME, 'RunInstances', { MaxCount: 3 }, 1500);
  const InstanceIds = Array.from({ length: 1000 }, (_, index) => `i-${index}`);
  throttle.take(HOME, 'StopInstances', { InstanceIds }, 0);
  t.throws(() => throttle.take(HOME, 'StopInstances', { InstanceIds: ['i-1'] }, 0));
});

t.test('Past gives a region as it was, for as long as it is kept', async (t) => {
  const past = new Past(1000);
  const snapshots = [0, 1, 2].map(fabricOf);
  for (const [index, snapshot] of snapshots.entries()) past.record(snapshot, 100 * (index + 1));
  const at = (ms: number): unknown => past.at(HOME, ms)?.revision ?? null;
  t.same([0, 99, 100, 150, 299, 300].map(at), [0, 0, 1, 1, 2, null]);
  t.equal(past.at(ABROAD, 0), null);
  past.record(fabricOf(0), 1250);
  t.same([0, 260, 1249, 1250].map(at), [2, 2, 0, null], 'what is too old is gone');
  const none = new Past(0);
  none.record(fabricOf(0), 5);
  t.equal(none.at(HOME, 0), null);
});

interface Gated {
  readonly accounts: LabAccounts;
  readonly gate: ApiGate;
  readonly clock: { nowMs: number };
}

function gated(t: Test, settings: Partial<FabricSettings>): Gated {
  const clock = { nowMs: NOW_MS };
  const nowMs = (): number => clock.nowMs;
  const home = {
    ...HOME,
    availabilityZones: zonesOf(HOME.region),
    rules: '2020' as const,
    settings: { ...DEFAULT_SETTINGS, ...settings },
    quotas: DEFAULT_QUOTAS,
  };
  const setup = { home, hasDefaultVpc: false, seed: 'pace' };
  const accounts = new LabAccounts(
    setup,
    path.join(t.testdir(), 'accounts.jsonl'),
    () => NOBODY,
    nowMs,
  );
  t.teardown(() => accounts.close());
  const lab = {
    get snapshot() {
      return accounts.home;
    },
    regionOf: (realm: Realm) => accounts.regionOf(realm),
    perform: async (action: string, input: ActionInput, realm: Realm) =>
      accounts.perform(action, input, realm),
    reset: async () => accounts.reset(),
  };
  const credentials = new RoleCredentials(new Uint8Array(32), nowMs);
  return {
    accounts,
    gate: new ApiGate({ lab, accounts, credentials, seed: 'pace', nowMs }),
    clock,
  };
}

async function codeOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => 'done',
    (error: unknown) => (error instanceof ApiError ? error.code : String(error)),
  );
}

/** Asks again and again, at one moment. @returns the different outcomes. */
async function outcomes(ask: () => Promise<unknown>): Promise<string[]> {
  const codes = new Set<string>();
  for (let count = 0; count < 40; count++) codes.add(await codeOf(ask()));
  return [...codes].sort();
}

t.test('ApiGate lets a request see an older state, within the time', async (t) => {
  const { gate, clock } = gated(t, { eventualConsistencyMs: 2000 });
  const make = async (CidrBlock: string): Promise<string> =>
    textAt(await gate.perform('CreateVpc', { CidrBlock }), 'Vpc', 'VpcId');
  const VpcId = await make('10.0.0.0/16');
  clock.nowMs += 1;
  const describe = (): Promise<unknown> => gate.perform('DescribeVpcs', { VpcIds: [VpcId] });
  t.same(await outcomes(describe), ['InvalidVpcID.NotFound']);
  const subnet = { VpcId, CidrBlock: '10.0.1.0/24' };
  t.equal(await codeOf(gate.perform('CreateSubnet', subnet)), 'InvalidVpcID.NotFound');
  clock.nowMs += 1000;
  t.same(await outcomes(describe), ['InvalidVpcID.NotFound', 'done'], 'now and then');
  clock.nowMs += 1000;
  t.same(await outcomes(describe), ['done']);
  await gate.perform('CreateSubnet', subnet);
  t.equal(
    await codeOf(gate.perform('CreateSubnet', subnet)),
    'InvalidSubnet.Conflict',
    'a change is made to the newest state',
  );
  await gate.perform('DeleteSubnet', { SubnetId: await onlySubnet(gate, clock) });
  clock.nowMs += 1;
  const count = listAt(await gate.perform('DescribeSubnets', {}), 'Subnets').length;
  t.equal(count, 1, 'what is gone is still told');
});

/** Waits until everybody sees the only subnet. */
async function onlySubnet(gate: ApiGate, clock: { nowMs: number }): Promise<string> {
  clock.nowMs += 2001;
  return textAt(await gate.perform('DescribeSubnets', {}), 'Subnets', 0, 'SubnetId');
}

t.test('ApiGate throttles each account and region by itself', async (t) => {
  const { gate, clock } = gated(t, { throttling: 'aws' });
  const create = (realm: Realm): Promise<unknown> =>
    gate.perform('CreateDefaultVpc', { DryRun: true }, realm);
  t.equal(await codeOf(create(HOME)), 'DryRunOperation');
  t.equal(await codeOf(create(HOME)), 'RequestLimitExceeded', 'dry runs count');
  t.equal(await codeOf(create(ABROAD)), 'DefaultVpcAlreadyExists');
  clock.nowMs += 1000;
  t.equal(await codeOf(create(HOME)), 'DryRunOperation');
});

t.test('ApiGate does nothing unless it is asked', async (t) => {
  const { gate } = gated(t, {});
  for (let count = 0; count < 120; count++) await gate.perform('DescribeVpcs', {});
  const vpc = await gate.perform('CreateVpc', { CidrBlock: '10.0.0.0/16' });
  await gate.perform('DescribeVpcs', { VpcIds: [textAt(vpc, 'Vpc', 'VpcId')] });
});

t.test('calls at the same time are done one after another', async (t) => {
  const { gate } = gated(t, {});
  const vpc = await gate.perform('CreateVpc', { CidrBlock: '10.0.0.0/16' });
  const subnet = { VpcId: textAt(vpc, 'Vpc', 'VpcId'), CidrBlock: '10.0.1.0/24' };
  const codes = await Promise.all(
    Array.from({ length: 50 }, () => codeOf(gate.perform('CreateSubnet', subnet))),
  );
  t.equal(codes.filter((code) => code === 'done').length, 1);
  t.equal(codes.filter((code) => code === 'InvalidSubnet.Conflict').length, 49);
  const vpcs = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      codeOf(gate.perform('CreateVpc', { CidrBlock: `10.${index + 1}.0.0/16` })),
    ),
  );
  t.same(vpcs, [...Array(4).fill('done'), ...Array(6).fill('VpcLimitExceeded')]);
});

t.test('timing survives the controller', async (t) => {
  const { accounts } = gated(t, { timing: 'aws' });
  accounts.perform('CreateVpc', { CidrBlock: '10.0.0.0/16' }, HOME);
  const file = fs.readFileSync(path.join(t.testdirName, 'accounts.jsonl'), 'utf8');
  t.match(file, /"transitions","vpc-[^"]+",\{"state":"pending"/);
});

/** A lab runtime over the real actions and a model, without a kernel: instances are answered by tests. */
import { newRegion } from '../../src/actions/account/new-region.ts';
import type { ActionInput, ActionOutput } from '../../src/actions/action.ts';
import { createIdSource } from '../../src/actions/ids.ts';
import { performAction } from '../../src/actions/table.ts';
import { actionEnvironment } from '../../src/engine/action-environment.ts';
import type {
  ExecResult,
  FlowState,
  LabRuntime,
  LabStatus,
  PortStats,
  ProbeFlow,
  Probing,
  RunningCommand,
  StatsReport,
} from '../../src/engine/control-api.ts';
import { settingsOfRegion } from '../../src/engine/region-settings.ts';
import type { ImageId } from '../../src/model/ids.ts';
import { ownImage } from '../../src/model/images.ts';
import type { Realm } from '../../src/model/realm.ts';
import { DEFAULT_QUOTAS, DEFAULT_SETTINGS } from '../../src/model/settings.ts';
import { World } from '../../src/model/world.ts';
import type { Lab } from '../../src/scenario/lab.ts';
import type { Clock } from '../../src/scenario/poll.ts';

/** A clock that stands still but for its sleepers. */
export class FakeClock implements Clock {
  #nowMs = 1_700_000_000_000;

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number): Promise<void> {
    this.#nowMs += ms;
    return Promise.resolve();
  }
}

type OnOutage = Parameters<LabRuntime['probe']>[1];

/** A flow whose probes are all answered. */
export const ANSWERED: FlowState = {
  sent: 5000,
  answered: 5000,
  steady: 5000,
  outSinceMs: null,
  error: null,
};

type ExecAnswer = (instance: string, command: string) => Partial<ExecResult>;

/** Records what it is asked for. */
export class ModelRuntime implements LabRuntime {
  readonly name: string;
  readonly clock = new FakeClock();
  readonly calls: string[] = [];
  readonly performed: { action: string; input: ActionInput; region: string }[] = [];
  answer: ExecAnswer = () => ({});
  logs: Record<string, string> = {};
  flowLogs: Record<string, string> = {};
  ports: PortStats[] = [];
  /** Every probe is answered, unless a test gives another prober. */
  prober: LabRuntime['probe'] = (flows) => ({
    states: flows.map(() => ANSWERED),
    stop: () => Promise.resolve(),
  });
  health: 'ok' | 'impaired' = 'ok';
  readonly #world: World;
  readonly #images = new Map<ImageId, string>();
  readonly #ids = createIdSource('test');

  constructor(lab: Lab) {
    this.name = lab.name;
    const home = {
      ...lab.home,
      availabilityZones: lab.zones,
      rules: lab.rules,
      settings: { ...DEFAULT_SETTINGS, ...lab.settings },
      quotas: { ...DEFAULT_QUOTAS, ...lab.quotas },
    };
    const found = (realm: Realm) => {
      const settings = settingsOfRegion(home, realm);
      if (settings === null) return null;
      const environment = actionEnvironment(createIdSource(`test/${realm.region}`), 0);
      const empty = newRegion(settings, environment, { hasDefaultVpc: false });
      const images = [...this.#images].map(([id, name]) => [id, ownImage(id, name)] as const);
      return { ...empty, images: new Map([...empty.images, ...images]) };
    };
    this.#world = new World({ home, found });
  }

  /** The region at home. */
  get snapshot() {
    return this.#world.home;
  }

  get fabric() {
    return this.#world.own;
  }

  /** Registers an image for an instance; another version is another image. */
  imageIdOf = (instance: string, version = 1): ImageId => {
    const imageId: ImageId = `ami-${Buffer.from(`${version}${instance}`).toString('hex').padEnd(17, '0').slice(0, 17)}`;
    if (this.#images.has(imageId)) return imageId;
    this.#images.set(imageId, instance);
    for (const region of this.fabric.regions) {
      const editor = this.#world.editor(region);
      editor.edit((draft) => draft.put('images', imageId, ownImage(imageId, instance)));
    }
    return imageId;
  };

  perform(action: string, input: ActionInput, realm: Realm = this.snapshot): Promise<ActionOutput> {
    this.calls.push(action);
    this.performed.push({ action, input, region: realm.region });
    try {
      const environment = actionEnvironment(this.#ids, this.clock.nowMs());
      const editor = this.#world.editor(realm);
      return Promise.resolve(performAction(editor, action, input, environment));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  status(): LabStatus {
    const instances = [...this.snapshot.instances.values()].map((instance) => ({
      name: instance.tags.get('Name') ?? '',
      instanceId: instance.instanceId,
      image: 'linux',
      state: instance.state,
      health: this.health,
      pid: null,
      netns: '',
      zone: '',
      interfaces: [],
      daemons: [],
    }));
    return {
      name: this.name,
      pid: 1,
      region: this.snapshot.region,
      rules: this.snapshot.rules,
      labPath: '-',
      apiUrl: null,
      isRecords: false,
      uplink: null,
      startedMs: 0,
      memoryBytes: 0,
      instances,
      recordedOnly: [],
    };
  }

  stats(): Promise<StatsReport> {
    const flows = { entries: 0, hits: 0, misses: 0, evictions: 0 };
    const tracked = { connections: 0, connectionEvictions: 0, connectionRefusals: 0 };
    return Promise.resolve({ generation: 1, flows: { ...flows, ...tracked }, ports: this.ports });
  }

  exec(instance: string, command: string): Promise<ExecResult> {
    this.calls.push(`${instance}$ ${command}`);
    const given = this.answer(instance, command);
    return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', ...given });
  }

  start(instance: string, command: string): RunningCommand {
    this.calls.push(`${instance}& ${command}`);
    return {
      stop: () => {
        this.calls.push(`${instance}^C`);
        return Promise.resolve({ exitCode: 0, stdout: '', stderr: '' });
      },
    };
  }

  probe(flows: readonly ProbeFlow[], onOutage: OnOutage): Probing {
    for (const { instance, protocol, address, port } of flows)
      this.calls.push(`${instance} probes ${address} ${protocol} ${port}`);
    const probing = this.prober(flows, onOutage);
    return {
      get states() {
        return probing.states;
      },
      stop: () => {
        this.calls.push('probes end');
        return probing.stop();
      },
    };
  }

  changes: LabRuntime['changes'] = () => [];

  readLog(instance: string): Promise<string> {
    return Promise.resolve(this.logs[instance] ?? '');
  }

  readFlowLogs(instance: string): Promise<string> {
    return Promise.resolve(this.flowLogs[instance] ?? '');
  }

  kill(instance: string): Promise<void> {
    this.calls.push(`kill ${instance}`);
    return Promise.resolve();
  }
}

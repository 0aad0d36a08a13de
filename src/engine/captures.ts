/**
 * All captures of a lab that go on: the worker copies the frames of the ports that any of them
 * wants, and each gets its own. Interfaces that are plugged in later join those that want them.
 */
import type { Dataplane } from './dataplane.ts';
import type { PluggedPort } from './port-log.ts';
import type { CapturedFrame } from './worker-protocol.ts';

/** A device of an instance that is captured. */
export interface CapturedDevice {
  /** `r1.eth0`. */
  readonly name: string;
  readonly eniId: string;
}

export interface CaptureSession {
  /** @returns true for the devices that it is about. */
  readonly wants: (device: CapturedDevice) => boolean;
  /** @param peer The device that the frame was forwarded to, when it was. */
  readonly onFrame: (
    device: CapturedDevice,
    frame: CapturedFrame,
    peer: CapturedDevice | undefined,
  ) => void;
  /** So many frames could not be copied in time. */
  readonly onLost: (count: number) => void;
}

const SERVICES: CapturedDevice = { name: 'the services of the lab', eniId: '' };
const UPLINK: CapturedDevice = { name: 'the uplink of the host', eniId: '' };

/** What lies behind ports that no instance has; -1 for what there is not. They cannot be captured. */
export interface PortsOfHost {
  readonly servicesPort: number;
  readonly uplinkPort: number;
}

type Plugged = readonly (readonly [instance: string, plugged: PluggedPort])[];

export class Captures {
  readonly #dataplane: Dataplane;
  readonly #plugged: () => Plugged;
  readonly #portsOfHost: () => PortsOfHost;
  readonly #sessions = new Set<CaptureSession>();
  #devices = new Map<number, CapturedDevice>();

  constructor(dataplane: Dataplane, plugged: () => Plugged, portsOfHost: () => PortsOfHost) {
    this.#dataplane = dataplane;
    this.#plugged = plugged;
    this.#portsOfHost = portsOfHost;
  }

  /** Settles when the worker copies what the session wants. */
  async open(session: CaptureSession): Promise<void> {
    this.#sessions.add(session);
    await this.refresh();
  }

  async close(session: CaptureSession): Promise<void> {
    if (this.#sessions.delete(session)) await this.#observe();
  }

  /** Call it whenever interfaces were plugged in or pulled out. */
  async refresh(): Promise<void> {
    this.#devices = new Map(
      this.#plugged().map(([instance, { port, device, eniId }]) => [
        port,
        { name: `${instance}.${device}`, eniId },
      ]),
    );
    if (this.#sessions.size > 0) await this.#observe();
  }

  #observe(): Promise<void> {
    const wanted = [...this.#devices]
      .filter(([, device]) => [...this.#sessions].some((session) => session.wants(device)))
      .map(([port]) => port);
    return this.#dataplane.capture(wanted, (frames, lost) => {
      for (const frame of frames) this.#deliver(frame);
      if (lost > 0) for (const session of this.#sessions) session.onLost(lost);
    });
  }

  #peerAt(port: number): CapturedDevice | undefined {
    const { servicesPort, uplinkPort } = this.#portsOfHost();
    if (port === servicesPort) return SERVICES;
    return port === uplinkPort ? UPLINK : this.#devices.get(port);
  }

  #deliver(frame: CapturedFrame): void {
    const device = this.#devices.get(frame.port);
    if (device === undefined) return;
    const { verdict } = frame;
    const peer = verdict.kind === 'forwarded' ? this.#peerAt(verdict.port) : undefined;
    for (const session of this.#sessions) {
      if (session.wants(device)) session.onFrame(device, frame, peer);
    }
  }
}

/** The services of a lab: their namespace, the port of the dataplane that leads there, and who asks. */
import type net from 'node:net';
import { API, portOfPeer, RESOLVER, VPC_RESOLVER_ALIAS } from '../addr/service-addresses.ts';
import type { Journal } from '../host/journal.ts';
import type { EniId } from '../model/ids.ts';
import type { Fabric } from '../model/snapshot.ts';
import { type Caller, callerOfEni } from '../services/caller.ts';
import { answerMessage } from '../services/dns/resolver.ts';
import { type Answerer, answerDatagram, dnsServer } from '../services/dns/server.ts';
import { ServicesNamespace } from '../services/services-namespace.ts';
import type { Dataplane } from './dataplane.ts';
import { type LabPlace, servicesNetnsName } from './lab-place.ts';

/** Of HTTP, so that the URL of the API needs none. */
const API_PORT = 80;
const DNS_PORT = 53;
const RESOLVER_ADDRESSES = [RESOLVER.ipv4, RESOLVER.ipv6, VPC_RESOLVER_ALIAS];

export interface ServicesView {
  /** What there is now. */
  readonly fabric: () => Fabric;
  /** @returns the interface that holds a port of the dataplane. */
  readonly eniOfPort: (port: number) => EniId | undefined;
}

export class LabServices {
  readonly #namespace: ServicesNamespace;
  readonly #view: ServicesView;
  #port = -1;

  /** @throws Error when the host refuses; the journal names what was made. */
  constructor(place: LabPlace, journal: Journal, view: ServicesView) {
    this.#namespace = new ServicesNamespace(servicesNetnsName(place.name), journal);
    this.#view = view;
  }

  /** The port that leads to the services; -1 before `open`. */
  get port(): number {
    return this.#port;
  }

  /** Guests reach the services with the next program. */
  async open(dataplane: Dataplane): Promise<void> {
    await this.#namespace.open();
    this.#port = await dataplane.addPort(this.#namespace.fd);
  }

  /** Serves the EC2 API to guests. @param serverOf Makes a server; one listens at each address. */
  async serveApi(serverOf: () => net.Server): Promise<void> {
    await this.#namespace.listen([API.ipv4, API.ipv6], API_PORT, serverOf);
  }

  /** Resolves names for guests (DNS-1). */
  async serveDns(): Promise<void> {
    const answer: Answerer = (message, transport, peer) =>
      answerMessage(message, transport, () => this.callerOf(peer));
    await this.#namespace.receive(RESOLVER_ADDRESSES, DNS_PORT, (datagram, from, socket) =>
      answerDatagram(answer, datagram, from, socket),
    );
    await this.#namespace.listen(RESOLVER_ADDRESSES, DNS_PORT, () => dnsServer(answer));
  }

  /**
   * @param peer The address of a client of a service.
   * @returns who asks; null when the interface is gone.
   */
  callerOf(peer: string): Caller | null {
    const eniId = this.#view.eniOfPort(portOfPeer(peer));
    return eniId === undefined ? null : callerOfEni(this.#view.fabric(), eniId);
  }

  /** The dataplane must have let go of the port. */
  close(): void {
    this.#namespace.close();
  }
}

/** The services of a lab: their namespace, the port of the dataplane that leads there, and who asks. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type net from 'node:net';
import {
  API,
  METADATA,
  portOfPeer,
  RESOLVER,
  VPC_RESOLVER_ALIAS,
} from '../addr/service-addresses.ts';
import { Daemon } from '../host/daemon.ts';
import type { Journal } from '../host/journal.ts';
import { findProgram } from '../host/proc.ts';
import type { EniId } from '../model/ids.ts';
import type { Fabric } from '../model/snapshot.ts';
import { type Caller, callerOfEni } from '../services/caller.ts';
import { resolver } from '../services/dns/resolver.ts';
import { answerDatagram, dnsServer } from '../services/dns/server.ts';
import { type DnsServer, serversIn, Upstream } from '../services/dns/upstream.ts';
import { metadataServer } from '../services/metadata/server.ts';
import { IdentitySigner } from '../services/metadata/signer.ts';
import { SessionTokens } from '../services/metadata/tokens.ts';
import { RoleCredentials } from '../services/role-credentials.ts';
import { ServicesNamespace } from '../services/services-namespace.ts';
import { timeServerCommand } from '../services/time.ts';
import type { Dataplane } from './dataplane.ts';
import { type LabPlace, servicesCgroup, servicesNetnsName } from './lab-place.ts';

/** So that URLs need none. */
const HTTP_PORT = 80;
const HTTPS_PORT = 443;
const DNS_PORT = 53;
const RESOLV_CONF = '/etc/resolv.conf';
const RESOLVER_ADDRESSES = [RESOLVER.ipv4, RESOLVER.ipv6, VPC_RESOLVER_ALIAS];
const SECRET_BYTES = 32;

export interface ServicesView {
  /** What there is now. */
  readonly fabric: () => Fabric;
  /** @returns the interface that holds a port of the dataplane. */
  readonly eniOfPort: (port: number) => EniId | undefined;
}

export class LabServices {
  readonly #place: LabPlace;
  readonly #namespace: ServicesNamespace;
  readonly #view: ServicesView;
  readonly #signer: IdentitySigner;
  /** Of the roles of instances. */
  readonly credentials = new RoleCredentials(randomBytes(SECRET_BYTES), Date.now);
  /** The host's name servers, of when the lab starts. */
  readonly #upstream = new Upstream(hostServers());
  #port = -1;
  #time: Daemon | null = null;

  /** @throws Error when the host refuses; the journal names what was made. */
  constructor(place: LabPlace, journal: Journal, view: ServicesView) {
    this.#place = place;
    this.#namespace = new ServicesNamespace(servicesNetnsName(place.name), journal);
    this.#view = view;
    this.#signer = new IdentitySigner(place.identity, `vpclab ${place.name}`);
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

  /** Serves instance metadata. @param onDefect Gets what guests are not told. */
  async serveMetadata(onDefect: (error: unknown) => void): Promise<void> {
    const secret = randomBytes(SECRET_BYTES);
    const setup = {
      callerOf: (peer: string) => this.callerOf(peer),
      tokens: new SessionTokens({ secret, nowMs: Date.now, random: randomBytes }),
      credentials: this.credentials,
      signer: this.#signer,
      onDefect,
    };
    const addresses = [METADATA.ipv4, METADATA.ipv6];
    await this.#namespace.listen(addresses, HTTP_PORT, () => metadataServer(setup));
  }

  /**
   * Serves the EC2 API to guests.
   * @param serverOf Makes a server, of HTTPS or of HTTP; one listens at each address.
   */
  async serveApi(serverOf: (isSecure: boolean) => net.Server): Promise<void> {
    const addresses = [API.ipv4, API.ipv6];
    await Promise.all([
      this.#namespace.listen(addresses, HTTP_PORT, () => serverOf(false)),
      this.#namespace.listen(addresses, HTTPS_PORT, () => serverOf(true)),
    ]);
  }

  /**
   * Serves the time of the host to guests.
   * @param report Is told in words why there is no time, now or later; the lab goes on.
   */
  serveTime(report: (words: string) => void): void {
    const { name, timePid, timeLog } = this.#place;
    const [program, ...args] = timeServerCommand(timePid, this.#namespace.hasIpv6);
    const file = findProgram(program);
    if (file === null) {
      report(`Cannot tell guests the time: this host has no ${program}`);
      return;
    }
    const place = { netns: this.#namespace.netns, cgroup: servicesCgroup(name), logPath: timeLog };
    this.#time = new Daemon([file, ...args], place, (reason) =>
      report(`Cannot tell guests the time any more: ${program}: ${reason}, see "${timeLog}"`),
    );
  }

  /** Resolves names for guests (DNS-1). @param onDefect Gets what guests are not told. */
  async serveDns(onDefect: (error: unknown) => void): Promise<void> {
    const callerOf = (peer: string) => this.callerOf(peer);
    const answer = resolver({ callerOf, upstream: this.#upstream, onDefect });
    await this.#namespace.receive(RESOLVER_ADDRESSES, DNS_PORT, (datagram, from, socket) => {
      void answerDatagram(answer, datagram, from, socket);
    });
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
  async close(): Promise<void> {
    await this.#time?.close();
    this.#upstream.close();
    this.#namespace.close();
  }
}

/** @returns none where the host has none, or no file that says. */
function hostServers(): readonly DnsServer[] {
  return fs.existsSync(RESOLV_CONF) ? serversIn(fs.readFileSync(RESOLV_CONF, 'utf8')) : [];
}

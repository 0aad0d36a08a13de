/** Compiles the edges of VPCs: internet gateways, and the public addresses behind them (IGW-1). */
import { ipv4Cidr } from '../addr/cidr.ts';
import { buildExactMap } from '../addr/exact-map.ts';
import type { Ipv4Addr } from '../addr/ipv4.ts';
import { buildLpm, type LpmEntry } from '../addr/lpm.ts';
import type { EdgeTable, NatGatewayTable } from '../dataplane/edges.ts';
import type { VpcEndpoint } from '../model/endpoints.ts';
import type { EgressOnlyGateway, NatGateway } from '../model/gateways.ts';
import type { EniId } from '../model/ids.ts';
import { isInternet } from '../model/realm.ts';
import type { Vpc } from '../model/records.ts';
import { edgeTableOf } from '../model/routes.ts';
import type { Fabric } from '../model/snapshot.ts';
import { type Indexes, indexIn, lpmEntry } from './rows.ts';

/** One public address, and whom it stands for. */
interface Mapping {
  readonly publicAddr: Ipv4Addr;
  readonly privateAddr: Ipv4Addr;
  readonly eniId: EniId;
}

export function compileEdges(snapshot: Fabric, indexes: Indexes): EdgeTable {
  const vpcs = [...snapshot.vpcs.values()];
  const gateways = new Map(
    Array.from(snapshot.internetGateways.values(), (gateway) => [gateway.vpcId, gateway]),
  );
  const mappings = mappingsOf(snapshot);
  const vpcOf = ({ eniId }: Mapping): number =>
    indexIn(indexes.vpcs, snapshot.enis.get(eniId)?.vpcId ?? '');
  const egressOnly = [...snapshot.egressOnlyGateways.values()];
  const endpoints = gatewayEndpointsOf(snapshot);
  const firstEndpoint = natRowOfEndpoint(snapshot, 0);
  const nats = natGatewaysOf(snapshot);
  return {
    nat: compileNat(snapshot, nats, [...egressOnly, ...endpoints], indexes),
    natOfEni: Int32Array.from(snapshot.enis.keys(), (eniId) =>
      nats.findIndex((nat) => nat.eniId === eniId),
    ),
    egressOnly: Int32Array.from(vpcs, ({ vpcId }) => {
      const row = egressOnly.findIndex((gateway) => gateway.vpcId === vpcId);
      return row === -1 ? -1 : natRowOfEgressOnly(snapshot, row);
    }),
    endpoints: Int32Array.from(endpoints, (_, place) => firstEndpoint + place),
    endpointBlocks4: buildLpm(
      vpcs.flatMap((vpc, row) =>
        endpoints.some(({ vpcId }) => vpcId === vpc.vpcId) ? blocks4(vpc, row) : [],
      ),
    ),
    hasInternetGateway: Uint8Array.from(vpcs, ({ vpcId }) => (gateways.has(vpcId) ? 1 : 0)),
    internetRouteTable: Int32Array.from(vpcs, ({ vpcId }) => {
      const gateway = gateways.get(vpcId);
      const table = gateway && edgeTableOf(snapshot, gateway.internetGatewayId);
      return table === undefined ? -1 : indexIn(indexes.routeTables, table.routeTableId);
    }),
    isInternet: Uint8Array.from(vpcs, ({ realm }) => (isInternet(realm) ? 1 : 0)),
    publicWord: Int32Array.from(mappings, ({ publicAddr }) => publicAddr | 0),
    privateWord: Int32Array.from(mappings, ({ privateAddr }) => privateAddr | 0),
    publicEni: Int32Array.from(mappings, ({ eniId }) => indexIn(indexes.enis, eniId)),
    byPublic: buildExactMap(
      3,
      mappings.map(({ publicAddr }, row) => [[publicAddr | 0, 0, 0], row]),
    ),
    byPrivate: buildExactMap(
      3,
      mappings.map((mapping, row) => [[vpcOf(mapping), mapping.privateAddr | 0, 0], row]),
    ),
    blocks4: vpcs.map((vpc) => buildLpm(blocks4(vpc, 0))),
    blocks6: vpcs.map((vpc) => buildLpm(blocks6(vpc, 0))),
    internet4: buildLpm(
      vpcs.flatMap((vpc, row) => (isInternet(vpc.realm) ? blocks4(vpc, row) : [])),
    ),
    own4: buildLpm(ownBlocks(snapshot)),
    own6: buildLpm(vpcs.flatMap((vpc) => blocks6(vpc, 0))),
    internet6: buildLpm(
      vpcs.flatMap((vpc, row) => {
        const { vpcId } = vpc;
        const isOpen = gateways.has(vpcId) || egressOnly.some((each) => each.vpcId === vpcId);
        return isOpen ? blocks6(vpc, row) : [];
      }),
    ),
  };
}

/** The pool of public addresses, and those that the account has brought along. */
function ownBlocks({ settings, elasticAddresses }: Fabric): LpmEntry[] {
  const brought = Array.from(elasticAddresses.values(), ({ publicAddr }) =>
    ipv4Cidr(publicAddr, 32),
  );
  return [settings.elasticAddressPool, ...brought].map((cidr) => lpmEntry(cidr, 0));
}

/** @returns the NAT gateways that work, in the order of their rows. */
export function natGatewaysOf({ natGateways }: Fabric): NatGateway[] {
  return [...natGateways.values()].filter(({ state }) => state === 'available');
}

/** @returns those by which packets can go. */
export function gatewayEndpointsOf({ vpcEndpoints }: Fabric): VpcEndpoint[] {
  return [...vpcEndpoints.values()].filter(
    ({ type, state }) => type === 'Gateway' && state === 'available',
  );
}

/** @param place Among the egress-only gateways. @returns the row of `EdgeTable.nat`. */
export function natRowOfEgressOnly(snapshot: Fabric, place: number): number {
  return natGatewaysOf(snapshot).length + place;
}

/** @param place Among the gateway endpoints. @returns the row of `EdgeTable.nat`. */
export function natRowOfEndpoint(snapshot: Fabric, place: number): number {
  return natRowOfEgressOnly(snapshot, snapshot.egressOnlyGateways.size + place);
}

/** NAT gateways come first, then egress-only gateways and gateway endpoints, which translate nothing. */
function compileNat(
  { enis }: Fabric,
  nats: readonly NatGateway[],
  others: readonly (EgressOnlyGateway | VpcEndpoint)[],
  indexes: Indexes,
): NatGatewayTable {
  const addresses = nats.map(({ eniId }) =>
    eniId === null ? [] : (enis.get(eniId)?.addresses ?? []),
  );
  const addressFrom = new Int32Array(nats.length + others.length + 1);
  [...addresses, ...others.map(() => [])].forEach((held, row) => {
    addressFrom[row + 1] = (addressFrom[row] as number) + held.length;
  });
  const gateways = [...nats, ...others];
  return {
    id: Int32Array.from([
      ...nats.map(({ natGatewayId }) => numberOf(natGatewayId)),
      ...others.map((each) =>
        numberOf('vpcEndpointId' in each ? each.vpcEndpointId : each.egressOnlyGatewayId),
      ),
    ]),
    vpc: Int32Array.from(gateways, ({ vpcId }) => indexIn(indexes.vpcs, vpcId)),
    subnet: Int32Array.from(gateways, (gateway) =>
      'subnetId' in gateway ? indexIn(indexes.subnets, gateway.subnetId) : -1,
    ),
    eni: Int32Array.from(gateways, (gateway) =>
      'eniId' in gateway && gateway.eniId !== null ? indexIn(indexes.enis, gateway.eniId) : -1,
    ),
    addresses: Int32Array.from(addresses.flat(), (addr) => addr | 0),
    addressFrom,
  };
}

/** The last 32 bits of an id, which are drawn at random: no two gateways of a lab share them. */
function numberOf(id: string): number {
  return Number.parseInt(id.slice(-8), 16) | 0;
}

/** An elastic address stands in for the automatic one of its interface (ENI-10). */
function mappingsOf({ elasticAddresses, enis }: Fabric): Mapping[] {
  const elastic = [...elasticAddresses.values()].flatMap(({ publicAddr, association }) =>
    association === null ? [] : [{ publicAddr, ...association }],
  );
  const automatic = [...enis.values()].flatMap(({ eniId, addresses, autoPublicAddress }) => {
    const [privateAddr] = addresses;
    const publicAddr = autoPublicAddress?.publicAddr ?? null;
    return privateAddr === undefined || publicAddr === null
      ? []
      : [{ publicAddr, privateAddr, eniId }];
  });
  return [...elastic, ...automatic];
}

const blocks4 = ({ cidrs }: Vpc, row: number): LpmEntry[] =>
  cidrs.map(({ cidr }) => lpmEntry(cidr, row));

const blocks6 = ({ ipv6Cidrs }: Vpc, row: number): LpmEntry[] =>
  ipv6Cidrs.map(({ cidr }) => lpmEntry(cidr, row));

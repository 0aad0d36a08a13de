/** Compiles the edges of VPCs: internet gateways, and the public addresses behind them (IGW-1). */
import { buildExactMap } from '../addr/exact-map.ts';
import type { Ipv4Addr } from '../addr/ipv4.ts';
import { buildLpm, type LpmEntry } from '../addr/lpm.ts';
import type { EdgeTable } from '../dataplane/edges.ts';
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
  return {
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
    internet6: buildLpm(
      vpcs.flatMap((vpc, row) => (gateways.has(vpc.vpcId) ? blocks6(vpc, row) : [])),
    ),
  };
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

/** The edges of the VPCs of a lab: gateways, peerings, endpoints, and public addresses. Names are resolved. */
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { Realm } from '../model/realm.ts';
import type { Path } from './file/problems.ts';

interface Placed {
  readonly path: Path;
}

export interface InVpc extends Placed {
  readonly name: string;
  readonly vpc: string;
  /** `vpc/name`. */
  readonly key: string;
}

export interface LabInternetGateway extends InVpc {
  /** The table that steers what enters by it, by its name within the VPC (EDGE-1). */
  readonly routeTable: string | null;
}

export type LabEgressOnlyGateway = InVpc;

export interface LabNatGateway extends InVpc {
  /** `vpc/subnet`. */
  readonly subnet: string;
  readonly connectivity: 'public' | 'private';
  /** The name of its elastic address; null: it is private. */
  readonly elasticAddress: string | null;
  /** null: any free one of the subnet. */
  readonly privateAddress: Ipv4Addr | null;
}

/** One for S3 or DynamoDB (GWEP-1). */
export interface LabGatewayEndpoint extends InVpc {
  readonly service: 's3' | 'dynamodb';
  /** `vpc/table`. */
  readonly routeTables: readonly string[];
}

export interface LabPeering extends Placed {
  readonly name: string;
  /** The VPC that asks. */
  readonly from: string;
  /** The VPC that accepts. */
  readonly to: string;
  readonly isAccepted: boolean;
  /** Whether names of either side resolve to private addresses on the other. */
  readonly resolvesDns: boolean;
}

export interface LabElasticAddress extends Placed {
  /** As the file has it; those that it asks for without a name have that of their owner. */
  readonly name: string;
  readonly realm: Realm;
  /** null: any free one of the pool. */
  readonly address: Ipv4Addr | null;
}

export interface LabGateways {
  /** By `vpc/name`, as those below. */
  readonly internetGateways: ReadonlyMap<string, LabInternetGateway>;
  readonly egressOnlyGateways: ReadonlyMap<string, LabEgressOnlyGateway>;
  readonly natGateways: ReadonlyMap<string, LabNatGateway>;
  readonly endpoints: ReadonlyMap<string, LabGatewayEndpoint>;
  readonly peerings: ReadonlyMap<string, LabPeering>;
  readonly elasticAddresses: ReadonlyMap<string, LabElasticAddress>;
}

/** What a route may lead to outside of the VPC's interfaces; `name` is `vpc/name`, of a peering its name. */
export interface GatewayRef {
  readonly kind:
    | 'internet-gateway'
    | 'egress-only-gateway'
    | 'nat-gateway'
    | 'peering'
    /** Of a Gateway Load Balancer. */
    | 'vpc-endpoint';
  readonly name: string;
}

/** What of a lab's gateways, peerings and public addresses exists already, by name. */
import type { ElasticAddress } from '../../model/elastic-addresses.ts';
import type { VpcEndpoint } from '../../model/endpoints.ts';
import type { EgressOnlyGateway, InternetGateway, NatGateway } from '../../model/gateways.ts';
import type { VpcId } from '../../model/ids.ts';
import { isOpen, type Peering } from '../../model/peerings.ts';
import type { LabFabric } from '../../model/snapshot.ts';
import { owned } from './owned.ts';

export interface CurrentGateways {
  /** By `vpc/name`, as those below. */
  readonly internetGateways: ReadonlyMap<string, InternetGateway>;
  readonly egressOnlyGateways: ReadonlyMap<string, EgressOnlyGateway>;
  readonly natGateways: ReadonlyMap<string, NatGateway>;
  /** Those with routes that AWS makes. */
  readonly endpoints: ReadonlyMap<string, VpcEndpoint>;
  /** Those that are open. */
  readonly peerings: ReadonlyMap<string, Peering>;
  readonly elasticAddresses: ReadonlyMap<string, ElasticAddress>;
  /** Those that are attached to nothing. */
  readonly looseGateways: readonly InternetGateway[];
}

type InVpc = (object: { readonly vpcId: VpcId }) => string | null;

/** @param inVpc Gives `vpc/`; null for a VPC of somebody else. */
export function currentGateways(
  lab: string,
  fabric: LabFabric | null,
  inVpc: InVpc,
): CurrentGateways {
  const internetGateways = owned(lab, fabric?.internetGateways, ({ vpcId }) =>
    vpcId === null ? null : inVpc({ vpcId }),
  );
  const loose = owned(lab, fabric?.internetGateways, ({ vpcId, internetGatewayId }) =>
    vpcId === null ? `${internetGatewayId}/` : null,
  );
  return {
    internetGateways,
    egressOnlyGateways: owned(lab, fabric?.egressOnlyGateways, inVpc),
    natGateways: owned(lab, fabric?.natGateways, (nat) =>
      nat.state === 'available' ? inVpc(nat) : null,
    ),
    endpoints: owned(lab, fabric?.vpcEndpoints, (endpoint) =>
      endpoint.type === 'GatewayLoadBalancer' ? null : inVpc(endpoint),
    ),
    peerings: owned(lab, fabric?.peerings, (peering) => (isOpen(peering) ? '' : null)),
    elasticAddresses: owned(lab, fabric?.elasticAddresses, () => ''),
    looseGateways: [...loose.values()],
  };
}

/** Objects that are gone and still shown. */
import type { InstanceId, NatGatewayId, PeeringId } from './ids.ts';

export interface Gone {
  /** Where the object is. */
  readonly table: 'instances' | 'natGateways' | 'peerings';
  readonly id: InstanceId | NatGatewayId | PeeringId;
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
}

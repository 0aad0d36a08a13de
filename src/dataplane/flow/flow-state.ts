/** All that the dataplane remembers of packets that have passed; it outlives the programs. */
import { BalancerTable } from './balancer-table.ts';
import { ConnectionTable } from './connection-table.ts';
import { FlowLogTable } from './flow-log-table.ts';
import { FlowTable } from './flow-table.ts';
import { ForwardedSenders } from './forwarded-senders.ts';
import { FragmentTable } from './fragment-table.ts';
import { LinkLocalAllowance } from './link-local-allowance.ts';
import { NatTable } from './nat-table.ts';

export interface FlowCapacities {
  readonly flows: number;
  readonly connections: number;
  readonly fragments: number;
  /** Flows of NAT gateways and egress-only gateways. */
  readonly natFlows: number;
  /** Of those, to one destination from one NAT address; default: AWS's 55,000 (NAT-1). */
  readonly natPorts?: number;
  /** Flows through Gateway Load Balancers. */
  readonly balancedFlows: number;
  /** Flows in one window of flow logs. */
  readonly flowLogs: number;
  readonly ports: number;
}

export class FlowState {
  readonly flows: FlowTable;
  readonly connections: ConnectionTable;
  readonly fragments: FragmentTable;
  readonly flowLogs: FlowLogTable;
  readonly allowance: LinkLocalAllowance;
  readonly natFlows: NatTable;
  readonly balancedFlows: BalancerTable;
  readonly forwardedSenders = new ForwardedSenders();

  constructor(capacities: FlowCapacities) {
    this.flows = new FlowTable(capacities.flows);
    this.connections = new ConnectionTable(capacities.connections);
    this.fragments = new FragmentTable(capacities.fragments);
    this.flowLogs = new FlowLogTable(capacities.flowLogs);
    this.natFlows = new NatTable(capacities.natFlows, capacities.natPorts);
    this.balancedFlows = new BalancerTable(capacities.balancedFlows);
    this.allowance = new LinkLocalAllowance(capacities.ports);
  }
}

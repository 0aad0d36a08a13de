/** All that the dataplane remembers of packets that have passed; it outlives the programs. */
import { ConnectionTable } from './connection-table.ts';
import { FlowLogTable } from './flow-log-table.ts';
import { FlowTable } from './flow-table.ts';
import { FragmentTable } from './fragment-table.ts';

export interface FlowCapacities {
  readonly flows: number;
  readonly connections: number;
  readonly fragments: number;
  /** Flows in one window of flow logs. */
  readonly flowLogs: number;
}

export class FlowState {
  readonly flows: FlowTable;
  readonly connections: ConnectionTable;
  readonly fragments: FragmentTable;
  readonly flowLogs: FlowLogTable;

  constructor(capacities: FlowCapacities) {
    this.flows = new FlowTable(capacities.flows);
    this.connections = new ConnectionTable(capacities.connections);
    this.fragments = new FragmentTable(capacities.fragments);
    this.flowLogs = new FlowLogTable(capacities.flowLogs);
  }
}

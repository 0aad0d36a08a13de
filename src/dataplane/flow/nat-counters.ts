/** What one NAT gateway or egress-only gateway has counted, by the names of CloudWatch's metrics. */
export class NatCounters {
  /** TCP connections that are open or being opened, at this moment. */
  activeConnectionCount = 0;
  /** TCP connections that a guest wanted, and those that the other side took up. */
  connectionAttemptCount = 0;
  connectionEstablishedCount = 0;
  /** Flows that found no port: each address of the gateway had too many to the destination (NAT-1). */
  errorPortAllocation = 0;
  /** TCP connections that nobody closed, and that ended by the idle timeout (NAT-2). */
  idleTimeoutCount = 0;
  /** Packets that would have begun a flow and found no room in the table. */
  packetsDropCount = 0;
}

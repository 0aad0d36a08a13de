/** Finding endpoints, services of one's own and notifications by the ids of a request. */
import type {
  ConnectionNotification,
  EndpointService,
  VpcEndpoint,
} from '../../model/endpoints.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { findRow } from '../lookup.ts';

export function findVpcEndpoint(snapshot: Snapshot, id: string): VpcEndpoint {
  return findRow(snapshot.vpcEndpoints, 'vpce', id);
}

export function findEndpointService(snapshot: Snapshot, id: string): EndpointService {
  return findRow(snapshot.endpointServices, 'vpce-svc', id);
}

export function findNotification(snapshot: Snapshot, id: string): ConnectionNotification {
  return findRow(snapshot.connectionNotifications, 'vpce-nfn', id);
}

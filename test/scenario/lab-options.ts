/** What the tests of the lab file load their labs with. */
import { API_ACTIONS } from '../../src/actions/table.ts';
import type { LoadOptions } from '../../src/scenario/file/scope.ts';

export const LAB_OPTIONS: LoadOptions = {
  file: 'lab.vpclab.yml',
  folder: '/nonexistent',
  images: new Set(['linux', 'frr', 'keepalived', 'bird']),
  dropReasons: new Set([
    'MULTICAST_NOT_FORWARDED',
    'BROADCAST_NOT_FORWARDED',
    'ENI_SOURCE_DEST_CHECK_RESTRICTION',
    'ARP_GRATUITOUS',
  ]),
  actions: API_ACTIONS,
};

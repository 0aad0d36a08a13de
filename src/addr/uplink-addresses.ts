/** What the link between the dataplane and the uplink of the host is called by. */
import { type MacAddr, macFromWords } from './mac.ts';

/** Of the interface of the uplink's namespace behind which the dataplane is. */
export const UPLINK_MAC: MacAddr = macFromWords(0x0a00, 0xa9fef001);

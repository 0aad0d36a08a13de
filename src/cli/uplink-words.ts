/** What people are told of a lab that is not shut off from the real network. */
import type { LabStatus } from '../engine/control-api.ts';
import type { Output } from './output.ts';

/** Nobody is to be surprised by it. */
export function tellOfUplink(output: Output, { name, uplink, isRecords }: LabStatus): void {
  if (uplink === null || isRecords) return;
  const { device, hasIpv6, closedChains } = uplink;
  const families = hasIpv6 ? 'by IPv4 and IPv6' : 'by IPv4 alone, as it forwards no IPv6';
  output.note(`${name} reaches the real network through this host, ${families}`);
  for (const chain of closedChains) {
    output.note(
      `chain ${chain} of this host drops what no rule lets pass: let ${device} pass there`,
    );
  }
}

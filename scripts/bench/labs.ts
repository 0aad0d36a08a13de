/** How long labs of many instances take to come and go, and what their controller weighs. */
import { vpclab, vpclabJson } from './vpclab.ts';
import type { Workplace } from './workplace.ts';

export interface LabResult {
  readonly instances: number;
  readonly dhcp: string;
  readonly upMs: number;
  readonly downMs: number;
  readonly controllerMb: number;
}

const LABS: readonly (readonly [instances: number, dhcp: string])[] = [
  [100, 'dhclient'],
  [100, 'udhcpc'],
  [500, 'static'],
];

export async function measureLabs(
  workplace: Workplace,
  onProgress: (words: string) => void,
): Promise<LabResult[]> {
  const results: LabResult[] = [];
  for (const [instances, dhcp] of LABS) {
    onProgress(`labs: ${instances} instances, ${dhcp}`);
    results.push(await measureLab(workplace, instances, dhcp));
  }
  return results;
}

async function measureLab(
  workplace: Workplace,
  instances: number,
  dhcp: string,
): Promise<LabResult> {
  const name = workplace.lab(dhcp);
  const lab = `name: ${name}
vpcs: { main: { cidr: 10.0.0.0/16, subnets: { a: { cidr: 10.0.0.0/20 } } } }
instances: { h: { subnet: a, dhcp: ${dhcp}, count: ${instances} } }
`;
  const upMs = await vpclab(['up', '-'], lab);
  const status = (await vpclabJson(['ps', '-n', name])) as Record<string, { memoryBytes: number }>;
  const downMs = await vpclab(['down', '-n', name]);
  const controllerMb = (status[name]?.memoryBytes ?? Number.NaN) / 1e6;
  return { instances, dhcp, upMs, downMs, controllerMb };
}

/** A small lab without a kernel, to play steps on. */
import { loadLab } from '../../src/scenario/file/load.ts';
import { applyPlan } from '../../src/scenario/plan/apply.ts';
import { planLab } from '../../src/scenario/plan/plan.ts';
import { playSteps, type StepReport } from '../../src/scenario/play/steps.ts';
import { LAB_OPTIONS } from './lab-options.ts';
import { ModelRuntime } from './model-runtime.ts';

const TOPOLOGY = `
name: played
vpcs:
  main:
    cidr: 10.0.0.0/16
    subnets: { a: { cidr: 10.0.1.0/24 }, b: { cidr: 10.0.2.0/24, routeTable: clients } }
    routeTables: { clients: { routes: { 192.0.2.10/32: r1 } } }
interfaces: { service: { subnet: a, address: 10.0.1.50, attach: r1 } }
instances:
  r1: { subnet: a, address: 10.0.1.11, secondaryAddresses: [10.0.1.100] }
  r2: { subnet: a, address: 10.0.1.12 }
  client: { subnet: b, address: 10.0.2.10 }
steps:
`;

/** Makes the lab with these steps. */
export async function prepare(
  steps: string,
): Promise<{ runtime: ModelRuntime; play: () => Promise<StepReport[]> }> {
  const lab = loadLab(TOPOLOGY + steps, LAB_OPTIONS);
  const runtime = new ModelRuntime(lab);
  await applyPlan(planLab(lab, null, runtime.imageIdOf), runtime, { clock: runtime.clock });
  runtime.calls.length = 0;
  runtime.performed.length = 0;
  const play = async () => {
    const reports: StepReport[] = [];
    for await (const report of playSteps(lab, runtime, runtime.clock)) reports.push(report);
    return reports;
  };
  return { runtime, play };
}

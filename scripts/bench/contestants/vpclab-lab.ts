/** vpclab itself: from one subnet to another. */
import { FULL_POLICY, labText, POLICY_WORDS } from '../lab-text.ts';
import type { ContestantKind } from './contestant.ts';
import { startLab } from './lab.ts';

export const vpclabLab: ContestantKind = {
  name: 'vpclab',
  description: `a lab of two instances in two subnets: ${POLICY_WORDS}`,
  start: (workplace) =>
    startLab(workplace, 'vpclab', (lab) => labText(lab, { pairs: 1, count: 1, ...FULL_POLICY })),
};

/** cloud-init of an instance that has it: unmodified, run as its units run it where there is an init system. */
import { LOG_FOLDER } from './log-folder.ts';

/** @source cloud-init docs, boot stages: those of the units local, network, config and final */
const STAGES = ['init --local', 'init', 'modules --mode=config', 'modules --mode=final'] as const;

/** @returns the shell command of every boot; what failed is told in its log. */
export function cloudInitCommand(): string {
  const stages = STAGES.map((stage) => `cloud-init ${stage}`).join('; ');
  return `cd /; { ${stages}; } </dev/null >>${LOG_FOLDER}/cloud-init.log 2>&1`;
}

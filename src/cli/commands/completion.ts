/** `vpclab completion bash|zsh`, and the hidden `__complete` that the scripts ask for names. */
import { Argument, type Command } from 'commander';
import { knownLabs } from '../../engine/cleaning.ts';
import { completionScript, type Shell } from '../completion.ts';
import type { CliContext } from '../context.ts';
import { statusIfRunning } from '../control-client.ts';

export function addCompletion(program: Command, context: CliContext): void {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh']))
    .addHelpText('after', '\nUse: source <(vpclab completion bash)')
    .action((shell: Shell) => {
      context.output.stdout.write(completionScript(shell, program));
    });
  program
    .command('__complete', { hidden: true })
    .addArgument(new Argument('<what>').choices(['labs', 'instances']))
    .action(async (what: 'labs' | 'instances') => {
      const labs = knownLabs(context.folders);
      if (what === 'labs') {
        for (const { name } of labs) context.output.line(name);
        return;
      }
      const statuses = await Promise.all(labs.map(statusIfRunning));
      const names = statuses.flatMap((status) => status?.instances.map(({ name }) => name) ?? []);
      for (const name of new Set(names)) context.output.line(name);
    });
}

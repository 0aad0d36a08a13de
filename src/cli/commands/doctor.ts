/** `vpclab doctor`: what this host lacks, and the command that mends it. */
import type { Command } from 'commander';
import { type CliContext, type JsonFlag, jsonOption } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { checkHost } from '../host-checks.ts';

export function addDoctor(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('show what this host lacks, and the command that mends it')
    .addOption(jsonOption())
    .action((flags: JsonFlag) => {
      const { output } = context;
      const checks = checkHost();
      if (checks.some((check) => check.essential && !check.ok)) context.exitCode = EXIT.host;
      else if (checks.some((check) => !check.ok)) context.exitCode = EXIT.checkFailed;
      if (flags.json === true) {
        output.json(
          checks.map(({ name, ok, essential, found, mend }) =>
            ok ? { name, ok, essential } : { name, ok, essential, found, mend },
          ),
        );
        return;
      }
      output.table({
        headers: ['Check', 'State', 'Found', 'Mend it by'],
        rows: checks.map(({ name, ok, essential, found, mend }) => {
          if (ok) return [name, output.paint('green', 'ok'), '', ''];
          const state = essential
            ? output.paint('red', 'missing')
            : output.paint('yellow', 'some labs');
          return [name, state, found, mend];
        }),
      });
    });
}

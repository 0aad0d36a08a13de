/** `vpclab export`: the state of a running lab as a lab file, and as the AWS CLI would print it. */
import path from 'node:path';
import { type Command, Option } from 'commander';
import {
  type CliContext,
  type JsonFlag,
  jsonOption,
  type LabFlags,
  labChoice,
  nameOption,
  placeOf,
  topoOption,
} from '../context.ts';
import { ControlClient } from '../control-client.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { exportedLab } from '../exported-lab.ts';
import { LAB_FILE_ENDING, STANDARD_INPUT } from '../lab-argument.ts';
import { writeInto } from '../writing.ts';

type Format = 'lab' | 'describe' | 'all';

interface ExportFlags extends LabFlags, JsonFlag {
  readonly to: string;
  readonly format: Format;
}

export function addExport(program: Command, context: CliContext): void {
  program
    .command('export')
    .description('write down a running lab: as a lab file and as aws ec2 describe-* prints it')
    .argument('[lab]', 'a folder, a lab file or the name of a lab')
    .option('--to <folder>', 'where the files go; - for the lab file on standard output', '-')
    .addOption(
      new Option('--format <format>', 'what to write; default: all, with --to - the lab file')
        .choices(['lab', 'describe', 'all'])
        .default('all'),
    )
    .addOption(topoOption())
    .addOption(nameOption())
    .addOption(jsonOption())
    .action(async (lab: string | undefined, flags: ExportFlags) => {
      const client = new ControlClient(await placeOf(context, labChoice(lab, flags)));
      await exportLab(context, client, flags);
    });
}

async function exportLab(
  context: CliContext,
  client: ControlClient,
  { to, format, json }: ExportFlags,
): Promise<void> {
  const { output, currentFolder } = context;
  const toOutput = to === STANDARD_INPUT;
  if (toOutput && format === 'describe') {
    throw new CliError(
      EXIT.usage,
      'Cannot write describe-* to standard output: it is many files, wanted --to FOLDER',
    );
  }
  const folder = toOutput ? currentFolder : path.resolve(currentFolder, to);
  const status = await client.status();
  const exported = await client.export();
  const files = new Map<string, string>();
  if (format !== 'describe') {
    const { text, leftOut } = await exportedLab(status, exported, folder);
    if (toOutput) {
      output.stdout.write(text);
      return;
    }
    files.set(`${status.name}${LAB_FILE_ENDING}`, text);
    if (leftOut.length > 0 && json !== true) {
      output.note(`${leftOut.length} things that a lab file does not say: see its end`);
    }
  }
  if (format !== 'lab') {
    for (const { name, body } of exported.documents) {
      files.set(`${name}.json`, `${JSON.stringify(body, null, 4)}\n`);
    }
    for (const { region, documents } of exported.others) {
      for (const { name, body } of documents)
        files.set(`${region}/${name}.json`, `${JSON.stringify(body, null, 4)}\n`);
    }
  }
  writeInto(folder, files);
  if (json === true) output.json({ lab: status.name, folder, files: [...files.keys()] });
  else
    output.note(
      `${status.name}: ${files.size} files in ${path.relative(currentFolder, folder) || '.'}`,
    );
}

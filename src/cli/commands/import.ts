/** `vpclab import`: from what the AWS CLI printed of a real VPC to a lab file. */
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type Command, InvalidArgumentError } from 'commander';
import { REGION_PATTERN } from '../../scenario/file/schema-parts.ts';
import { type ImportedLab, importLab } from '../../scenario/import/import-lab.ts';
import { type AwsSource, ImportError, readRecords } from '../../scenario/import/records.ts';
import { formatLeftOut } from '../../scenario/import/render.ts';
import { type CliContext, type JsonFlag, jsonOption } from '../context.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { LAB_FILE_ENDING, STANDARD_INPUT } from '../lab-argument.ts';
import { loadOptions } from '../lab-loading.ts';
import { writeInto } from '../writing.ts';

interface ImportFlags extends JsonFlag {
  readonly output?: string;
  readonly name?: string;
  readonly vpc?: readonly string[];
  readonly region?: string;
}

export function addImport(program: Command, context: CliContext): void {
  program
    .command('import')
    .description('make a lab file of what aws ec2 describe-* --output json printed')
    .argument('<source>', 'a folder of JSON files, one such file, or - for standard input')
    .option('-o, --output <file>', 'where the lab file goes; - for standard output')
    .option('-n, --name <name>', 'the name of the lab; default: that of the source')
    .option('--vpc <id>', 'only this VPC; may be there several times', vpcIds)
    .option('--region <region>', 'only this region; default: all', region)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nThe lab file goes to NAME.vpclab.yml. What it cannot say is listed on standard error, and at its end.',
    )
    .action(async (source: string, flags: ImportFlags) => {
      await runImport(context, source, flags);
    });
}

async function runImport(context: CliContext, source: string, flags: ImportFlags): Promise<void> {
  const { output, currentFolder } = context;
  const sources = await readSources(source, currentFolder);
  const shown = source === STANDARD_INPUT ? 'standard input' : source;
  const usual =
    source === STANDARD_INPUT ? 'imported' : path.parse(path.resolve(currentFolder, source)).name;
  const file = flags.output ?? null;
  const imported = importOrRefuse(sources, {
    name: flags.name ?? usual,
    header: `Made of ${shown} by vpclab import; what was left out is listed at the end.`,
    vpcs: flags.vpc ?? [],
    region: flags.region ?? null,
    load: loadOptions({ shown: file ?? '-', folder: currentFolder }),
  });
  const { lab, leftOut } = imported;
  const target = file ?? `${lab.name}${LAB_FILE_ENDING}`;
  if (target === STANDARD_INPUT) output.stdout.write(imported.text);
  else {
    const place = path.resolve(currentFolder, target);
    writeInto(path.dirname(place), new Map([[path.basename(place), imported.text]]));
  }
  const counts = {
    vpcs: lab.vpcs.size,
    subnets: lab.subnets.size,
    instances: lab.instances.size,
    interfaces: lab.interfaces.size,
  };
  if (flags.json === true && target !== STANDARD_INPUT) {
    output.json({ file: target, lab: lab.name, ...counts, leftOut });
    return;
  }
  for (const each of leftOut) output.note(`left out: ${formatLeftOut(each)}`);
  const words = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  output.note(`${target === STANDARD_INPUT ? 'lab' : target}: ${words.join(', ')}`);
}

/** @throws CliError usage for input that is not AWS's. */
function importOrRefuse(
  sources: readonly AwsSource[],
  options: Parameters<typeof importLab>[1],
): ImportedLab {
  try {
    const records = readRecords(sources);
    const missing = options.vpcs.find((id) => !records.vpcs.has(id));
    if (missing === undefined) return importLab(records, options);
    const known = [...records.vpcs.keys()].join(', ') || 'no VPCs';
    throw new CliError(EXIT.usage, `Cannot import "${missing}": the input has ${known}`);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    throw new CliError(EXIT.usage, error.message);
  }
}

/** @throws CliError usage when there is nothing to read. */
async function readSources(source: string, currentFolder: string): Promise<AwsSource[]> {
  if (source === STANDARD_INPUT) return [{ file: '-', text: await text(process.stdin) }];
  const place = path.resolve(currentFolder, source);
  const state = fs.statSync(place, { throwIfNoEntry: false });
  if (state === undefined) {
    throw new CliError(EXIT.usage, `Cannot import "${source}": there is no such file or folder`);
  }
  const files = state.isDirectory()
    ? fs
        .readdirSync(place, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.json'))
        .toSorted()
        .map((name) => path.join(source, name))
    : [source];
  if (files.length === 0) {
    throw new CliError(EXIT.usage, `Cannot import "${source}": it has no files, wanted *.json`);
  }
  return files.map((file) => ({
    file,
    text: fs.readFileSync(path.resolve(currentFolder, file), 'utf8'),
  }));
}

/** Reads one value of the flag. @throws InvalidArgumentError */
function vpcIds(value: string, before: readonly string[] = []): string[] {
  if (!/^vpc-[0-9a-f]+$/.test(value)) throw new InvalidArgumentError('wanted the id of a VPC');
  return [...before, value];
}

/** @throws InvalidArgumentError */
function region(value: string): string {
  if (!REGION_PATTERN.test(value)) throw new InvalidArgumentError('wanted one such as us-east-1');
  return value;
}

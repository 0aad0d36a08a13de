/** `vpclab explain`: whether a packet reaches somebody and its answer comes back, and which rule says so. */
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { Explanation } from '../../engine/explain/explanation.ts';
import { labPlace } from '../../engine/lab-place.ts';
import {
  type CliContext,
  clientOf,
  type JsonFlag,
  jsonOption,
  type LabFlags,
  labChoice,
  nameOption,
  topoOption,
} from '../context.ts';
import { ControlClient, statusIfRunning } from '../control-client.ts';
import { EXIT } from '../exit-codes.ts';
import { type ExplainRequest, readRequest } from '../explain-request.ts';
import { showExplanation } from '../explain-words.ts';
import { STANDARD_INPUT } from '../lab-argument.ts';
import { parseLab } from '../lab-loading.ts';
import { readLabSource } from '../lab-reading.ts';
import { explainOnPaper } from '../paper-lab.ts';

interface ExplainFlags extends LabFlags, JsonFlag {
  readonly source?: string;
  readonly ipv6?: boolean;
}

export function addExplain(program: Command, context: CliContext): void {
  program
    .command('explain')
    .description('tell whether a packet reaches somebody, and which rule decides')
    .argument('<from>', 'an instance, an interface such as r1.eth1, or an id of either')
    .argument('<to>', 'the same, or any address')
    .argument('[traffic]', 'tcp/443, udp/53, icmp, icmpv6, ospf, or a protocol number')
    .option('--source <address>', 'send from this address; default: the primary one')
    .option('-6, --ipv6', 'ask for IPv6, where both ends have both')
    .addOption(topoOption())
    .addOption(nameOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nA lab file given with --topo need not be up: it is asked on paper then.',
    )
    .action(async (from: string, to: string, traffic: string | undefined, flags: ExplainFlags) => {
      const { source, ipv6 } = flags;
      const request = readRequest(from, to, { traffic, source, ipv6 });
      const explanation = await ask(context, request, flags);
      if (flags.json === true) context.output.json(explanation);
      else showExplanation(context.output, explanation);
      if (!explanation.isReachable) context.exitCode = EXIT.checkFailed;
    });
}

async function ask(
  context: CliContext,
  request: ExplainRequest,
  flags: LabFlags,
): Promise<Explanation> {
  const { topo } = flags;
  const isFile =
    topo === STANDARD_INPUT ||
    (topo !== undefined && fs.existsSync(path.resolve(context.currentFolder, topo)));
  if (flags.name !== undefined || !isFile) {
    return (await clientOf(context, labChoice(undefined, flags))).explain(request);
  }
  const lab = parseLab(await readLabSource(topo, context.currentFolder));
  const place = labPlace(lab.name, context.folders);
  const isRunning = (await statusIfRunning(place)) !== null;
  return isRunning ? new ControlClient(place).explain(request) : explainOnPaper(lab, request);
}

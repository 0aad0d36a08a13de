/** `vpclab aws`: the user's own AWS CLI, pointed at the API of a lab. */
import type { Command } from 'commander';
import { runAttached } from '../../host/attached.ts';
import { findProgram } from '../../host/proc.ts';
import { LAB_ACCOUNT_ID } from '../../model/realm.ts';
import {
  type CliContext,
  clientOf,
  type LabFlags,
  labChoice,
  nameOption,
  topoOption,
} from '../context.ts';
import { CliError, EXIT } from '../exit-codes.ts';

/** What would send the CLI elsewhere, or give it other credentials. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN'],
  ...['AWS_REGION', 'AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'],
]);

export function addAws(program: Command, context: CliContext): void {
  program
    .command('aws')
    .description('run the AWS CLI against the API of a lab; its exit code is passed through')
    .argument('<arguments...>', 'what follows "aws", such as ec2 describe-vpcs')
    .addOption(topoOption())
    .addOption(nameOption())
    .passThroughOptions()
    .allowUnknownOption()
    .action(async (words: readonly string[], flags: LabFlags) => {
      context.exitCode = await runAws(context, words, flags);
    });
}

async function runAws(
  context: CliContext,
  words: readonly string[],
  flags: LabFlags,
): Promise<number> {
  const { name, region, apiUrl } = await (
    await clientOf(context, labChoice(undefined, flags))
  ).status();
  if (apiUrl === null) {
    throw new CliError(EXIT.notFound, `Cannot reach the API of lab "${name}": it does not answer`);
  }
  const program = findProgram('aws');
  if (program === null) {
    throw new CliError(
      EXIT.host,
      'Cannot run the AWS CLI: this host lacks aws',
      'apt-get install awscli',
    );
  }
  const argv = ['--endpoint-url', apiUrl, '--region', region, ...words] as const;
  return runAttached([program, ...argv], awsEnvironment(context.environment, region));
}

/** Any credentials are good for a lab; an access key that is an account's number names the account. */
function awsEnvironment(environment: NodeJS.ProcessEnv, region: string): Record<string, string> {
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !LEFT_OUT.has(entry[0]),
  );
  const noProxy = ['127.0.0.1', environment['no_proxy'] ?? environment['NO_PROXY']];
  const direct = noProxy.filter((host) => host !== undefined && host !== '').join(',');
  return {
    ...Object.fromEntries(kept),
    AWS_ACCESS_KEY_ID: LAB_ACCOUNT_ID,
    AWS_SECRET_ACCESS_KEY: 'vpclab',
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_PROXY: direct,
    no_proxy: direct,
  };
}

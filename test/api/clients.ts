/** The clients that AWS's users have, behind one face: what they read comes back as plain values. */
import * as sdk from '@aws-sdk/client-ec2';
import { BOTOCORE_PATH } from '../../scripts/ec2-model.ts';
import { ELBV2_BOTOCORE_PATH } from '../../scripts/load-balancing-model.ts';
import { partsOfAction } from '../../src/actions/action-names.ts';
import { Boto3 } from './boto3.ts';
import { BotocoreModel } from './botocore-model.ts';

/** An answer without what only the wire has to say, times as text; or a refusal. */
export type Outcome =
  | { readonly answer: object }
  | { readonly code: string; readonly message: string; readonly status: number };

export interface Client {
  readonly name: string;
  /** @param action As `performAction` takes it, such as `CreateVpc`. @throws Error when the client finds no sense in the answer. */
  send(action: string, input: object): Promise<Outcome>;
  /** @returns whether the client has the action: an older one may not. */
  has(action: string): boolean;
  /** @returns the part of an answer that this client has names for. */
  known(action: string, answer: object): unknown;
  close(): Promise<void>;
}

/** What the SDK has for each action. */
type Command = new (input: object) => sdk.DescribeVpcsCommand;

/** The AWS SDK for JavaScript; that of EC2 alone. */
export function sdkClient(url: string, region: string): Client {
  const client = new sdk.EC2Client({
    endpoint: url,
    region,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  return {
    name: '@aws-sdk/client-ec2',
    send: async (action, input) => {
      const command: unknown = Reflect.get(sdk, `${action}Command`);
      if (typeof command !== 'function') throw new Error(`the SDK has no ${action}`);
      try {
        const { $metadata: _wire, ...answer } = await client.send(new (command as Command)(input));
        return { answer: JSON.parse(JSON.stringify(answer)) };
      } catch (error) {
        if (!(error instanceof sdk.EC2ServiceException)) throw error;
        const { name: code, message, $metadata } = error;
        return { code, message, status: $metadata.httpStatusCode ?? 0 };
      }
    },
    has: (action) => partsOfAction(action).service === 'ec2',
    known: (_action, answer) => answer,
    close: async () => client.destroy(),
  };
}

/** boto3, which is botocore underneath, as is the AWS CLI. */
export function boto3Client(url: string, region: string): Client {
  const services = {
    ec2: { boto3: new Boto3(url, region), model: new BotocoreModel(BOTOCORE_PATH) },
    elasticloadbalancing: {
      boto3: new Boto3(url, region, { service: 'elbv2' }),
      model: new BotocoreModel(ELBV2_BOTOCORE_PATH),
    },
  };
  const clientFor = (action: string) => {
    const { service, name } = partsOfAction(action);
    return { ...services[service], name };
  };
  return {
    name: 'boto3',
    send: async (action, input) => {
      const { boto3, name } = clientFor(action);
      const { answer, code, message = '', status = 0 } = await boto3.ask(name, input);
      if (code !== undefined) return { code, message, status };
      const { ResponseMetadata: _wire, ...members } = Object(answer);
      return { answer: members };
    },
    has: (action) => {
      const { model, name } = clientFor(action);
      return model.has(name);
    },
    known: (action, answer) => {
      const { model, name } = clientFor(action);
      return model.known(name, answer);
    },
    close: async () => {
      for (const { boto3 } of Object.values(services)) await boto3.close();
    },
  };
}

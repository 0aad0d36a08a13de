/** The clients that AWS's users have, behind one face: what they read comes back as plain values. */
import * as sdk from '@aws-sdk/client-ec2';
import { Boto3 } from './boto3.ts';
import { BotocoreModel } from './botocore-model.ts';

/** An answer without what only the wire has to say, times as text; or a refusal. */
export type Outcome =
  | { readonly answer: object }
  | { readonly code: string; readonly message: string; readonly status: number };

export interface Client {
  readonly name: string;
  /** @param action Such as `CreateVpc`. @throws Error when the client finds no sense in the answer. */
  send(action: string, input: object): Promise<Outcome>;
  /** @returns whether the client has the action: an older one may not. */
  has(action: string): boolean;
  /** @returns the part of an answer that this client has names for. */
  known(action: string, answer: object): unknown;
  close(): Promise<void>;
}

/** What the SDK has for each action. */
type Command = new (input: object) => sdk.DescribeVpcsCommand;

/** The AWS SDK for JavaScript. */
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
    has: () => true,
    known: (_action, answer) => answer,
    close: async () => client.destroy(),
  };
}

/** boto3, which is botocore underneath, as is the AWS CLI. */
export function boto3Client(url: string, region: string): Client {
  const boto3 = new Boto3(url, region);
  const model = new BotocoreModel();
  return {
    name: 'boto3',
    send: async (action, input) => {
      const { answer, code, message = '', status = 0 } = await boto3.ask(action, input);
      if (code !== undefined) return { code, message, status };
      const { ResponseMetadata: _wire, ...members } = Object(answer);
      return { answer: members };
    },
    has: (action) => model.has(action),
    known: (action, answer) => model.known(action, answer),
    close: () => boto3.close(),
  };
}

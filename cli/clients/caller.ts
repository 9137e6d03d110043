import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';

export type Caller = { readonly caller: string; readonly account: string; readonly region: string };

/** Asks STS, which answers every caller, whose credentials these are. `caller` is an ARN. */
export async function callerOf(config: STSClientConfig = {}): Promise<Caller> {
  const sts = new STSClient(config);
  const { Arn, Account } = await sts.send(new GetCallerIdentityCommand({}));
  return { caller: Arn!, account: Account!, region: await sts.config.region() };
}

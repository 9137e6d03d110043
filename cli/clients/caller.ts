import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

export async function callerArn(sts = new STSClient({})): Promise<string> {
  return (await sts.send(new GetCallerIdentityCommand({}))).Arn!;
}

/** The identity whose credentials a command uses. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

/** Returns the caller's ARN. */
export async function callerArn(sts = new STSClient({})): Promise<string> {
  return (await sts.send(new GetCallerIdentityCommand({}))).Arn!;
}

/** IAM users and their credentials for scenarios, made as an administrator of the account. */
import {
  type AccessKey,
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateUserCommand,
  type IAMClient,
  type User,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { FindingResource } from '../../contract/remediation.ts';
import type { ScenarioContext } from '../../contract/scenario.ts';

export async function newUser(iam: IAMClient, { name }: ScenarioContext<unknown>, Path = '/'): Promise<User> {
  const { User } = await iam.send(new CreateUserCommand({ UserName: name, Path }));
  return User!;
}

/** Creates an access key of the user, `days` ago. */
export async function createKey(
  iam: IAMClient,
  { ago }: ScenarioContext<unknown>,
  days: number,
  user: User,
): Promise<AccessKey> {
  const { UserName } = user;
  const { AccessKey } = await ago(days, () => iam.send(new CreateAccessKeyCommand({ UserName })));
  return AccessKey!;
}

/** Signs a call with the key, `days` ago. */
export async function useKey(
  iam: IAMClient,
  { ago }: ScenarioContext<unknown>,
  days: number,
  key: AccessKey,
): Promise<void> {
  const { region, endpoint } = iam.config;
  const credentials = { accessKeyId: key.AccessKeyId!, secretAccessKey: key.SecretAccessKey! };
  const sts = new STSClient({ region, endpoint, credentials });
  await ago(days, () => sts.send(new GetCallerIdentityCommand({})));
}

/** Creates a console password of the user, `days` ago. */
export async function createPassword(
  iam: IAMClient,
  { ago }: ScenarioContext<unknown>,
  days: number,
  user: User,
): Promise<void> {
  const { UserName } = user;
  const Password = 'Not-1-that-anybody-uses';
  await ago(days, () => iam.send(new CreateLoginProfileCommand({ UserName, Password })));
}

/** Security Hub names a user by its unique id. */
export const userResource = (
  { partition, account, region }: ScenarioContext<unknown>,
  user: User,
): FindingResource => ({
  Type: 'AwsIamUser',
  Id: `arn:${partition}:iam::${account}:user/${user.UserId}`,
  Partition: partition,
  Region: region,
  Details: {
    AwsIamUser: {
      UserName: user.UserName,
      UserId: user.UserId,
      Path: user.Path,
      CreateDate: user.CreateDate?.toISOString(),
    },
  },
});

/** Older findings name a user by its ARN. */
export const userResourceByName = (context: ScenarioContext<unknown>, user: User): FindingResource => ({
  ...userResource(context, user),
  Id: user.Arn!,
});

/** IAM users and their credentials for cases: made by an administrator of the account. */
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

/** A new user; `Path` is `/` unless told. */
export async function newUser(iam: IAMClient, { name }: ScenarioContext<unknown>, Path = '/'): Promise<User> {
  const { User } = await iam.send(new CreateUserCommand({ UserName: name, Path }));
  return User!;
}

/** A key of the user that was made so many days ago. */
export async function keyMade(
  iam: IAMClient,
  { ago }: ScenarioContext<unknown>,
  days: number,
  user: User,
): Promise<AccessKey> {
  const { UserName } = user;
  const { AccessKey } = await ago(days, () => iam.send(new CreateAccessKeyCommand({ UserName })));
  return AccessKey!;
}

/** The key signs a call, so many days ago. */
export async function keyUsed(
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

/** A console password of the user that was made so many days ago. */
export async function passwordMade(
  iam: IAMClient,
  { ago }: ScenarioContext<unknown>,
  days: number,
  user: User,
): Promise<void> {
  const { UserName } = user;
  const Password = 'Not-1-that-anybody-uses';
  await ago(days, () => iam.send(new CreateLoginProfileCommand({ UserName, Password })));
}

/** A user as Security Hub names it: by its unique id. */
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

/** The same user as older findings name it: by its ARN. */
export const userResourceByName = (where: ScenarioContext<unknown>, user: User): FindingResource => ({
  ...userResource(where, user),
  Id: user.Arn!,
});

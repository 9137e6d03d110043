/** IAM users and their credentials for scenarios, made as an administrator of the account. */
import {
  type AccessKey,
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateUserCommand,
  type IAMClient,
  TagUserCommand,
  type User,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { FindingResource } from '../../contract/remediation.ts';
import type { AddFault, AddTags, ScenarioContext } from '../../contract/scenario.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { listKeys } from './access-keys.ts';
import { type IamUser, userName } from './user.ts';

/** Creates the user that the target names, by default one with this path. */
export async function newUser(iam: IAMClient, { name, target }: ScenarioContext<IamUser>, Path = '/'): Promise<User> {
  const named = target && { UserName: userName(target), Path: `/${target.user}`.slice(0, -userName(target).length) };
  const { User } = await iam.send(new CreateUserCommand(named ?? { UserName: name, Path }));
  return User!;
}

export const tagUser: AddTags<{ readonly iam: IAMClient }, IamUser> = ({ iam }, { target }, tags) =>
  iam.send(new TagUserCommand({ UserName: userName(target), Tags: listOfTags(tags) }));

/** Creates an unused access key of an existing user, `days` ago. The fault of another control may have one already. */
export const addOldKey =
  (days: number): AddFault<{ readonly iam: IAMClient }, IamUser> =>
  async ({ iam }, context) => {
    const UserName = userName(context.target);
    const keys = await listKeys(iam, UserName);
    if (!keys.some(({ status }) => status === 'Active')) await createKey(iam, context, days, { UserName });
  };

/** Creates an access key of the user, `days` ago. */
export async function createKey(
  iam: IAMClient,
  { ago }: Pick<ScenarioContext<unknown>, 'ago'>,
  days: number,
  { UserName }: Pick<User, 'UserName'>,
): Promise<AccessKey> {
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

/** Functions with permissions for scenarios, created as an administrator of the account. */
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  type AddPermissionRequest,
  CreateAliasCommand,
  CreateFunctionCommand,
  LambdaClient,
  PublishVersionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-lambda';
import type { Clients, FindingResource, Place, ResourceTags } from '../../contract/remediation.ts';
import type { AddTags, Arrange, ScenarioContext } from '../../contract/scenario.ts';

export const FUNCTION_CLIENTS = { lambda: LambdaClient, iam: IAMClient };
type FunctionClients = Clients<typeof FUNCTION_CLIENTS>;
type FunctionTarget = { readonly function: string };

export type NewPermission = Omit<AddPermissionRequest, 'FunctionName' | 'Action'> & { readonly Action?: string };

/** Creates a function with the version 1 and the alias `live`, and these permissions. */
export const functionWith =
  (permissions: readonly NewPermission[], Tags: ResourceTags = {}): Arrange<FunctionClients, FunctionTarget> =>
  async ({ lambda, iam }, context) => {
    const FunctionName = context.target?.function ?? context.name;
    const Role = await functionRole(iam, context);
    const code = { Runtime: 'nodejs24.x', Handler: 'index.handler', Code: { ZipFile: new Uint8Array() } } as const;
    await lambda.send(new CreateFunctionCommand({ FunctionName, Role, Tags, ...code }));
    await lambda.send(new PublishVersionCommand({ FunctionName }));
    await lambda.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    await addPermissions(lambda, FunctionName, permissions);
    return functionResource(context, FunctionName);
  };

export async function addPermissions(
  lambda: LambdaClient,
  FunctionName: string,
  permissions: readonly NewPermission[],
) {
  for (const permission of permissions)
    await lambda.send(new AddPermissionCommand({ FunctionName, Action: 'lambda:InvokeFunction', ...permission }));
}

async function functionRole(iam: IAMClient, { region, name, ...place }: ScenarioContext<unknown>): Promise<string> {
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  const RoleName = `${name.slice(-40)}-${region}`;
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  return `arn:${place.partition}:iam::${place.account}:role/${RoleName}`;
}

export const functionResource = ({ partition, account, region }: Place, name: string): FindingResource => ({
  Type: 'AwsLambdaFunction',
  Id: `arn:${partition}:lambda:${region}:${account}:function:${name}`,
  Partition: partition,
  Region: region,
});

export const tagFunction: AddTags<FunctionClients, FunctionTarget> = ({ lambda }, context, Tags) =>
  lambda.send(new TagResourceCommand({ Resource: functionResource(context, context.target.function).Id, Tags }));

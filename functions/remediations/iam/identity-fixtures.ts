/** Users, groups and roles with managed policies for scenarios, created as an administrator of the account. */
import {
  CreateGroupCommand,
  CreateRoleCommand,
  CreateUserCommand,
  type IAMClient,
  TagRoleCommand,
  TagUserCommand,
} from '@aws-sdk/client-iam';
import type { FindingResource, Place, ResourceTags } from '../../contract/remediation.ts';
import type { AddTags, ScenarioContext } from '../../contract/scenario.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { attachManagedPolicy } from './attached-policies.ts';
import type { IamIdentity } from './identity-target.ts';

type IamClients = { readonly iam: IAMClient };
type IdentityContext = ScenarioContext<IamIdentity>;
const TYPES = { user: 'AwsIamUser', group: 'AwsIamGroup', role: 'AwsIamRole' };

export type NewIdentity = {
  readonly kind: IamIdentity['kind'];
  /** Default `/`. */
  readonly path?: string;
  /** Names of policies of AWS. */
  readonly policies: readonly string[];
  readonly tags?: ResourceTags;
};

export const awsPolicy = ({ partition }: Place, name: string): string => `arn:${partition}:iam::aws:policy/${name}`;

/** Creates the identity that the context's target names, else one of this kind. */
export async function newIdentity(
  { iam }: IamClients,
  context: IdentityContext,
  { kind, path = '/', policies, tags = {} }: NewIdentity,
): Promise<FindingResource> {
  const target = context.target ?? { kind, identity: `${path.slice(1)}${context.name}` };
  await createIdentity(iam, context, target, tags);
  for (const name of policies) await attachManagedPolicy(iam, target, awsPolicy(context, name));
  return identityResource(context, target);
}

async function createIdentity(iam: IAMClient, place: Place, { kind, identity }: IamIdentity, tags: ResourceTags) {
  const name = identity.slice(identity.lastIndexOf('/') + 1);
  const created = { Path: `/${identity.slice(0, -name.length)}`, Tags: listOfTags(tags) };
  if (kind === 'user') await iam.send(new CreateUserCommand({ UserName: name, ...created }));
  else if (kind === 'group') await iam.send(new CreateGroupCommand({ GroupName: name, Path: created.Path }));
  else {
    const AWS = `arn:${place.partition}:iam::${place.account}:root`;
    const trust = { Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument, ...created }));
  }
}

export const identityResource = (
  { partition, account, region }: Place,
  { kind, identity }: IamIdentity,
): FindingResource => ({
  Type: TYPES[kind],
  Id: `arn:${partition}:iam::${account}:${kind}/${identity}`,
  Partition: partition,
  Region: region,
});

export const tagIdentity: AddTags<IamClients, IamIdentity> = async ({ iam }, { target }, tags) => {
  const [name, Tags] = [target.identity.slice(target.identity.lastIndexOf('/') + 1), listOfTags(tags)];
  if (target.kind === 'user') await iam.send(new TagUserCommand({ UserName: name, Tags }));
  if (target.kind === 'role') await iam.send(new TagRoleCommand({ RoleName: name, Tags }));
};

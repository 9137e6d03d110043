/** The managed policies that a user, group or role has attached, by one API for all three. */
import {
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  type IAMClient,
  paginateListAttachedGroupPolicies,
  paginateListAttachedRolePolicies,
  paginateListAttachedUserPolicies,
  paginateListRoleTags,
  paginateListUserTags,
} from '@aws-sdk/client-iam';
import { isNamed } from '../../contract/errors.ts';
import type { ResourceTags } from '../../contract/remediation.ts';
import { tagsOfList } from '../kit/tag-list.ts';
import { type IamIdentity, IDENTITY_ARN } from './identity-target.ts';
import { ifExists } from './user.ts';

const identityName = ({ identity }: IamIdentity): string => identity.slice(identity.lastIndexOf('/') + 1);

/** Returns whether the identity has the policy attached; undefined if the identity is gone. */
export async function isAttached(iam: IAMClient, target: IamIdentity, policy: string): Promise<boolean | undefined> {
  const name = identityName(target);
  const pages = {
    user: () => paginateListAttachedUserPolicies({ client: iam }, { UserName: name }),
    group: () => paginateListAttachedGroupPolicies({ client: iam }, { GroupName: name }),
    role: () => paginateListAttachedRolePolicies({ client: iam }, { RoleName: name }),
  }[target.kind]();
  try {
    for await (const { AttachedPolicies = [] } of pages)
      if (AttachedPolicies.some(({ PolicyArn }) => PolicyArn === policy)) return true;
    return false;
  } catch (error) {
    if (isNamed(error, 'NoSuchEntityException')) return undefined;
    throw error;
  }
}

export async function attachManagedPolicy(iam: IAMClient, target: IamIdentity, PolicyArn: string): Promise<void> {
  const name = identityName(target);
  if (target.kind === 'user') await iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn }));
  else if (target.kind === 'group') await iam.send(new AttachGroupPolicyCommand({ GroupName: name, PolicyArn }));
  else await iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn }));
}

export async function detachManagedPolicy(iam: IAMClient, target: IamIdentity, PolicyArn: string): Promise<void> {
  const name = identityName(target);
  if (target.kind === 'user') await ifExists(iam.send(new DetachUserPolicyCommand({ UserName: name, PolicyArn })));
  else if (target.kind === 'group')
    await ifExists(iam.send(new DetachGroupPolicyCommand({ GroupName: name, PolicyArn })));
  else await ifExists(iam.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn })));
}

/** Returns the tags of a user or role. A group has none. */
export async function identityTags(iam: IAMClient, target: IamIdentity): Promise<ResourceTags> {
  if (target.kind === 'group') return {};
  const name = identityName(target);
  const pages =
    target.kind === 'user'
      ? paginateListUserTags({ client: iam }, { UserName: name })
      : paginateListRoleTags({ client: iam }, { RoleName: name });
  const tags: ResourceTags[] = [];
  for await (const { Tags } of pages) tags.push(tagsOfList(Tags));
  return Object.assign({}, ...tags);
}

/** Returns the permissions that a remediation needs to detach this policy, and its rollback to attach it again. */
export const detachPermissions = (policy: string) => {
  const [resources, only] = [[IDENTITY_ARN], { 'iam:PolicyARN': policy }] as const;
  return {
    reads: [
      {
        actions: ['iam:ListAttachedUserPolicies', 'iam:ListAttachedGroupPolicies', 'iam:ListAttachedRolePolicies'],
        resources,
        because: 'whether the policy is attached',
      },
      { actions: ['iam:ListUserTags', 'iam:ListRoleTags'], resources, because: 'who manages it' },
    ],
    writes: [
      {
        actions: ['iam:DetachUserPolicy', 'iam:DetachGroupPolicy', 'iam:DetachRolePolicy'],
        ...{ resources, because: 'detaches this one policy', only },
      },
    ],
    undoes: [
      {
        actions: ['iam:AttachUserPolicy', 'iam:AttachGroupPolicy', 'iam:AttachRolePolicy'],
        ...{ resources, because: 'attaches this one policy again', only },
      },
    ],
  } as const;
};

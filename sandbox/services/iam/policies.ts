import type * as sdk from '@aws-sdk/client-iam';
import { awsManagedPolicyArns, isAwsManagedPolicy } from '../../authorization/aws-managed.ts';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import { awsManagedRecord } from './aws-managed-records.ts';
import { needsOnPolicy } from './needs.ts';
import {
  checkIamName,
  checkIamPath,
  checkIamQuota,
  iamPage,
  iamTagList,
  mergeTags,
  parseStoredPolicy,
  policySize,
  requestTagContext,
  uniqueId,
  urlEncoded,
} from './requests.ts';
import {
  alreadyExists,
  type IamAt,
  type IamEntity,
  type IamState,
  iamArn,
  type ManagedPolicyRecord,
  type StoredPolicy,
} from './state.ts';

const MAX_MANAGED_POLICY_SIZE = 6144;
const MAX_VERSIONS_PER_POLICY = 5;

export function createPolicy(input: sdk.CreatePolicyCommandInput, at: IamAt): ManagedPolicyRecord {
  const name = checkIamName(input.PolicyName, 'policyName', 128);
  const path = checkIamPath(input.Path);
  const arn = iamArn(at, 'policy', name, path);
  if (at.state.policies.values().some((policy) => policy.name === name))
    throw alreadyExists(`A policy called ${name}. Duplicate names are not allowed: it`);
  const now = new Date(at.kernel.clock.now());
  const policy: ManagedPolicyRecord = {
    name,
    path,
    arn,
    id: uniqueId(at.kernel, 'ANPA'),
    createdAt: now,
    updatedAt: now,
    description: input.Description,
    tags: mergeTags(input.Tags),
    versions: [{ id: 'v1', createdAt: now, ...parseManagedPolicy(input.PolicyDocument) }],
    defaultVersion: 'v1',
    nextVersion: 2,
  };
  at.state.policies.set(arn, policy);
  return policy;
}

export function createPolicyVersion(
  policy: ManagedPolicyRecord,
  { PolicyDocument, SetAsDefault }: { PolicyDocument: string | undefined; SetAsDefault?: boolean | undefined },
  at: IamAt,
) {
  const document = parseManagedPolicy(PolicyDocument);
  if (policy.versions.length >= MAX_VERSIONS_PER_POLICY) {
    const message =
      'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.';
    throw new AwsError('LimitExceeded', message, 409);
  }
  const now = new Date(at.kernel.clock.now());
  const version = { id: `v${policy.nextVersion}`, createdAt: now, ...document };
  policy.nextVersion += 1;
  policy.versions.push(version);
  policy.updatedAt = now;
  if (SetAsDefault) policy.defaultVersion = version.id;
  return version;
}

export function deletePolicy(policy: ManagedPolicyRecord, state: IamState): void {
  if (attachments(policy.arn, state).length > 0 || boundaryUses(policy.arn, state) > 0)
    throw new AwsError('DeleteConflict', 'Cannot delete a policy attached to entities.', 409);
  if (policy.versions.length > 1) {
    const message =
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.";
    throw new AwsError('DeleteConflict', message, 409);
  }
  state.policies.delete(policy.arn);
}

function parseManagedPolicy(text: string | undefined): StoredPolicy {
  const policy = parseStoredPolicy(text, 'identity');
  checkIamQuota(policySize(policy.text), MAX_MANAGED_POLICY_SIZE, 'PolicySize');
  return policy;
}

/** @throws AwsError NoSuchEntity */
export function existingPolicy(state: IamState, arn: string | undefined): ManagedPolicyRecord {
  const policy = state.policies.get(arn ?? '') ?? (isAwsManagedPolicy(arn ?? '') ? awsManagedRecord(arn!) : undefined);
  if (!policy) throw new AwsError('NoSuchEntity', `Policy ${arn} was not found.`, 404);
  return policy;
}

const allEntities = (state: IamState): IamEntity[] => [
  ...state.roles.values(),
  ...state.users.values(),
  ...state.groups.values(),
];
const attachments = (arn: string, state: IamState) =>
  allEntities(state).filter(({ attached }) => attached.includes(arn));
const boundaryUses = (arn: string, state: IamState): number =>
  [...state.roles.values(), ...state.users.values()].filter(({ boundary }) => boundary === arn).length;

const describePolicy = (policy: ManagedPolicyRecord, state: IamState): sdk.Policy => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: policy.defaultVersion,
  AttachmentCount: attachments(policy.arn, state).length,
  PermissionsBoundaryUsageCount: boundaryUses(policy.arn, state),
  IsAttachable: true,
  CreateDate: policy.createdAt,
  UpdateDate: policy.updatedAt,
  ...(policy.tags.size > 0 && { Tags: iamTagList(policy.tags) }),
});

function existingPolicyVersion(policy: ManagedPolicyRecord, id: string | undefined) {
  const version = policy.versions.find((candidate) => candidate.id === id);
  if (!version)
    throw new AwsError('NoSuchEntity', `Policy ${policy.arn} version ${id} does not exist or is not attachable.`, 404);
  return version;
}

const describePolicyVersion = (policy: ManagedPolicyRecord, version: ManagedPolicyRecord['versions'][number]) => ({
  VersionId: version.id,
  IsDefaultVersion: version.id === policy.defaultVersion,
  CreateDate: version.createdAt,
});

/** @throws AwsError NoSuchEntity, AccessDenied for an AWS managed policy */
function customerPolicy(state: IamState, arn: string | undefined): ManagedPolicyRecord {
  const policy = existingPolicy(state, arn);
  if (!state.policies.has(policy.arn))
    throw new AwsError('AccessDenied', `Cannot change the AWS managed policy ${arn}`, 403);
  return policy;
}

function listedPolicies(input: sdk.ListPoliciesRequest, { partition, state }: IamAt): readonly ManagedPolicyRecord[] {
  onlyMembers('ListPolicies', input, ['Scope', 'OnlyAttached', 'PathPrefix', 'Marker', 'MaxItems']);
  const { Scope = 'All', OnlyAttached = false, PathPrefix = '/' } = input;
  const managed = Scope === 'Local' ? [] : awsManagedPolicyArns(partition).map((arn) => existingPolicy(state, arn));
  const own = Scope === 'AWS' ? [] : state.policies.values();
  const attached = new Set(OnlyAttached ? allEntities(state).flatMap((entity) => entity.attached) : []);
  return [...own, ...managed].filter(
    ({ arn, path }) => path.startsWith(PathPrefix) && (!OnlyAttached || attached.has(arn)),
  );
}

export const policyOperations: ServiceOperations<typeof sdk, IamState> = {
  CreatePolicy: {
    needs: (input, at) => [
      {
        action: 'iam:CreatePolicy',
        resource: iamArn(at, 'policy', input.PolicyName ?? '', input.Path),
        context: requestTagContext(input.Tags),
      },
    ],
    run: (input, at) => ({ Policy: describePolicy(createPolicy(input, at), at.state) }),
  },
  GetPolicy: {
    needs: needsOnPolicy('GetPolicy'),
    run: (input, at) => ({ Policy: describePolicy(existingPolicy(at.state, input.PolicyArn), at.state) }),
  },
  ListPolicies: {
    run(input, at) {
      const { items, ...rest } = iamPage(listedPolicies(input, at), input);
      return { Policies: items.map((policy) => describePolicy(policy, at.state)), ...rest };
    },
  },
  DeletePolicy: {
    needs: needsOnPolicy('DeletePolicy'),
    run(input, at) {
      deletePolicy(customerPolicy(at.state, input.PolicyArn), at.state);
      return {};
    },
  },
  CreatePolicyVersion: {
    needs: needsOnPolicy('CreatePolicyVersion'),
    run(input, at) {
      const policy = customerPolicy(at.state, input.PolicyArn);
      const version = createPolicyVersion(policy, input, at);
      return { PolicyVersion: describePolicyVersion(policy, version) };
    },
  },
  GetPolicyVersion: {
    needs: needsOnPolicy('GetPolicyVersion'),
    run(input, at) {
      const policy = existingPolicy(at.state, input.PolicyArn);
      const version = existingPolicyVersion(policy, input.VersionId);
      return { PolicyVersion: { ...describePolicyVersion(policy, version), Document: urlEncoded(version.text) } };
    },
  },
  ListPolicyVersions: {
    needs: needsOnPolicy('ListPolicyVersions'),
    run(input, at) {
      const policy = existingPolicy(at.state, input.PolicyArn);
      const { items, ...rest } = iamPage([...policy.versions].reverse(), input);
      return { Versions: items.map((version) => describePolicyVersion(policy, version)), ...rest };
    },
  },
  SetDefaultPolicyVersion: {
    needs: needsOnPolicy('SetDefaultPolicyVersion'),
    run(input, at) {
      const policy = customerPolicy(at.state, input.PolicyArn);
      policy.defaultVersion = existingPolicyVersion(policy, input.VersionId).id;
      return {};
    },
  },
  DeletePolicyVersion: {
    needs: needsOnPolicy('DeletePolicyVersion'),
    run(input, at) {
      const policy = customerPolicy(at.state, input.PolicyArn);
      const version = existingPolicyVersion(policy, input.VersionId);
      if (version.id === policy.defaultVersion)
        throw new AwsError('DeleteConflict', 'Cannot delete the default version of a policy.', 409);
      policy.versions = policy.versions.filter(({ id }) => id !== version.id);
      return {};
    },
  },
  ListEntitiesForPolicy: {
    needs: needsOnPolicy('ListEntitiesForPolicy'),
    run(input, at) {
      const { arn } = existingPolicy(at.state, input.PolicyArn);
      const { items, ...rest } = iamPage(attachments(arn, at.state), input);
      const attachedIn = (map: ReadonlyMap<string, IamEntity>) =>
        items.filter((entity) => map.get(entity.name) === entity);
      return {
        PolicyRoles: attachedIn(at.state.roles).map(({ name, id }) => ({ RoleName: name, RoleId: id })),
        PolicyUsers: attachedIn(at.state.users).map(({ name, id }) => ({ UserName: name, UserId: id })),
        PolicyGroups: attachedIn(at.state.groups).map(({ name, id }) => ({ GroupName: name, GroupId: id })),
        ...rest,
      };
    },
  },
};

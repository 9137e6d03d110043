/** Customer managed policies and their versions. */
import type * as sdk from '@aws-sdk/client-iam';
import { awsManagedPolicy } from '../../authorization/aws-managed.ts';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import {
  checkName,
  checkPath,
  checkSize,
  encoded,
  page,
  policySize,
  readPolicy,
  readTags,
  requestTags,
  tagList,
  uniqueId,
} from './input.ts';
import { onPolicy } from './needs.ts';
import {
  alreadyExists,
  type Entity,
  type IamAt,
  type IamState,
  iamArn,
  type ManagedPolicyRecord,
  nameOf,
  type StoredPolicy,
} from './state.ts';

const managedPolicySize = 6144;
const versionsPerPolicy = 5;

/** Makes a managed policy; what CreatePolicy and AWS::IAM::ManagedPolicy have in common. */
export function createPolicy(input: sdk.CreatePolicyCommandInput, at: IamAt): ManagedPolicyRecord {
  const name = checkName(input.PolicyName, 'policyName', 128);
  const path = checkPath(input.Path);
  const arn = iamArn(at, 'policy', name, path);
  if (at.state.policies.values().some((policy) => policy.name === name)) {
    throw alreadyExists(`A policy called ${name}. Duplicate names are not allowed: it`);
  }
  const now = new Date(at.kernel.clock.now());
  const policy: ManagedPolicyRecord = {
    name,
    path,
    arn,
    id: uniqueId(at.kernel, 'ANPA'),
    createdAt: now,
    updatedAt: now,
    description: input.Description,
    tags: readTags(input.Tags),
    versions: [{ id: 'v1', createdAt: now, ...readManaged(input.PolicyDocument) }],
    defaultVersion: 'v1',
    nextVersion: 2,
  };
  at.state.policies.set(arn, policy);
  return policy;
}

/** Adds a version and, when told, puts it in force. */
export function createVersion(policy: ManagedPolicyRecord, text: string | undefined, inForce: boolean, at: IamAt) {
  const document = readManaged(text);
  if (policy.versions.length >= versionsPerPolicy) {
    const message =
      'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.';
    throw new AwsError('LimitExceeded', message, 409);
  }
  const now = new Date(at.kernel.clock.now());
  const version = { id: `v${policy.nextVersion}`, createdAt: now, ...document };
  policy.nextVersion += 1;
  policy.versions.push(version);
  policy.updatedAt = now;
  if (inForce) policy.defaultVersion = version.id;
  return version;
}

export function deletePolicy(policy: ManagedPolicyRecord, state: IamState): void {
  if (attachments(policy.arn, state).length > 0 || boundaryUses(policy.arn, state) > 0) {
    throw new AwsError('DeleteConflict', 'Cannot delete a policy attached to entities.', 409);
  }
  if (policy.versions.length > 1) {
    const message =
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.";
    throw new AwsError('DeleteConflict', message, 409);
  }
  state.policies.delete(policy.arn);
}

function readManaged(text: string | undefined): StoredPolicy {
  const policy = readPolicy(text, 'identity');
  checkSize(policySize(policy.text), managedPolicySize, 'PolicySize');
  return policy;
}

function policyOf(state: IamState, arn: string | undefined): ManagedPolicyRecord {
  const policy = state.policies.get(arn ?? '') ?? shownAsRecord(arn ?? '');
  if (!policy) throw new AwsError('NoSuchEntity', `Policy ${arn} was not found.`, 404);
  return policy;
}

/** An AWS managed policy, in the form of a customer's own. */
function shownAsRecord(arn: string): ManagedPolicyRecord | undefined {
  const document = awsManagedPolicy(arn);
  if (!document) return undefined;
  const since = new Date('2015-02-06T18:39:46Z');
  const version = { id: 'v1', createdAt: since, document, text: JSON.stringify(document) };
  const path = arn.slice(arn.indexOf(':policy/') + ':policy'.length, arn.lastIndexOf('/') + 1);
  const name = nameOf(arn);
  return {
    ...{ name, path, arn, id: `ANPA${name.toUpperCase().slice(0, 17)}`, createdAt: since, updatedAt: since },
    ...{ tags: new Map(), versions: [version], defaultVersion: 'v1', nextVersion: 2 },
  };
}

const entities = (state: IamState): Entity[] => [
  ...state.roles.values(),
  ...state.users.values(),
  ...state.groups.values(),
];
const attachments = (arn: string, state: IamState) => entities(state).filter(({ attached }) => attached.includes(arn));
const boundaryUses = (arn: string, state: IamState): number =>
  [...state.roles.values(), ...state.users.values()].filter(({ boundary }) => boundary === arn).length;

const shown = (policy: ManagedPolicyRecord, state: IamState): sdk.Policy => ({
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
  ...(policy.tags.size > 0 && { Tags: tagList(policy.tags) }),
});

function versionOf(policy: ManagedPolicyRecord, id: string | undefined) {
  const version = policy.versions.find((candidate) => candidate.id === id);
  if (!version)
    throw new AwsError('NoSuchEntity', `Policy ${policy.arn} version ${id} does not exist or is not attachable.`, 404);
  return version;
}

const shownVersion = (policy: ManagedPolicyRecord, version: ManagedPolicyRecord['versions'][number]) => ({
  VersionId: version.id,
  IsDefaultVersion: version.id === policy.defaultVersion,
  CreateDate: version.createdAt,
});

/** Versions of AWS managed policies cannot be changed. */
function ownPolicyOf(state: IamState, arn: string | undefined): ManagedPolicyRecord {
  const policy = policyOf(state, arn);
  if (!state.policies.has(policy.arn))
    throw new AwsError('AccessDenied', `Cannot change the AWS managed policy ${arn}`, 403);
  return policy;
}

export const policyOperations: ServiceOperations<typeof sdk, IamState> = {
  CreatePolicy: {
    needs: (input, at) => [
      {
        action: 'iam:CreatePolicy',
        resource: iamArn(at, 'policy', input.PolicyName ?? '', input.Path),
        context: requestTags(input.Tags),
      },
    ],
    run: (input, at) => ({ Policy: shown(createPolicy(input, at), at.state) }),
  },
  GetPolicy: {
    needs: onPolicy('GetPolicy'),
    run: (input, at) => ({ Policy: shown(policyOf(at.state, input.PolicyArn), at.state) }),
  },
  ListPolicies: {
    run(input, at) {
      if (input.Scope !== 'Local') throw new AwsError('NotModelled', 'ListPolicies knows Scope Local only', 501);
      const { items, ...rest } = page([...at.state.policies.values()], input);
      return { Policies: items.map((policy) => shown(policy, at.state)), ...rest };
    },
  },
  DeletePolicy: {
    needs: onPolicy('DeletePolicy'),
    run(input, at) {
      deletePolicy(ownPolicyOf(at.state, input.PolicyArn), at.state);
      return {};
    },
  },
  CreatePolicyVersion: {
    needs: onPolicy('CreatePolicyVersion'),
    run(input, at) {
      const policy = ownPolicyOf(at.state, input.PolicyArn);
      const version = createVersion(policy, input.PolicyDocument, input.SetAsDefault ?? false, at);
      return { PolicyVersion: shownVersion(policy, version) };
    },
  },
  GetPolicyVersion: {
    needs: onPolicy('GetPolicyVersion'),
    run(input, at) {
      const policy = policyOf(at.state, input.PolicyArn);
      const version = versionOf(policy, input.VersionId);
      return { PolicyVersion: { ...shownVersion(policy, version), Document: encoded(version.text) } };
    },
  },
  ListPolicyVersions: {
    needs: onPolicy('ListPolicyVersions'),
    run(input, at) {
      const policy = policyOf(at.state, input.PolicyArn);
      const { items, ...rest } = page([...policy.versions].reverse(), input);
      return { Versions: items.map((version) => shownVersion(policy, version)), ...rest };
    },
  },
  SetDefaultPolicyVersion: {
    needs: onPolicy('SetDefaultPolicyVersion'),
    run(input, at) {
      const policy = ownPolicyOf(at.state, input.PolicyArn);
      policy.defaultVersion = versionOf(policy, input.VersionId).id;
      return {};
    },
  },
  DeletePolicyVersion: {
    needs: onPolicy('DeletePolicyVersion'),
    run(input, at) {
      const policy = ownPolicyOf(at.state, input.PolicyArn);
      const version = versionOf(policy, input.VersionId);
      if (version.id === policy.defaultVersion) {
        throw new AwsError('DeleteConflict', 'Cannot delete the default version of a policy.', 409);
      }
      policy.versions = policy.versions.filter(({ id }) => id !== version.id);
      return {};
    },
  },
  ListEntitiesForPolicy: {
    needs: onPolicy('ListEntitiesForPolicy'),
    run(input, at) {
      const { arn } = policyOf(at.state, input.PolicyArn);
      const { items, ...rest } = page(attachments(arn, at.state), input);
      const within = (map: ReadonlyMap<string, Entity>) => items.filter((entity) => map.get(entity.name) === entity);
      return {
        PolicyRoles: within(at.state.roles).map(({ name, id }) => ({ RoleName: name, RoleId: id })),
        PolicyUsers: within(at.state.users).map(({ name, id }) => ({ UserName: name, UserId: id })),
        PolicyGroups: within(at.state.groups).map(({ name, id }) => ({ GroupName: name, GroupId: id })),
        ...rest,
      };
    },
  },
};

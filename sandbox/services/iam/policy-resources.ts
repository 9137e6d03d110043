/** AWS::IAM::Policy is inline, on several principals. */
import * as z from 'zod';
import { AwsError, type CreatedResource, type ResourceType } from '../../kernel/kernel.ts';
import { parseProperties, physicalName } from '../properties.ts';
import { attachPolicy, deleteInlinePolicy, detachPolicy, putInlinePolicy } from './attachments.ts';
import { createPolicy, createPolicyVersion, deletePolicy } from './policies.ts';
import {
  existingGroup,
  existingRole,
  existingUser,
  type IamEntity,
  type IamState,
  iamArn,
  type ManagedPolicyRecord,
} from './state.ts';

export const policyText = z.union([
  z.string(),
  z.record(z.string(), z.unknown()).transform((document) => JSON.stringify(document)),
]);

const holders = {
  Roles: z.array(z.string()).optional(),
  Users: z.array(z.string()).optional(),
  Groups: z.array(z.string()).optional(),
};
type Holders = { Roles?: string[] | undefined; Users?: string[] | undefined; Groups?: string[] | undefined };
type Kind = 'role' | 'user' | 'group';
type Holder = { readonly kind: Kind; readonly entity: IamEntity };

const inlinePolicyProperties = z.strictObject({ PolicyName: z.string(), PolicyDocument: policyText, ...holders });
const managedPolicyProperties = z.strictObject({
  ManagedPolicyName: z.string().optional(),
  Path: z.string().optional(),
  Description: z.string().optional(),
  PolicyDocument: policyText,
  ...holders,
});

const holdersIn = (state: IamState, { Roles = [], Users = [], Groups = [] }: Holders): Holder[] => [
  ...Roles.map((name): Holder => ({ kind: 'role', entity: existingRole(state, name) })),
  ...Users.map((name): Holder => ({ kind: 'user', entity: existingUser(state, name) })),
  ...Groups.map((name): Holder => ({ kind: 'group', entity: existingGroup(state, name) })),
];

const allHolders = (state: IamState): Holder[] => [
  ...Array.from(state.roles.values(), (entity): Holder => ({ kind: 'role', entity })),
  ...Array.from(state.users.values(), (entity): Holder => ({ kind: 'user', entity })),
  ...Array.from(state.groups.values(), (entity): Holder => ({ kind: 'group', entity })),
];

export const iamInlinePolicyResource: ResourceType<IamState> = {
  create(properties, at, resource) {
    const policy = parseProperties('AWS::IAM::Policy', inlinePolicyProperties, properties, resource);
    const policyHolders = holdersIn(at.state, policy);
    if (policyHolders.length === 0)
      throw new AwsError('ValidationError', 'At least one of [Groups,Roles,Users] must be non-empty.');
    for (const { kind, entity } of policyHolders)
      putInlinePolicy(entity, kind, policy.PolicyName, policy.PolicyDocument);
    const names = policyHolders.map(({ kind, entity }) => `${kind}/${entity.name}`);
    return { ref: policy.PolicyName, attributes: { Id: policy.PolicyName, Holders: names } };
  },
  update(existing, properties, at, resource) {
    const updated = this.create(properties, at, resource) as CreatedResource;
    for (const { kind, entity } of holdersWithPolicy(existing, at.state)) {
      const remains = updated.ref === existing.ref && holderNames(updated).includes(`${kind}/${entity.name}`);
      if (!remains) deleteInlinePolicy(entity, kind, existing.ref);
    }
    return updated;
  },
  remove(existing, at) {
    for (const { kind, entity } of holdersWithPolicy(existing, at.state))
      deleteInlinePolicy(entity, kind, existing.ref);
  },
};

const holderNames = (existing: CreatedResource): readonly string[] =>
  (existing.attributes?.Holders as string[] | undefined) ?? [];

/** Leaves out entities without the policy: a role may have been deleted before. */
const holdersWithPolicy = (existing: CreatedResource, state: IamState): Holder[] =>
  allHolders(state).filter(
    ({ kind, entity }) => holderNames(existing).includes(`${kind}/${entity.name}`) && entity.inline.has(existing.ref),
  );

export const iamManagedPolicyResource: ResourceType<IamState> = {
  needs({ kind, properties, existing }, at) {
    const { ManagedPolicyName, Path } = Object(properties) as { ManagedPolicyName?: string; Path?: string };
    const action = { create: 'CreatePolicy', update: 'CreatePolicyVersion', remove: 'DeletePolicy' }[kind];
    return [
      { action: `iam:${action}`, resource: existing?.ref ?? iamArn(at, 'policy', ManagedPolicyName ?? '*', Path) },
    ];
  },
  create(properties, at, resource) {
    const { ManagedPolicyName, Path, Description, PolicyDocument, ...attachedTo } = parseProperties(
      'AWS::IAM::ManagedPolicy',
      managedPolicyProperties,
      properties,
      resource,
    );
    const PolicyName = ManagedPolicyName ?? physicalName(at.kernel, resource, '', 128);
    const policy = createPolicy({ PolicyName, Path, Description, PolicyDocument }, at);
    for (const { entity } of holdersIn(at.state, attachedTo)) attachPolicy(at.state, entity, policy.arn);
    return createdPolicy(policy);
  },
  update(existing, properties, at, resource) {
    const { PolicyDocument, ...attachedTo } = parseProperties(
      'AWS::IAM::ManagedPolicy',
      managedPolicyProperties,
      properties,
      resource,
    );
    const policy = at.state.policies.get(existing.ref)!;
    // CloudFormation deletes the oldest version before it adds one.
    if (policy.versions.length === 5) policy.versions = policy.versions.slice(1);
    createPolicyVersion(policy, { PolicyDocument, SetAsDefault: true }, at);
    const desired = new Set(holdersIn(at.state, attachedTo).map(({ entity }) => entity));
    for (const { entity } of allHolders(at.state)) {
      if (desired.has(entity)) attachPolicy(at.state, entity, policy.arn);
      else if (entity.attached.includes(policy.arn)) detachPolicy(entity, policy.arn);
    }
    return createdPolicy(policy);
  },
  remove(existing, at) {
    const policy = at.state.policies.get(existing.ref)!;
    for (const { entity } of allHolders(at.state)) {
      if (entity.attached.includes(policy.arn)) detachPolicy(entity, policy.arn);
    }
    policy.versions = policy.versions.filter(({ id }) => id === policy.defaultVersion);
    deletePolicy(policy, at.state);
  },
};

const createdPolicy = (policy: ManagedPolicyRecord): CreatedResource => ({
  ref: policy.arn,
  attributes: { PolicyArn: policy.arn, PolicyId: policy.id },
});

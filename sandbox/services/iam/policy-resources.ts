/** AWS::IAM::Policy (inline, on several principals) and AWS::IAM::ManagedPolicy. */
import * as z from 'zod';
import { AwsError, type CreatedResource, type ResourceType } from '../../kernel/kernel.ts';
import { parseProperties, physicalName } from '../properties.ts';
import { attach, deleteInline, detach, putInline } from './attachments.ts';
import { createPolicy, createVersion, deletePolicy } from './policies.ts';
import { type Entity, groupOf, type IamState, iamArn, type ManagedPolicyRecord, roleOf, userOf } from './state.ts';

/** A policy document in a template: an object, or its text. */
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

const inlinePolicy = z.strictObject({ PolicyName: z.string(), PolicyDocument: policyText, ...holders });
const managedPolicy = z.strictObject({
  ManagedPolicyName: z.string().optional(),
  Path: z.string().optional(),
  Description: z.string().optional(),
  PolicyDocument: policyText,
  ...holders,
});

const entitiesOf = (state: IamState, { Roles = [], Users = [], Groups = [] }: Holders): [Kind, Entity][] => [
  ...Roles.map((name): [Kind, Entity] => ['role', roleOf(state, name)]),
  ...Users.map((name): [Kind, Entity] => ['user', userOf(state, name)]),
  ...Groups.map((name): [Kind, Entity] => ['group', groupOf(state, name)]),
];

const everyone = (state: IamState): [Kind, Entity][] => [
  ...Array.from(state.roles.values(), (role): [Kind, Entity] => ['role', role]),
  ...Array.from(state.users.values(), (user): [Kind, Entity] => ['user', user]),
  ...Array.from(state.groups.values(), (group): [Kind, Entity] => ['group', group]),
];

export const groupUserAndRolePolicies: ResourceType<IamState> = {
  create(properties, at, resource) {
    const policy = parseProperties('AWS::IAM::Policy', inlinePolicy, properties, resource);
    const entities = entitiesOf(at.state, policy);
    if (entities.length === 0) {
      throw new AwsError('ValidationError', 'At least one of [Groups,Roles,Users] must be non-empty.');
    }
    for (const [kind, entity] of entities) putInline(entity, kind, policy.PolicyName, policy.PolicyDocument);
    const made = entities.map(([kind, { name }]) => `${kind}/${name}`);
    return { ref: policy.PolicyName, attributes: { Id: policy.PolicyName, Holders: made } };
  },
  update(made, properties, at, resource) {
    const now = this.create(properties, at, resource) as CreatedResource;
    for (const [kind, entity] of heldBy(made, at.state)) {
      const kept = now.ref === made.ref && holdersOf(now).includes(`${kind}/${entity.name}`);
      if (!kept) deleteInline(entity, kind, made.ref);
    }
    return now;
  },
  remove(made, at) {
    for (const [kind, entity] of heldBy(made, at.state)) deleteInline(entity, kind, made.ref);
  },
};

const holdersOf = (made: CreatedResource): readonly string[] =>
  (made.attributes?.Holders as string[] | undefined) ?? [];

/** Who still has the inline policy: a role may have gone before it, with all it had. */
const heldBy = (made: CreatedResource, state: IamState): [Kind, Entity][] =>
  everyone(state).filter(
    ([kind, entity]) => holdersOf(made).includes(`${kind}/${entity.name}`) && entity.inline.has(made.ref),
  );

export const managedPolicies: ResourceType<IamState> = {
  needs({ kind, properties, made }, at) {
    const { ManagedPolicyName, Path } = Object(properties) as { ManagedPolicyName?: string; Path?: string };
    const action = { create: 'CreatePolicy', update: 'CreatePolicyVersion', remove: 'DeletePolicy' }[kind];
    return [{ action: `iam:${action}`, resource: made?.ref ?? iamArn(at, 'policy', ManagedPolicyName ?? '*', Path) }];
  },
  create(properties, at, resource) {
    const { ManagedPolicyName, Path, Description, PolicyDocument, ...attachedTo } = parseProperties(
      'AWS::IAM::ManagedPolicy',
      managedPolicy,
      properties,
      resource,
    );
    const PolicyName = ManagedPolicyName ?? physicalName(at.kernel, resource, '', 128);
    const policy = createPolicy({ PolicyName, Path, Description, PolicyDocument }, at);
    for (const [, entity] of entitiesOf(at.state, attachedTo)) attach(at.state, entity, policy.arn);
    return madeOf(policy);
  },
  update(made, properties, at, resource) {
    const { PolicyDocument, ...attachedTo } = parseProperties(
      'AWS::IAM::ManagedPolicy',
      managedPolicy,
      properties,
      resource,
    );
    const policy = at.state.policies.get(made.ref)!;
    // CloudFormation makes room for the version it adds.
    if (policy.versions.length === 5) policy.versions = policy.versions.slice(1);
    createVersion(policy, PolicyDocument, true, at);
    const wanted = new Set(entitiesOf(at.state, attachedTo).map(([, entity]) => entity));
    for (const [, entity] of everyone(at.state)) {
      if (wanted.has(entity)) attach(at.state, entity, policy.arn);
      else if (entity.attached.includes(policy.arn)) detach(entity, policy.arn);
    }
    return madeOf(policy);
  },
  remove(made, at) {
    const policy = at.state.policies.get(made.ref)!;
    for (const [, entity] of everyone(at.state)) {
      if (entity.attached.includes(policy.arn)) detach(entity, policy.arn);
    }
    policy.versions = policy.versions.filter(({ id }) => id === policy.defaultVersion);
    deletePolicy(policy, at.state);
  },
};

const madeOf = (policy: ManagedPolicyRecord): CreatedResource => ({
  ref: policy.arn,
  attributes: { PolicyArn: policy.arn, PolicyId: policy.id },
});

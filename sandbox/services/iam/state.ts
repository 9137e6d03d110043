/** What an account's IAM holds: plain data, found by name. */
import { awsManagedPolicy } from '../../authorization/aws-managed.ts';
import type { NamedPolicy } from '../../authorization/evaluate.ts';
import type { IamPolicy } from '../../authorization/policy.ts';
import { type At, AwsError, type AwsPlace } from '../../kernel/kernel.ts';
import type { BoundPolicy } from './trust.ts';

/** A policy as it was handed in, and read. */
export type StoredPolicy = { readonly text: string; readonly document: IamPolicy };

export type Entity = {
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  /** AROA…, AIDA…, AGPA…: never used again. */
  readonly id: string;
  readonly createdAt: Date;
  inline: Map<string, StoredPolicy>;
  /** ARNs of managed policies. */
  attached: string[];
};
type Tagged = { tags: Map<string, string> };
type Bounded = { boundary?: string };

export type RoleRecord = Entity &
  Tagged &
  Bounded & {
    trust: BoundPolicy;
    description?: string;
    maxSessionDuration: number;
  };
export type UserRecord = Entity &
  Tagged &
  Bounded & {
    groups: string[];
    password?: { createdAt: Date; resetRequired: boolean; lastUsed?: Date };
    /** Serial numbers (ARNs) of MFA devices. */
    mfaDevices: Map<string, Date>;
  };
export type GroupRecord = Entity;
export type PolicyVersionRecord = StoredPolicy & { readonly id: string; readonly createdAt: Date };
export type ManagedPolicyRecord = Tagged & {
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly id: string;
  readonly createdAt: Date;
  updatedAt: Date;
  readonly description?: string;
  versions: PolicyVersionRecord[];
  defaultVersion: string;
  nextVersion: number;
};
export type AccessKeyRecord = {
  readonly id: string;
  readonly user: string;
  readonly secret: string;
  readonly createdAt: Date;
  active: boolean;
  lastUsed?: { date: Date; service: string; region: string };
};
export type InstanceProfileRecord = Pick<Entity, 'name' | 'path' | 'arn' | 'id' | 'createdAt'> & { role?: string };

export type PasswordPolicyRecord = {
  MinimumPasswordLength: number;
  RequireSymbols: boolean;
  RequireNumbers: boolean;
  RequireUppercaseCharacters: boolean;
  RequireLowercaseCharacters: boolean;
  AllowUsersToChangePassword: boolean;
  ExpirePasswords: boolean;
  HardExpiry?: boolean;
  MaxPasswordAge?: number;
  PasswordReusePrevention?: number;
};

/** What AWS raises on request. */
export type IamQuotas = {
  /** Characters of a role's trust policy, 4,096 at most. */
  trustPolicySize: number;
  /** Managed policies of one role, user or group, 20 at most for a role. */
  attachedPolicies: number;
};

export type IamState = {
  quotas: IamQuotas;
  roles: Map<string, RoleRecord>;
  users: Map<string, UserRecord>;
  groups: Map<string, GroupRecord>;
  policies: Map<string, ManagedPolicyRecord>;
  instanceProfiles: Map<string, InstanceProfileRecord>;
  accessKeys: Map<string, AccessKeyRecord>;
  mfaDevices: Map<string, { serial: string; user?: string; enabledAt?: Date }>;
  passwordPolicy?: PasswordPolicyRecord;
  credentialReport?: { generatedAt: Date; content: string };
};

export const emptyIam = (): IamState => ({
  quotas: { trustPolicySize: 2048, attachedPolicies: 10 },
  roles: new Map(),
  users: new Map(),
  groups: new Map(),
  policies: new Map(),
  instanceProfiles: new Map(),
  accessKeys: new Map(),
  mfaDevices: new Map(),
});

export type IamAt = At<IamState>;
export type IamType = 'role' | 'user' | 'group' | 'policy' | 'instance-profile' | 'mfa';

/** ARN of something in this account's IAM; the path defaults to `/`. */
export const iamArn = (
  place: Pick<AwsPlace, 'partition' | 'account'>,
  type: IamType,
  name: string,
  path = '/',
): string => `arn:${place.partition}:iam::${place.account}:${type}${path}${name}`;

export const noSuchEntity = (what: string): AwsError => new AwsError('NoSuchEntity', `${what} cannot be found.`, 404);
export const alreadyExists = (what: string): AwsError =>
  new AwsError('EntityAlreadyExists', `${what} already exists.`, 409);

export const roleOf = (state: IamState, name: string | undefined): RoleRecord =>
  found(state.roles, name, 'The role with name');
export const userOf = (state: IamState, name: string | undefined): UserRecord =>
  found(state.users, name, 'The user with name');
export const groupOf = (state: IamState, name: string | undefined): GroupRecord =>
  found(state.groups, name, 'The group with name');

function found<R>(records: ReadonlyMap<string, R>, name: string | undefined, what: string): R {
  const record = records.get(name ?? '');
  if (!record) throw noSuchEntity(`${what} ${name}`);
  return record;
}

/** The last part of a role, user or policy ARN. */
export const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** The policy in force of a managed policy. */
export const defaultVersionOf = (policy: ManagedPolicyRecord): PolicyVersionRecord =>
  policy.versions.find(({ id }) => id === policy.defaultVersion)!;

/** Inline and managed policies of a role, user or group, as they stand now. */
export const policiesOf = (state: IamState, entity: Entity): NamedPolicy[] => [
  ...Array.from(entity.inline, ([name, { document }]) => ({ name, document })),
  ...entity.attached.map((arn) => managedPolicy(state, arn)),
];

/** A customer managed or AWS managed policy by its ARN. @throws NoSuchEntity */
export function managedPolicy(state: IamState, arn: string): NamedPolicy {
  const own = state.policies.get(arn);
  const document = own ? defaultVersionOf(own).document : awsManagedPolicy(arn);
  if (!document) throw new AwsError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
  return { name: nameOf(arn), document };
}

import { awsManagedPolicy } from '../../authorization/aws-managed.ts';
import type { IamPolicy } from '../../authorization/policy.ts';
import { type At, AwsError, type AwsPlace, type Kernel, type NamedPolicy } from '../../kernel/kernel.ts';
import type { StateKey } from '../../kernel/state-key.ts';

/** ARNs of roles and users by unique id, as a policy named them when it was written. */
export type PrincipalNames = ReadonlyMap<string, string>;
/** Principals are unique ids. */
export type BoundPolicy = { readonly document: IamPolicy; readonly names: PrincipalNames };

export type StoredPolicy = { readonly text: string; readonly document: IamPolicy };

export type IamEntity = {
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  /** AROA…, AIDA…, AGPA…; AWS never reuses it. */
  readonly id: string;
  readonly createdAt: Date;
  inline: Map<string, StoredPolicy>;
  attached: string[];
};
type Tagged = { tags: Map<string, string> };
type Bounded = { boundary?: string };

export type RoleRecord = IamEntity &
  Tagged &
  Bounded & {
    trust: BoundPolicy;
    description?: string;
    maxSessionDuration: number;
  };
export type UserRecord = IamEntity &
  Tagged &
  Bounded & {
    groups: string[];
    password?: { createdAt: Date; resetRequired: boolean; lastUsed?: Date };
    mfaDevices: Map<string, Date>;
  };
export type GroupRecord = IamEntity;
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
export type InstanceProfileRecord = Pick<IamEntity, 'name' | 'path' | 'arn' | 'id' | 'createdAt'> & { role?: string };

export type ServerCertificateRecord = Tagged &
  Pick<IamEntity, 'name' | 'path' | 'arn' | 'id' | 'createdAt'> & {
    readonly expiresAt: Date;
    /** In PEM. */
    readonly body: string;
    readonly chain?: string;
  };

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

export type IamQuotas = {
  /** Characters; at most 4,096. */
  trustPolicySize: number;
  /** Of one role, user or group; at most 20 for a role. */
  attachedPolicies: number;
};

export type IamState = {
  quotas: IamQuotas;
  roles: Map<string, RoleRecord>;
  users: Map<string, UserRecord>;
  groups: Map<string, GroupRecord>;
  policies: Map<string, ManagedPolicyRecord>;
  instanceProfiles: Map<string, InstanceProfileRecord>;
  serverCertificates: Map<string, ServerCertificateRecord>;
  accessKeys: Map<string, AccessKeyRecord>;
  mfaDevices: Map<string, { serial: string; user?: string; enabledAt?: Date }>;
  passwordPolicy?: PasswordPolicyRecord;
  credentialReport?: { generatedAt: Date; content: string };
};

export const IAM: StateKey<IamState> = {
  name: 'iam',
  scope: 'account',
  state: () => ({
    quotas: { trustPolicySize: 2048, attachedPolicies: 10 },
    roles: new Map(),
    users: new Map(),
    groups: new Map(),
    policies: new Map(),
    instanceProfiles: new Map(),
    serverCertificates: new Map(),
    accessKeys: new Map(),
    mfaDevices: new Map(),
  }),
};

export const iamStateOf = (kernel: Kernel, account: string): IamState =>
  kernel.state(IAM, { partition: kernel.partition, account, region: 'us-east-1' });

export type IamAt = At<IamState>;
export type IamType = 'role' | 'user' | 'group' | 'policy' | 'instance-profile' | 'mfa' | 'server-certificate';

export const iamArn = (
  place: Pick<AwsPlace, 'partition' | 'account'>,
  type: IamType,
  name: string,
  path = '/',
): string => `arn:${place.partition}:iam::${place.account}:${type}${path}${name}`;

export const noSuchEntity = (entity: string): AwsError =>
  new AwsError('NoSuchEntity', `${entity} cannot be found.`, 404);
export const alreadyExists = (entity: string): AwsError =>
  new AwsError('EntityAlreadyExists', `${entity} already exists.`, 409);

export const existingRole = (state: IamState, name: string | undefined): RoleRecord =>
  existingEntity(state.roles, name, 'The role with name');
export const existingUser = (state: IamState, name: string | undefined): UserRecord =>
  existingEntity(state.users, name, 'The user with name');
export const existingGroup = (state: IamState, name: string | undefined): GroupRecord =>
  existingEntity(state.groups, name, 'The group with name');

function existingEntity<R>(records: ReadonlyMap<string, R>, name: string | undefined, prefix: string): R {
  const record = records.get(name ?? '');
  if (!record) throw noSuchEntity(`${prefix} ${name}`);
  return record;
}

export const entityNameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

export const defaultVersionOf = (policy: ManagedPolicyRecord): PolicyVersionRecord =>
  policy.versions.find(({ id }) => id === policy.defaultVersion)!;

export const entityPolicies = (state: IamState, entity: IamEntity): NamedPolicy[] => [
  ...Array.from(entity.inline, ([name, { document }]) => ({ name, document })),
  ...entity.attached.map((arn) => resolveManagedPolicy(state, arn)),
];

/**
 * Accepts customer managed and AWS managed policies.
 * @throws AwsError NoSuchEntity
 */
export function resolveManagedPolicy(state: IamState, arn: string): NamedPolicy {
  const customerPolicy = state.policies.get(arn);
  const document = customerPolicy ? defaultVersionOf(customerPolicy).document : awsManagedPolicy(arn);
  if (!document) throw new AwsError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
  return { name: entityNameOf(arn), document };
}

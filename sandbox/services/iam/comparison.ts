/** A user includes its access keys; a policy is compared by the texts of its versions. */
import { generated, type RecordPath } from '../../kernel/comparison.ts';
import { parseArn } from '../arn.ts';
import type { AccessKeyRecord, IamEntity, IamState, ManagedPolicyRecord, RoleRecord, StoredPolicy } from './state.ts';

/** Leaves out quotas, which Service Quotas changes, and the parsed forms of policies. */
function comparable(state: IamState): unknown {
  const { quotas: _quotas, accessKeys: _keys, passwordPolicy: _policy, ...others } = state;
  return {
    ...others,
    users: mapRecords(state.users, (user) => ({
      ...comparableEntity(user),
      groups: new Set(user.groups),
      accessKeys: keysOf(user.name, state),
    })),
    roles: mapRecords(state.roles, comparableRole),
    groups: mapRecords(state.groups, comparableEntity),
    policies: mapRecords(state.policies, comparablePolicy),
    settings: { passwordPolicy: comparablePasswordPolicy(state) },
  };
}

const mapRecords = <R>(records: ReadonlyMap<string, R>, members: (record: R) => unknown) =>
  new Map([...records].map(([name, record]) => [name, members(record)]));

function comparableEntity<E extends IamEntity>({ inline, attached, ...entity }: E) {
  return { ...entity, inline: mapRecords(inline, ({ text }: StoredPolicy) => text), attached: new Set(attached) };
}

/** A role that is created again has a new id. */
function comparableRole({ id, createdAt, trust, ...role }: RoleRecord) {
  return { ...comparableEntity(role as RoleRecord), trust: trust.document, creation: generated({ id, createdAt }) };
}

const keysOf = (user: string, { accessKeys }: IamState): Map<string, AccessKeyRecord> =>
  new Map([...accessKeys].filter(([, key]) => key.user === user));

/** A version that gets its old text again has a new number. */
function comparablePolicy({ versions, defaultVersion, nextVersion, updatedAt, ...policy }: ManagedPolicyRecord) {
  return {
    ...policy,
    versions: new Set(versions.map(({ id, text }) => ({ text, isDefault: id === defaultVersion }))),
    changes: generated({ defaultVersion, nextVersion, updatedAt }),
  };
}

/** ExpirePasswords follows from MaxPasswordAge, and an absent HardExpiry is off. */
function comparablePasswordPolicy({ passwordPolicy }: IamState): unknown {
  if (passwordPolicy === undefined) return undefined;
  const { ExpirePasswords: _, HardExpiry = false, ...settings } = passwordPolicy;
  return { ...settings, HardExpiry };
}

function locate(resource: string, state: IamState): readonly RecordPath[] {
  if (resource === '*') return [['settings']];
  const [type = '', ...path] = parseArn(resource).resource.split('/');
  const name = path.at(-1) ?? '';
  if (type === 'user') return [['users', userNameOf(name, state)]];
  if (type === 'policy') return [['policies', resource]];
  if (type === 'mfa') return [['mfaDevices', resource]];
  const map = MAPS[type];
  return map === undefined ? [] : [[map, name]];
}

const MAPS: Readonly<Record<string, string>> = {
  role: 'roles',
  group: 'groups',
  'instance-profile': 'instanceProfiles',
  'server-certificate': 'serverCertificates',
};

/** Security Hub names a user by its unique id. */
const userNameOf = (nameOrId: string, { users }: IamState): string =>
  [...users.values()].find(({ id }) => id === nameOrId)?.name ?? nameOrId;

export const iamComparison = { comparable, locate };

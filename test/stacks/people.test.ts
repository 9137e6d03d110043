import { App, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import type { CommandEntry } from '../../cli/command.ts';
import { COMMANDS } from '../../cli/commands.generated.ts';
import { MANAGED_POLICY_LIMIT } from '../../functions/domain/permissions.ts';
import { isSamePerson } from '../../functions/domain/same-person.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { statementsFor } from '../../sandbox/authorization/compile.ts';
import { conditionsHold } from '../../sandbox/authorization/conditions.ts';
import { deployTemplate } from '../../sandbox/cloudformation/index.ts';
import { createSandbox } from '../../sandbox/index.ts';
import { commandNeeds, PERSON_NAMES } from '../../stacks/constructs/people-permissions.ts';
import { parseContext } from '../../stacks/context.ts';
import { API, POLICY_EXPORTS } from '../support/names.ts';
import { resourcesOf, SAMPLE_CONTEXT, SECURITY_ACCOUNT, synthesizeTemplates } from './templates.ts';

const INSTANCE = 'arn:aws:sso:::instance/ssoins-0123456789abcdef';
const GROUP = '00000000-0000-4000-8000-00000000000a';
const OTHERS = '90670000a1-00000000-0000-4000-8000-00000000000b';
const IDENTITY_CENTER = {
  account: '999999999999',
  region: 'eu-central-1',
  instanceArn: INSTANCE,
  groups: { viewer: [GROUP, OTHERS], approver: [GROUP] },
};
const CONTEXT = parseContext({ ...SAMPLE_CONTEXT, identityCenter: IDENTITY_CENTER });
const SYNTHESIS = synthesizeTemplates(REMEDIATIONS, CONTEXT);
const PEOPLE_TEMPLATE = SYNTHESIS.template('SuturePeople');

describe('people of the security account', () => {
  it('have a policy each, within the quota, and a role that includes the policy of a viewer', () => {
    const policies = resourcesOf(PEOPLE_TEMPLATE, 'AWS::IAM::ManagedPolicy');
    expect(policies.map(({ Properties }) => Properties.ManagedPolicyName)).toEqual([
      'suture-viewer',
      'suture-operator',
      'suture-approver',
    ]);
    for (const { Properties } of policies)
      expect(JSON.stringify(Properties.PolicyDocument).length).toBeLessThan(MANAGED_POLICY_LIMIT);
    const roles = resourcesOf(PEOPLE_TEMPLATE, 'AWS::IAM::Role');
    expect(roles.map(({ Properties }) => [Properties.RoleName, Properties.ManagedPolicyArns.length])).toEqual([
      ['suture-viewer', 1],
      ['suture-operator', 2],
      ['suture-approver', 2],
    ]);
  });

  it('may not delete the ledger or its key, whatever else they may do', () => {
    const denials = resourcesOf(PEOPLE_TEMPLATE, 'AWS::IAM::ManagedPolicy').flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(({ Effect }: any) => Effect === 'Deny').map((each: any) => [
        Properties.ManagedPolicyName,
        each.Action,
      ]),
    );
    expect(denials).toEqual([
      [
        'suture-viewer',
        expect.arrayContaining(['cloudformation:DeleteStack', 'dynamodb:DeleteTable', 'kms:ScheduleKeyDeletion']),
      ],
    ]);
  });

  it('assume their roles with MFA of the last hour, under their own names', () => {
    for (const { Properties } of resourcesOf(PEOPLE_TEMPLATE, 'AWS::IAM::Role')) {
      const [{ Principal, Condition }, ...more] = Properties.AssumeRolePolicyDocument.Statement;
      expect(more).toEqual([]);
      expect(JSON.stringify(Principal)).toContain(`${SECURITY_ACCOUNT}:root`);
      expect(Condition).toEqual({
        Bool: { 'aws:MultiFactorAuthPresent': 'true' },
        NumericLessThan: { 'aws:MultiFactorAuthAge': '3600' },
        StringEquals: { 'sts:RoleSessionName': '${aws:username}' },
      });
    }
  });
});

describe('people of an identity provider', () => {
  const [SAML, OIDC] = ['saml-provider/Okta', 'oidc-provider/login.example.com/realm'].map(
    (name) => `arn:aws:iam::${SECURITY_ACCOUNT}:${name}`,
  ) as [string, string];
  const ISSUER = 'login.example.com/realm';
  const rolesWith = (federation: object[], more: object = {}) => {
    const context = parseContext({ ...SAMPLE_CONTEXT, federation, ...more });
    const roles = resourcesOf(synthesizeTemplates([], context).template('SuturePeople'), 'AWS::IAM::Role');
    return new Map(
      roles.map(({ Properties: { RoleName, AssumeRolePolicyDocument } }) => [RoleName, AssumeRolePolicyDocument]),
    );
  };
  /** Whether the sandbox's IAM lets a request with these keys through the trust policy. */
  const opens = (trust: any, provider: string, action: string, keys: Record<string, string | string[]>) => {
    const Statement = trust.Statement.filter((each: any) => each.Principal.Federated === provider);
    const context = new Map(Object.entries(keys).map(([key, value]) => [key.toLowerCase(), value]));
    return statementsFor({ ...trust, Statement }, action.toLowerCase()).some(({ conditions }) =>
      conditionsHold(conditions, context),
    );
  };

  const ALICE = {
    'saml:aud': 'https://signin.aws.amazon.com/saml',
    'saml:sub': 'alice@example.com',
    'sts:RoleSessionName': 'alice@example.com',
  };
  it.each<[string, boolean, Record<string, string | string[]>]>([
    ['under their own name, with MFA', true, { ...ALICE, 'saml:edupersonassurance': ['low', 'mfa'] }],
    [
      "under somebody else's name",
      false,
      { ...ALICE, 'saml:edupersonassurance': 'mfa', 'sts:RoleSessionName': 'bob@example.com' },
    ],
    ['without MFA', false, { ...ALICE, 'saml:edupersonassurance': 'low' }],
    ['without a word about MFA', false, ALICE],
    [
      'of an assertion for somebody else',
      false,
      { ...ALICE, 'saml:edupersonassurance': 'mfa', 'saml:aud': 'https://elsewhere.example.com' },
    ],
    [
      'without a subject',
      false,
      { 'saml:aud': ALICE['saml:aud'], 'sts:RoleSessionName': 'alice', 'saml:edupersonassurance': 'mfa' },
    ],
  ])('by SAML %s: %s', (_, expected, keys) => {
    const trusts = rolesWith([{ provider: SAML, mfa: { claim: 'saml:edupersonassurance', value: 'mfa' } }]);
    for (const [, trust] of trusts) expect(opens(trust, SAML, 'sts:AssumeRoleWithSAML', keys)).toBe(expected);
  });

  const token = (audience: string, more: object = {}) => ({
    ...{ [`${ISSUER}:aud`]: audience, [`${ISSUER}:sub`]: 'alice', [`${ISSUER}:amr`]: ['pwd', 'mfa'] },
    ...{ 'sts:RoleSessionName': 'alice', ...more },
  });
  it.each<[string, string[], Record<string, string | string[]>]>([
    ['of an audience open its role alone', ['suture-approver'], token('approve')],
    ['of another audience open none', [], token('other')],
    ["under somebody else's name open none", [], token('view', { 'sts:RoleSessionName': 'bob' })],
    ['without MFA open none', [], token('view', { [`${ISSUER}:amr`]: ['pwd'] })],
  ])('by OpenID Connect: tokens %s', (_, expected, keys) => {
    const trusts = rolesWith([{ provider: OIDC, mfa: 'amr', audiences: { viewer: 'view', approver: 'approve' } }]);
    const opened = [...trusts].filter(([, trust]) => opens(trust, OIDC, 'sts:AssumeRoleWithWebIdentity', keys));
    expect(opened.map(([name]) => name)).toEqual(expected);
  });

  it('do not change the sign-in of IAM users', () => {
    const [[, with_]] = [...rolesWith([{ provider: SAML, mfa: 'provider' }])] as [[string, any]];
    const [[, without]] = [...rolesWith([])] as [[string, any]];
    expect(with_.Statement.slice(0, 1)).toEqual(without.Statement);
    expect(with_.Statement).toHaveLength(2);
  });

  it('sign in at the address of their partition', () => {
    const provider = SAML.replace('arn:aws:', 'arn:aws-cn:');
    const place = { partition: 'aws-cn', homeRegion: 'cn-north-1', regions: ['cn-north-1'] };
    expect(JSON.stringify([...rolesWith([{ provider, mfa: 'provider' }], place)])).toContain(
      'https://signin.amazonaws.cn/saml',
    );
  });

  it('are distinguished by the API by the name of the session that signed', () => {
    const session = (name: string, role = 'approver') =>
      `arn:aws:sts::${SECURITY_ACCOUNT}:assumed-role/suture-${role}/${name}`;
    expect(isSamePerson(session('alice@example.com'), session('Alice@example.com', 'operator'))).toBe(true);
    expect(isSamePerson(session('alice@example.com'), session('bob@example.com'))).toBe(false);
  });

  it.each([
    [
      'a provider of another account',
      { provider: SAML.replace(SECURITY_ACCOUNT, '222222222222'), mfa: 'provider' },
      'expected a provider of account 111111111111',
    ],
    [
      'no word about MFA',
      { provider: SAML },
      'federation.0.mfa is missing: expected "provider", or the claim and value',
    ],
    [
      'one audience for two roles',
      { provider: OIDC, mfa: 'amr', audiences: { viewer: 'a', approver: 'a' } },
      'expected another audience for each role',
    ],
    [
      'no ARN',
      { provider: 'Okta', mfa: 'provider' },
      'federation.0.provider is "Okta": expected the ARN of a SAML or OpenID Connect provider',
    ],
  ])('are refused with %s', (_, provider, message) => {
    expect(() => parseContext({ ...SAMPLE_CONTEXT, federation: [provider] })).toThrow(message);
  });
});

async function definitionsOf(
  entries: readonly CommandEntry[],
  group = '',
): Promise<{ readonly name: string; readonly access?: string }[]> {
  const all = entries.map(async (entry) => {
    const name = `${group}${entry.name}`;
    if ('commands' in entry) return definitionsOf(entry.commands, `${name} `);
    return [{ name, access: (await entry.load()).default.access }];
  });
  return (await Promise.all(all)).flat();
}

it('every command that calls AWS has an entry in the table of needs', async () => {
  const commands = new Map((await definitionsOf(COMMANDS)).map(({ name, access = '' }) => [name, access]));
  const inAws = [...commands.keys()].filter((name) => /credentials/.test(commands.get(name)!));
  const key = new Key(new Stack(new App(), 'Stack'), 'Key');
  const known = Object.keys(commandNeeds({ context: CONTEXT, key, policy: POLICY_EXPORTS, api: API.id })).flatMap(
    (line) => line.split(', '),
  );
  expect(inAws.filter((command) => !known.includes(command))).toEqual([]);
  expect(known.filter((command) => !commands.has(command))).toEqual(['aws logs filter-log-events']);
  expect(inAws.length).toBeGreaterThan(5);
});

describe('permission sets', () => {
  const template = SYNTHESIS.template('SutureIdentityCenter');
  it('refer to the policies of the security account, and have a tag for delegation', () => {
    const sets = resourcesOf(template, 'AWS::SSO::PermissionSet').map(({ Properties }) => Properties);
    expect(sets.map(({ Name, Tags }) => [Name, Tags])).toEqual(
      PERSON_NAMES.map((person) => [`suture-${person}`, [{ Key: 'suture:person', Value: person }]]),
    );
    expect(sets[1].CustomerManagedPolicyReferences).toEqual([
      { Name: 'suture-viewer', Path: '/suture/people/' },
      { Name: 'suture-operator', Path: '/suture/people/' },
    ]);
    expect(sets[1]).toMatchObject({ InstanceArn: INSTANCE, SessionDuration: 'PT1H' });
  });
  it('are assigned to their groups, only in the security account', () => {
    const assigned = resourcesOf(template, 'AWS::SSO::Assignment').map(({ Properties }) => Properties);
    expect(assigned.map(({ PrincipalId }) => PrincipalId)).toEqual([GROUP, OTHERS, GROUP]);
    expect(new Set(assigned.map(({ TargetId }) => TargetId))).toEqual(new Set([SECURITY_ACCOUNT]));
  });
  it('are left out without Identity Center in the context', () => {
    expect([...synthesizeTemplates(REMEDIATIONS).templates.keys()]).not.toContain('SutureIdentityCenter');
  });
  it('are refused before the policies exist', async () => {
    const accounts = [SECURITY_ACCOUNT, IDENTITY_CENTER.account].map((id) => ({ id, name: id }));
    const sandbox = await createSandbox({
      organization: { id: 'o-exampleorgid', managementAccount: IDENTITY_CENTER.account, accounts },
      homeRegion: 'eu-central-1',
    });
    const place = { partition: 'aws', account: IDENTITY_CENTER.account, region: 'eu-central-1' };
    await expect(deployTemplate(sandbox.kernel, place, 'SutureIdentityCenter', template.toJSON())).rejects.toThrow(
      'policy/suture/people/suture-viewer does not exist',
    );
    await sandbox.close();
  });
  it.each([
    [
      'an invalid group',
      { groups: { viewer: ['admins'] } },
      'context.suture.identityCenter.groups.viewer.0 is "admins": expected the id of a group',
    ],
    [
      'an unknown person',
      { groups: { owner: [GROUP] } },
      'context.suture.identityCenter.groups.owner: no such key; there are viewer, operator, approver',
    ],
    ['a missing instance', { instanceArn: undefined }, 'context.suture.identityCenter.instanceArn is missing'],
  ])('are refused with %s', (_, change, message) => {
    expect(() => parseContext({ ...SAMPLE_CONTEXT, identityCenter: { ...IDENTITY_CENTER, ...change } })).toThrow(
      message,
    );
  });
});

import { App, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import type { CommandEntry } from '../../cli/command.ts';
import { COMMANDS } from '../../cli/commands.generated.ts';
import { MANAGED_POLICY_LIMIT } from '../../functions/domain/permissions.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { deployTemplate } from '../../sandbox/cloudformation/index.ts';
import { createSandbox } from '../../sandbox/index.ts';
import { commandNeeds, PERSON_NAMES } from '../../stacks/constructs/people-permissions.ts';
import { parseContext } from '../../stacks/context.ts';
import { API, POLICY_EXPORTS } from '../../stacks/names.ts';
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
  expect(known.filter((command) => !commands.has(command))).toEqual([]);
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

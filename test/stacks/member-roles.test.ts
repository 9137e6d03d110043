/** The member roles of as many controls as are planned: more than one role can hold. */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Remediation } from '../../functions/contract/remediation.ts';
import {
  familyOf,
  MAX_MEMBER_POLICIES,
  memberRoleParts,
  nameOfPart,
} from '../../functions/domain/member-role-parts.ts';
import { namesOf } from '../../functions/domain/names.ts';
import { MANAGED_POLICY_LIMIT } from '../../functions/domain/permissions.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { controlsHandled, dummyRemediations, remediationsWithDummies } from '../../lab/bench/dummies.ts';
import { createSandbox, type Sandbox } from '../../sandbox/index.ts';
import { createRoles } from './create-roles.ts';
import { resourcesOf, SAMPLE_CONTEXT, SERVICE_ACCOUNT, synthesizeTemplates } from './templates.ts';

const ALL = remediationsWithDummies();
const { template, templates } = synthesizeTemplates(ALL);
const NAMES = namesOf({ prefix: 'suture' });
const rolesOf = (remediations: readonly Remediation[]) =>
  memberRoleParts(remediations).map((part) => ({
    ...part,
    name: nameOfPart(NAMES.memberRole, part.suffix),
    path: nameOfPart(NAMES.executionRolePath, part.suffix),
    rollbackPath: nameOfPart(NAMES.rollbackRolePath, part.suffix),
  }));
const ROLES = rolesOf(ALL);
const MEMBER = template('SutureMemberRole');

const SHOP = '333333333333';
const PLACE = { partition: 'aws', account: SHOP, region: SAMPLE_CONTEXT.homeRegion };

it("today's controls have one member role, under its original name and paths", () => {
  expect(rolesOf(REMEDIATIONS).map(({ name, path, rollbackPath }) => [name, path, rollbackPath])).toEqual([
    ['suture-member', '/suture/remediation/', '/suture/rollback/'],
  ]);
});

describe('the member roles of 183 controls', () => {
  it('are several, each with whole families and its own paths', () => {
    expect(controlsHandled(ALL)).toHaveLength(183);
    expect(ROLES.slice(0, 2).map(({ name, path, rollbackPath }) => [name, path, rollbackPath])).toEqual([
      ['suture-member', '/suture/remediation/', '/suture/rollback/'],
      ['suture-member-b', '/suture/remediation-b/', '/suture/rollback-b/'],
    ]);
    expect(
      ROLES.flatMap(({ remediations }) => remediations)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(ALL.map(({ id }) => id).toSorted());
    const families = ROLES.map(({ remediations }) => new Set(remediations.map(familyOf)));
    expect(families.reduce((sum, { size }) => sum + size, 0)).toBe(new Set(ALL.map(familyOf)).size);
  });

  it('stay below the quotas of IAM, and no boundary opens a service whole', () => {
    const policies = resourcesOf(MEMBER, 'AWS::IAM::ManagedPolicy');
    for (const { Properties } of resourcesOf(MEMBER, 'AWS::IAM::Role'))
      expect(Properties.ManagedPolicyArns.length).toBeLessThanOrEqual(MAX_MEMBER_POLICIES);
    for (const { Properties } of policies)
      expect(JSON.stringify(Properties.PolicyDocument).length).toBeLessThanOrEqual(MANAGED_POLICY_LIMIT * 1.2);
    const boundaries = policies.filter(({ Properties }) =>
      /member(-[b-z])?-boundary$/.test(Properties.ManagedPolicyName),
    );
    expect(boundaries).toHaveLength(ROLES.length);
    const allowed = boundaries.flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(({ Effect }: any) => Effect === 'Allow').flatMap(
        ({ Action }: any) => Action,
      ),
    );
    expect(allowed.filter((action: string) => /\*/.test(action) && !/:(Describe|List)\*$/.test(action))).toEqual([]);
  });

  it('are watched, and their functions write locked copies', () => {
    const patterns = resourcesOf(template('SutureService'), 'AWS::Events::Rule').map(
      ({ Properties }) => Properties.EventPattern,
    );
    const copies = JSON.stringify(template('SutureJournal').toJSON());
    for (const { name, path } of ROLES) {
      expect(JSON.stringify(patterns)).toContain(`:role/suture/${name}"`);
      expect(JSON.stringify(template('SutureSecurity').toJSON())).toContain(`:role/suture/${name}"`);
      expect(copies).toContain(`role${path}*`);
    }
  });

  it('refuse a family that no role can hold', () => {
    const huge = dummyRemediations(Number.POSITIVE_INFINITY).map((each) => ({
      ...each,
      id: `huge/${each.id.replace('/', '-')}` as const,
    }));
    expect(() => memberRoleParts(huge)).toThrow('The family huge does not fit into a role: its boundary has');
  });
});

describe('a function', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await createSandbox({
      organization: {
        id: SAMPLE_CONTEXT.organizationId,
        managementAccount: '999999999999',
        accounts: ['999999999999', SERVICE_ACCOUNT, SHOP].map((id) => ({ id, name: id })),
      },
      homeRegion: SAMPLE_CONTEXT.homeRegion,
    });
    await createRoles(sandbox, PLACE, MEMBER.toJSON().Resources);
    const ofFunctions = Object.fromEntries(
      SAMPLES.flatMap(({ family }) =>
        Object.entries<any>(template(`SutureRemediations-${family}`).toJSON().Resources)
          .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
          .map(([id, { Type, Properties }]) => [
            `${family}${id}`,
            { Type, Properties: { ...Properties, Policies: sessionPolicies(Properties.Policies) } },
          ]),
      ),
    );
    await createRoles(sandbox, { ...PLACE, account: SERVICE_ACCOUNT }, ofFunctions);
  });
  afterAll(() => sandbox.close());

  /** One family of each role. */
  const SAMPLES = ROLES.map(({ name, path, remediations }) => {
    const { id } = remediations[0]!;
    return { name, path, id, family: familyOf({ id }) };
  });

  const assume = (path: string, id: string, member: string) => {
    const execution = `arn:aws:iam::${SERVICE_ACCOUNT}:role${path}suture-${id.replace('/', '-')}`;
    const credentials = sandbox.kernel.assumeForService('lambda.amazonaws.com', execution, 'function');
    return new STSClient(sandbox.clientSettings(credentials)).send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${SHOP}:role/suture/${member}`,
        RoleSessionName: 'session',
        SourceIdentity: `suture-${'0'.repeat(32)}`,
        ExternalId: SAMPLE_CONTEXT.externalId,
        Tags: [
          { Key: 'suture:remediation', Value: id },
          { Key: 'suture:finding', Value: 'finding' },
          { Key: 'suture:execution', Value: 'execution' },
        ],
      }),
    );
  };

  it('assumes the role of its family, and its environment names that one', async () => {
    for (const { name, path, id, family } of SAMPLES) {
      const functions = resourcesOf(template(`SutureRemediations-${family}`), 'AWS::Lambda::Function');
      expect(new Set(functions.map(({ Properties }) => Properties.Environment.Variables.MEMBER_ROLE))).toEqual(
        new Set([`suture/${name}`]),
      );
      expect((await assume(path, id, name)).Credentials).toBeDefined();
    }
  });

  it('assumes no other one, even if its own permissions allowed it', async () => {
    for (const { name, path, id } of SAMPLES)
      for (const other of SAMPLES.filter((each) => each.name !== name)) {
        await expect(assume(path, id, other.name)).rejects.toMatchObject({ name: 'AccessDenied' });
        await allowEverything(id);
        await expect(assume(path, id, other.name)).rejects.toMatchObject({ name: 'AccessDenied' });
      }
  });

  const allowEverything = (id: string) =>
    sandbox.kernel.call(
      sandbox.kernel.administrator!(SERVICE_ACCOUNT),
      { ...PLACE, account: SERVICE_ACCOUNT },
      'iam',
      'PutRolePolicy',
      {
        RoleName: `suture-${id.replace('/', '-')}`,
        PolicyName: 'everything',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }],
        }),
      },
    );
});

/** Statements about sessions. Others name resources of other stacks. */
const sessionPolicies = (policies: any[]) =>
  policies.map(({ PolicyName, PolicyDocument }) => ({
    PolicyName,
    PolicyDocument: {
      ...PolicyDocument,
      Statement: PolicyDocument.Statement.filter(({ Action }: any) => JSON.stringify(Action).includes('sts:')),
    },
  }));

it('every function has a role that its member role trusts', () => {
  const paths = new Map(
    ROLES.flatMap(
      ({ path, rollbackPath, name }) =>
        [
          [path, name],
          [rollbackPath, name],
        ] as const,
    ),
  );
  let count = 0;
  for (const [stack, content] of templates) {
    if (!stack.startsWith('SutureRemediations-')) continue;
    for (const { Properties } of resourcesOf(content, 'AWS::IAM::Role')) {
      const statements = Properties.Policies.flatMap(({ PolicyDocument }: any) => PolicyDocument.Statement);
      const [assumes] = statements.filter(({ Action }: any) => [Action].flat().includes('sts:AssumeRole'));
      expect(JSON.stringify(assumes.Resource)).toContain(`role/suture/${paths.get(Properties.Path)}"`);
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(183 / 2);
});

/** The remedy of doctor for each account, from the state of the StackSet and the marks of the roles. */
import { describe, expect, it } from 'vitest';
import { type AccountDeps, checkAccounts } from '../../../functions/account-doctor/account-checks.ts';
import type { StackInstance } from '../../../functions/domain/doctor.ts';
import { type RoleDesign, shapeOfDesign } from '../../../functions/domain/member-roles.ts';
import { namesOf } from '../../../functions/domain/names.ts';
import type { RoleShape } from '../../../functions/domain/role-shape.ts';
import { VERSION_TAG } from '../../../functions/domain/role-version.ts';

const ACCOUNT = '333333333333';
const DOCUMENT = { Version: '2012-10-17', Statement: [] } as const;
const design = (name: string, tags: Record<string, string>): RoleDesign => ({
  ...{ id: '', name, path: '/suture/', description: '', maxSessionSeconds: 3600, trust: DOCUMENT, tags },
  ...{ boundary: { name: 'boundary', description: '', policy: DOCUMENT, because: '' }, policies: [], inline: {} },
});
const MEMBER = design('suture-member', { [VERSION_TAG]: 'abcd efgh' });
const DOCTOR = design('suture-member-doctor', {});
const shapes = (change: Partial<RoleShape> = {}): Record<string, RoleShape> => ({
  'suture-member': { ...shapeOfDesign(MEMBER, 'aws', ACCOUNT), ...change },
  'suture-member-doctor': shapeOfDesign(DOCTOR, 'aws', ACCOUNT),
});

type Roles = Readonly<Record<string, RoleShape>> | 'denied';
const denial = Object.assign(new Error('not authorized'), { name: 'AccessDenied' });

async function problems(roles: Roles, instances: StackInstance[] | undefined, prefix = 'suture') {
  const deps: AccountDeps = {
    ...{
      partition: 'aws',
      regions: [],
      designs: [MEMBER, DOCTOR],
      memberRole: MEMBER.name,
      names: namesOf({ prefix }),
    },
    async read() {
      if (roles === 'denied') throw denial;
      return { role: async (name) => roles[name], hub: async () => ({}), attachedPoliciesQuota: async () => 10 };
    },
    assume: async () => {},
    isDenial: (error) => error === denial,
  };
  const results = await checkAccounts({ accounts: [ACCOUNT], instances }, deps);
  return results.filter(({ problem }) => problem !== undefined);
}

const instance = (status: string, reason?: string): StackInstance[] => [{ account: ACCOUNT, status, reason }];
const OLDER = shapes({ tags: { [VERSION_TAG]: 'abcd' } });
const CHANGED = shapes({ maxSessionSeconds: 7200 });
const { 'suture-member': _, ...WITHOUT_MEMBER } = shapes();
const MARKED_DOCTOR = {
  'suture-member-doctor': { ...shapes()['suture-member-doctor']!, tags: { [VERSION_TAG]: 'zzzz' } },
};

const CASES: readonly (readonly [string, Roles, StackInstance[] | undefined, string, RegExp])[] = [
  [
    'a role of another release',
    OLDER,
    instance('CURRENT'),
    'the role suture-member is of another release',
    /^npm run synth, then npm run -s suture -- rollout, in a clone of the repository and the account of the StackSet \(docs\S+\), then npx cdk deploy --exclusively SutureOrgRollout$/,
  ],
  [
    'a role that an update has not reached',
    OLDER,
    instance('OUTDATED'),
    'the role suture-member is of another release',
    /^remove the cause, then npm run -s suture -- rollout, in a clone of the repository and the account of the StackSet/,
  ],
  [
    'a role of another release that was deployed by hand',
    OLDER,
    [],
    'the role suture-member is of another release',
    /^print the template in a clone of the repository, npm run -s suture -- member-template, and deploy it in 333333333333 \(docs\/deploy\.md\)$/,
  ],
  [
    'a role that somebody changed',
    CHANGED,
    instance('CURRENT'),
    'the role suture-member is not as the registry generates it',
    /^let the StackSet make the stack of 333333333333 again.*docs\/operate\.md#a-role-that-somebody-changed$/,
  ],
  [
    'a role that somebody deleted',
    WITHOUT_MEMBER,
    instance('CURRENT'),
    "the role suture-member does not exist, although the doctor's does: somebody deleted it",
    /^let the StackSet make the stack/,
  ],
  [
    'a role that is new in this release',
    MARKED_DOCTOR,
    instance('CURRENT'),
    'the role suture-member does not exist, and the others there are of another release',
    /rollout, in a clone of the repository and the account of the StackSet/,
  ],
  [
    'an account outside of the units',
    'denied',
    [],
    'the roles do not exist: the StackSet has no instance in the account',
    /rollout\.units; or add its unit in cdk\.json, and npx cdk deploy --exclusively SutureOrgRollout; or print the template in a clone .*, npm run -s suture -- member-template, and/,
  ],
  [
    'an account in which the StackSet failed',
    'denied',
    instance('OUTDATED', 'AlreadyExists'),
    'the StackSet failed in the account, which is OUTDATED: AlreadyExists',
    /suture -- rollout/,
  ],
  [
    'an account that the rollout leaves out',
    'denied',
    instance('INOPERABLE', 'delete failed'),
    'the StackSet failed in the account, which is INOPERABLE: delete failed',
    /^the rollout leaves out what is INOPERABLE/,
  ],
  [
    'an account that refuses',
    'denied',
    instance('CURRENT'),
    "the doctor's role refuses although the StackSet deployed it: its trust policy was changed or deleted, or a policy of the organization denies it. AccessDenied: not authorized",
    /^see the organization's policies on sts; if none denies it, let the StackSet/,
  ],
  [
    'an installation whose instances nobody lists',
    'denied',
    undefined,
    "the doctor's role is missing or refuses, and so may the others; nobody lists the instances of a StackSet. AccessDenied: not authorized",
    /suture -- rollout, .*; elsewhere print the template in a clone .*, npm run -s suture -- member-template,/,
  ],
];

describe('the remedy of doctor', () => {
  it.each(CASES)('%s', async (_, roles, instances, problem, remedy) => {
    const found = await problems(roles, instances);
    expect(found[0]).toMatchObject({ where: ACCOUNT, problem });
    for (const each of found) expect(each.remedy).toMatch(remedy);
  });

  it('is absent if the roles are as generated, in any order of marks', async () => {
    expect(await problems(shapes(), instance('CURRENT'))).toEqual([]);
  });

  it('names stacks with the prefix of the installation', async () => {
    const [{ remedy } = {}] = await problems(OLDER, instance('CURRENT'), 'staging');
    expect(remedy).toContain('npx cdk deploy --exclusively StagingOrgRollout');
  });
});

/** The current templates against those of the last release: what exists in AWS stays, and permissions only grow. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isServed, permissionsMark, versionTags } from '../../functions/domain/role-version.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { readCdkJsonContext } from '../../stacks/context.ts';
import { memberTemplate } from '../../stacks/member-template.ts';
import { baselineAssembly, readBaseline } from '../../tools/baseline/baseline.ts';
import { synthesizeTemplates } from './templates.ts';

const CONTEXT = await readCdkJsonContext();
type CfnTemplate = { readonly Resources: Readonly<Record<string, { Type: string; Properties: any }>> };

let baseline: (stack: string) => Promise<CfnTemplate>;
beforeAll(async () => {
  const directory = await baselineAssembly();
  baseline = async (stack) => JSON.parse(await readFile(join(directory, `${stack}.template.json`), 'utf8'));
});
const current = (): CfnTemplate => JSON.parse(memberTemplate(CONTEXT, REMEDIATIONS));

it('the baseline has its version, its commit and the number of its controls', async () => {
  const { commit, controls } = await readBaseline();
  expect(commit).toMatch(/^[0-9a-f]{40}$/);
  const handled = new Set(REMEDIATIONS.flatMap((each) => each.handles.controls));
  expect(controls).toBeGreaterThan(100);
  expect(controls).toBeLessThanOrEqual(handled.size);
});

const valuesOf = (value: unknown): string[] => [value].flat().map((each) => JSON.stringify(each));

/** Each action on each resource in the sessions of each remediation, by all roles that remediate. */
function allowances({ Resources }: CfnTemplate): Set<string> {
  const policies = Object.values(Resources).filter(
    ({ Type, Properties }) =>
      Type === 'AWS::IAM::ManagedPolicy' && !/-(boundary|doctor-\d+)$/.test(Properties.ManagedPolicyName),
  );
  const lines = policies.flatMap(({ Properties }) =>
    Properties.PolicyDocument.Statement.flatMap(({ Effect, Action, Resource, Condition }: any) => {
      const { StringEquals = {}, ...others } = Condition ?? {};
      const [tag] = Object.keys(StringEquals).filter((key) => key.startsWith('aws:PrincipalTag/'));
      const { [tag ?? '']: ids = ['every session'], ...equals } = StringEquals;
      return valuesOf(ids).flatMap((id) =>
        valuesOf(Action).flatMap((action) =>
          valuesOf(Resource).map((on) => [Effect, tag, id, action, on, JSON.stringify([equals, others])].join(' ')),
        ),
      );
    }),
  );
  return new Set(lines);
}

function boundaryOf({ Resources }: CfnTemplate): { allowed: string[]; denied: unknown } {
  const { Statement } = Resources.Boundary!.Properties.PolicyDocument;
  const of = (effect: string) => Statement.filter(({ Effect }: any) => Effect === effect);
  const allowed = of('Allow').flatMap(({ Action, Condition }: any) =>
    [Action].flat().map((action: string) => `${action} ${JSON.stringify(Condition ?? {})}`),
  );
  return { allowed, denied: of('Deny') };
}

describe('the member role', () => {
  it('allows every action of the baseline, for remediations that still exist', async () => {
    const [before, now] = [allowances(await baseline('SutureMemberRole')), allowances(current())];
    const gone = [...before].filter((line) => !now.has(line));
    expect(before.size).toBeGreaterThan(300);
    expect(gone.filter((line) => REMEDIATIONS.some(({ id }) => line.includes(`"${id}"`)))).toEqual([]);
  });

  it("has a boundary that allows every action of the baseline's, and denies no more", async () => {
    const [before, now] = [boundaryOf(await baseline('SutureMemberRole')), boundaryOf(current())];
    const covers = (action: string) =>
      now.allowed.some((each) => {
        const [pattern, condition] = each.split(/ (.*)/);
        const [name, itsCondition] = action.split(/ (.*)/);
        const matches = new RegExp(`^${pattern!.replaceAll('*', '.*')}$`).test(name!);
        return matches && (condition === '{}' || condition === itsCondition);
      });
    expect(before.allowed.filter((action) => !covers(action))).toEqual([]);
    expect(now.denied).toEqual(before.denied);
  });

  it('has a mark for each of its remediations, and may read them', () => {
    const { Role, ...others } = current().Resources;
    const tags = Object.fromEntries(Role!.Properties.Tags.map(({ Key, Value }: any) => [Key, Value]));
    expect(REMEDIATIONS.filter((each) => !isServed(each, tags))).toEqual([]);
    expect(new Set(REMEDIATIONS.map(permissionsMark)).size).toBe(REMEDIATIONS.length);
    for (const value of Object.values(tags)) expect(String(value).length).toBeLessThanOrEqual(256);
    const statements = Object.values(others).flatMap(({ Properties }) => Properties.PolicyDocument?.Statement ?? []);
    expect(statements.filter(({ Action }) => Action === 'iam:ListRoleTags')).toEqual([
      {
        Effect: 'Allow',
        Action: 'iam:ListRoleTags',
        Resource: { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:role/suture/suture-member' },
      },
    ]);
  });

  it('may look up the stack of a resource and who changed it, and use neither service otherwise', () => {
    const statements = Object.values(current().Resources)
      .filter(({ Properties }) => /^suture-member-\d+$/.test(Properties.ManagedPolicyName ?? ''))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Condition }) => Condition === undefined);
    expect(statements).toContainEqual({
      ...{ Effect: 'Allow', Action: 'cloudformation:DescribeStackResources' },
      Resource: { 'Fn::Sub': 'arn:aws:cloudformation:*:${AWS::AccountId}:stack/*' },
    });
    expect(statements).toContainEqual({ Effect: 'Allow', Action: 'cloudtrail:LookupEvents', Resource: '*' });
    expect(statements).toHaveLength(3);
  });

  it('has another mark if a remediation needs more', () => {
    const [first] = REMEDIATIONS;
    const need = { actions: ['ec2:DescribeVpcs'], resources: ['*'], because: 'a test' } as const;
    const more = { ...first!, reads: [...first!.reads, need] };
    expect(isServed(first!, versionTags(REMEDIATIONS))).toBe(true);
    expect(isServed(more, versionTags(REMEDIATIONS))).toBe(false);
  });
});

describe('the ledger', () => {
  const tableOf = ({ Resources }: CfnTemplate) =>
    Object.values(Resources).find(({ Type }) => Type === 'AWS::DynamoDB::Table')!.Properties;

  it('has the indexes of the baseline, unchanged and first, because CloudFormation cannot change one', async () => {
    const { template } = synthesizeTemplates([], CONTEXT);
    const now = tableOf(template('SutureLedger').toJSON() as CfnTemplate).GlobalSecondaryIndexes;
    const before = tableOf(await baseline('SutureLedger')).GlobalSecondaryIndexes;
    expect(now.slice(0, before.length)).toEqual(before);
  });
});

it('no stack with data is replaced', async () => {
  const { template } = synthesizeTemplates([], CONTEXT);
  for (const stack of ['SutureLedger', 'SutureJournal', 'SutureService', 'SuturePolicy']) {
    const kept = ({ Resources }: CfnTemplate) =>
      Object.entries(Resources).flatMap(([id, { Type, Properties }]) =>
        /^AWS::(DynamoDB::Table|KMS::Key|S3::Bucket)$/.test(Type)
          ? [[id, Type, Properties.TableName ?? Properties.BucketName, Properties.KeySchema]]
          : [],
      );
    const before = kept(await baseline(stack));
    expect(kept(template(stack).toJSON() as CfnTemplate), stack).toEqual(expect.arrayContaining(before));
  }
});

import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { HEADINGS, readmeOf } from '../../../cli/catalogue/readme.ts';
import type { Place, TargetFields } from '../../../functions/contract/remediation.ts';
import type { Scenarios } from '../../../functions/contract/scenario.ts';
import { applyPolicies, planPolicy, SESSION_POLICY_LIMIT } from '../../../functions/domain/permissions.ts';
import { remediations } from '../../../functions/remediations/registry.generated.ts';
import { scenarios } from '../../../functions/remediations/scenarios.generated.ts';
import { clientsOn } from '../../../lab/organization/clients.ts';
import { makeFaulty } from '../../../lab/organization/seed.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import { executionRoleName, remediationFunctionName } from '../../../stacks/names.ts';

const ROOT = fileURLToPath(new URL('../../../functions/remediations/', import.meta.url));
const folders = globSync('*/*/index.ts', { cwd: ROOT }).map(dirname).sort();
const ids = remediations.map(({ id }) => id);

describe('the registry', () => {
  it('has every folder, by the id that the folder has', () => {
    expect(ids, 'registry.ts and the folders differ: each folder needs its line, and the id of its path').toEqual(
      folders,
    );
  });
  it('has cases for each remediation, in the same order', () => {
    expect(
      scenarios.map(({ of }) => of.id),
      'cases.ts needs the same lines as registry.ts',
    ).toEqual(ids);
  });
  it('handles each control once', () => {
    const controls = remediations.flatMap(({ handles }) => handles.controls);
    const twice = controls.filter((control, n) => controls.indexOf(control) !== n);
    expect(twice, 'two remediations handle these: findings would not know which one to take').toEqual([]);
  });
});

describe.each(remediations.map((remediation) => [remediation.id, remediation] as const))('%s', (id, remediation) => {
  const index = readFileSync(join(ROOT, id, 'index.ts'), 'utf8');

  it('is what its folder exports', async () => {
    expect((await import(join(ROOT, id, 'index.ts'))).default.id, `${id}/index.ts has another id`).toBe(id);
    expect(
      (await import(join(ROOT, id, 'scenarios.ts'))).default.of.id,
      `${id}/scenarios.ts is of another remediation`,
    ).toBe(id);
  });
  it('says in its title what it does', () => {
    expect(remediation.title, 'a title starts with a capital, has no full stop, and 80 characters at most').toMatch(
      /^[A-Z].{4,78}[^.]$/,
    );
  });
  it("answers the readme's four questions", () => {
    const unanswered = Object.entries(readmeOf(readFileSync(join(ROOT, id, 'readme.md'), 'utf8')))
      .filter(([, text]) => text === '')
      .map(([question]) => `## ${HEADINGS[question as keyof typeof HEADINGS]}`);
    expect(unanswered, `${id}/readme.md needs these headings, each with its answer`).toEqual([]);
  });
  it('can be read at a glance', () => {
    const lines = index.trimEnd().split('\n');
    expect(lines.length, `${id}/index.ts: move tables and helpers into a file beside it`).toBeLessThanOrEqual(60);
    expect(Math.max(...lines.map(({ length }) => length)), `${id}/index.ts: columns`).toBeLessThanOrEqual(120);
  });
  it("leads to AWS's page of its controls", () => {
    for (const service of new Set(remediation.handles.controls.map((control) => control.split('.')[0]!.toLowerCase())))
      expect(index.slice(0, 600), `${id}/index.ts links to it in its first comment`).toContain(
        `https://docs.aws.amazon.com/securityhub/latest/userguide/${service}-controls.html`,
      );
  });
  it('names controls as Security Hub does', () => {
    for (const control of remediation.handles.controls)
      expect(control).toMatch(/^[A-Z][A-Za-z0-9]{0,39}\.[1-9]\d{0,2}$/);
    expect(remediation.handles.controls).not.toEqual([]);
  });
  it('gives a reason for each permission', () => {
    for (const { actions, because } of [...remediation.reads, ...remediation.writes])
      expect(because.trim(), `the because of ${actions} tells a reviewer what the action is for`).not.toBe('');
  });
  it('needs no parameter from policy', () => {
    const { success } = remediation.params.safeParse({});
    expect(success, 'a control that policy merely names has no parameters: give each its default, which is AWS’s').toBe(
      true,
    );
  });
  it('has names that fit IAM and Lambda', () => {
    expect(executionRoleName(id).length, `${id} is too long`).toBeLessThanOrEqual(64);
    expect(remediationFunctionName(id).length, `${id} is too long`).toBeLessThanOrEqual(64);
  });
});

describe('session policies', () => {
  const PLACE: Place = { partition: 'aws', account: '333333333333', region: 'us-east-1' };
  let sandbox: Sandbox;
  let sizes: { readonly id: string; readonly characters: number }[];
  beforeAll(async () => {
    sandbox = await createSandbox({
      organization: {
        id: 'o-registry01',
        managementAccount: '999999999999',
        accounts: ['999999999999', PLACE.account].map((id) => ({ id, name: id })),
      },
      homeRegion: PLACE.region,
    });
    sizes = [];
    for (const each of scenarios) sizes.push({ id: each.of.id, characters: await sessionPolicySize(each) });
  });
  afterAll(() => sandbox.close());

  /** The longer one of plan and apply, for the faulty resource of the cases. */
  async function sessionPolicySize(each: Scenarios): Promise<number> {
    const { of } = each;
    const control = of.handles.controls[0]!;
    const resource = await makeFaulty(sandbox, each, PLACE, control, `of-${of.id.replace('/', '-')}`);
    const target: TargetFields = of.target.parse(resource);
    const clients = clientsOn(sandbox.administrator(PLACE.account, PLACE.region), of.clients);
    const now = new Date(sandbox.kernel.clock.now());
    const seen = { ...clients, ...PLACE, target, params: of.params.parse({}), control, now };
    const targets = of.targets?.(await of.read(seen), seen) ?? [target];
    const policies = [planPolicy(of, PLACE, target), ...applyPolicies(of, PLACE, targets).map(({ policy }) => policy)];
    return Math.max(...policies.map((policy) => JSON.stringify(policy).length));
  }

  test(`have ${SESSION_POLICY_LIMIT} characters at most`, () => {
    const tooLong = sizes.filter(({ characters }) => characters > SESSION_POLICY_LIMIT);
    expect(tooLong, 'name fewer actions or shorter resources').toEqual([]);
  });
  test('have 1,024 characters in the median at most', () => {
    const sorted = sizes.map(({ characters }) => characters).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(1024);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Place, type TargetFields, targetArn } from '../../../functions/contract/remediation.ts';
import type { Scenarios } from '../../../functions/contract/scenario.ts';
import { applyPolicies, planPolicy, SESSION_POLICY_LIMIT } from '../../../functions/domain/permissions.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { SCENARIOS } from '../../../functions/remediations/scenarios.generated.ts';
import { clientsOn } from '../../../lab/organization/clients.ts';
import { makeFaultyResource } from '../../../lab/organization/make-faulty-resource.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import { remediationIds } from '../../../stacks/remediation-ids.ts';

describe('the registry', () => {
  it('has the remediation of each folder, under the id of the folder', () => {
    expect(REMEDIATIONS.map(({ id }) => id)).toEqual(remediationIds());
  });
  it('has the scenarios of each remediation, in the same order', () => {
    expect(SCENARIOS.map(({ remediation }) => remediation.id)).toEqual(REMEDIATIONS.map(({ id }) => id));
  });
});

it('a remediation that costs money each month waits for a person by default', () => {
  const costly = REMEDIATIONS.filter(({ costs }) => costs);
  expect(costly.length).toBeGreaterThan(25);
  expect(costly.filter(({ risk }) => risk === 'safe').map(({ id }) => id)).toEqual([]);
});

describe('the target of each remediation', () => {
  const place = { partition: 'aws', account: '333333333333', region: 'us-east-1' };
  it.each(SCENARIOS.map(({ remediation }) => remediation))(
    '$id has an ARN, by which the journal knows it',
    (remediation) => {
      const anyField = new Proxy({}, { get: (_, name) => String(name) }) as TargetFields;
      expect(targetArn(remediation, place, anyField)).toMatch(/^arn:aws:[a-z0-9-]+:\S*:\S+$/);
    },
  );
  it('must say its ARN', () => {
    expect(() => targetArn({ id: 'a/b', target: z.string() as never }, place, {})).toThrow('identifiedBy');
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
    for (const each of SCENARIOS) sizes.push({ id: each.remediation.id, characters: await sessionPolicySize(each) });
  });
  afterAll(() => sandbox.close());

  /** The longer policy of plan and apply, for the scenarios' faulty resource. */
  async function sessionPolicySize(each: Scenarios): Promise<number> {
    const { remediation: of } = each;
    const control = of.handles.controls[0]!;
    const resource = await makeFaultyResource(sandbox, each, PLACE, control, `of-${of.id.replace('/', '-')}`);
    const target: TargetFields = of.target.parse(resource);
    const clients = clientsOn(sandbox.administrator(PLACE.account, PLACE.region), of.clients);
    const now = new Date(sandbox.kernel.clock.now());
    const seen = { ...clients, ...PLACE, target, params: of.params.parse({}), control, now };
    const targets = of.targets?.(await of.read(seen), seen) ?? [target];
    const policies = [planPolicy(of, PLACE, target), ...applyPolicies(of, PLACE, targets).map(({ policy }) => policy)];
    return Math.max(...policies.map((policy) => JSON.stringify(policy).length));
  }

  it(`have at most ${SESSION_POLICY_LIMIT} characters`, () => {
    const tooLong = sizes.filter(({ characters }) => characters > SESSION_POLICY_LIMIT);
    expect(tooLong, 'name fewer actions or shorter resources').toEqual([]);
  });
  it('have at most 1,024 characters in the median', () => {
    const sorted = sizes.map(({ characters }) => characters).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(1024);
  });
});

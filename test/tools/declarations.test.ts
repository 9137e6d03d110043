import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  arn,
  FindingResource,
  identifiedBy,
  identityOfTarget,
  targetArn,
} from '../../functions/contract/remediation.ts';
import { DECLARATIONS } from '../../functions/remediations/declarations.generated.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { schemaText } from '../../stacks/packages/declaration-text.ts';
import { declarations } from '../../tools/generators/declarations.ts';

const PLACE = { partition: 'aws', account: '111122223333', region: 'eu-west-1' };
const declared = Object.fromEntries(DECLARATIONS.map((declaration) => [declaration.id, declaration]));

it('declares every remediation', () => {
  expect(DECLARATIONS.map(({ id }) => id)).toEqual(REMEDIATIONS.map(({ id }) => id));
});

describe.each(REMEDIATIONS.map((remediation) => [remediation.id, remediation] as const))('%s', (id, remediation) => {
  const declaration = declared[id]!;

  it('has the same facts', () => {
    const { version, risk, handles, global } = remediation;
    expect(declaration).toMatchObject({ id, risk, handles });
    expect([declaration.version, declaration.global]).toEqual([version, global]);
    expect(declaration.controlParams).toEqual(remediation.controlParams);
    expect([!!declaration.riskOf, !!declaration.tags]).toEqual([!!remediation.riskOf, !!remediation.tags]);
  });

  it('takes the same parameters', () => {
    const schema = (params: z.ZodType) => z.toJSONSchema(params, { io: 'input' });
    expect(schema(declaration.params)).toEqual(schema(remediation.params));
    expect(declaration.params.parse({})).toEqual(remediation.params.parse({}));
  });

  it('parses the same target, under the same ARN', () => {
    const resources = NAMES.flatMap((name) => {
      const arnNamed = targetArn(
        remediation,
        PLACE,
        new Proxy({}, { get: (_, field) => FIXED[field as string] ?? name }),
      );
      const ofKinds = ['role/', 'app/'].map((kind) => arnNamed.replace('cluster-snapshot/', kind));
      return [arnNamed, ...ofKinds, `AWS::::Account:${PLACE.account}`].flatMap((Id) =>
        TYPES.map((Type) => ({ Type, Id, Details: USER_DETAILS })),
      );
    });
    const targets = resources.map((resource) => remediation.target.safeParse(resource).data);
    expect(resources.map((resource) => declaration.target.safeParse(resource).data)).toEqual(targets);
    expect(targets.some((target) => target !== undefined)).toBe(true);
    for (const target of targets)
      if (target) expect(targetArn(declaration, PLACE, target)).toBe(targetArn(remediation, PLACE, target));
  });
});

/** Of a user `a`, whose unique id its findings may have. */
const USER_DETAILS = { AwsIamUser: { UserId: 'AIDA111122223333EXAM', UserName: 'a', Path: '/' } };
/** Findings of targets with a schema of their own have these types; the others name theirs. */
const TYPES = [
  ...[
    'AwsAccount',
    'AwsIamUser',
    'AwsEc2Snapshot',
    'AwsRdsDbSnapshot',
    'AwsRdsDbClusterSnapshot',
    'AwsSsmDocument',
    'AwsIamRole',
  ],
  ...new Set(REMEDIATIONS.map(({ id, target }) => identityOfTarget(target, id).type ?? 'AwsAccount')),
];
const NAMES = [
  ...[
    'a',
    'abc',
    'a/b',
    'a:b',
    'x*',
    '',
    'sg-0a1b2c3d',
    'subnet-0a1b2c3d',
    'i-0a1b2c3d',
    'snap-0a1b2c3d',
    'fs-0a1b2c3d',
  ],
  ...['tgw-0123456789abcdef0', 'vpc-0a1b2c3d', 'acl-0123456789abcdef0', '0a1b2c3d-0000-4000-8000-0123456789ab'],
];
/** Fields of a trail, of a snapshot, of a stack and of a load balancer. */
const FIXED: Readonly<Record<string, string>> = {
  home: 'us-east-1',
  owner: PLACE.account,
  kind: 'cluster-snapshot',
  stackId: '0a1b2c3d-0000-4000-8000-0123456789ab',
  balancerId: '0123456789abcdef',
};

describe('the source text of a declaration', () => {
  const SCHEMA = z.strictObject({
    days: z.int().min(1).max(35).default(7),
    ratio: z.number().gt(0).lt(1).optional(),
    ports: z.array(z.int()).min(1).max(3).default([80]),
    owner: z
      .string()
      .min(1)
      .regex(/^[a-z]+$/, 'must be a name')
      .nullable(),
    mode: z.enum(['a', 'b']).default('a'),
    on: z.boolean(),
  });

  it('is a schema that accepts and refuses the same, with the same messages', () => {
    const copy: z.ZodType = new Function('z', `return ${schemaText(SCHEMA, 'x')}`)(z);
    const good = { owner: null, on: true };
    for (const input of [good, { ...good, days: 36 }, { ...good, ratio: 1 }, { ...good, ports: [] }, { ...good, x: 1 }])
      expect(JSON.stringify(copy.safeParse(input))).toBe(JSON.stringify(SCHEMA.safeParse(input)));
    expect(copy.safeParse({ ...good, owner: 'A' }).error!.issues[0]!.message).toBe('must be a name');
  });

  it('has no place for code', () => {
    expect(() => schemaText(z.strictObject({ a: z.int().refine((a) => a > 1) }), 'The parameters of x/y')).toThrow(
      'The parameters of x/y have the check custom',
    );
    expect(() => schemaText(z.object({}), 'The parameters of x/y')).toThrow('Use z.strictObject');
    expect(() => schemaText(z.date(), 'The parameters of x/y')).toThrow('have the type date');
  });

  it('has the forms of an ARN, and no schema that only the remediation has', async () => {
    const [sample] = REMEDIATIONS;
    const target = arn(
      'AwsLogsLogGroup',
      'arn:{partition}:logs:{region}:{account}:log-group:{group}',
      { group: /[\w./#-]+/ },
      /(?::\*)?/,
    );
    const [, text] = await declarations([{ ...sample!, target }]);
    expect(text).toContain(
      'arn("AwsLogsLogGroup", "arn:{partition}:logs:{region}:{account}:log-group:{group}", ' +
        '{ group: /[\\w./#-]+/ }, /(?::\\*)?/)',
    );
    const own = identifiedBy(
      'arn:{partition}:x',
      FindingResource.transform(() => ({})),
    );
    await expect(declarations([{ ...sample!, target: own }])).rejects.toThrow(
      `Export it from functions/remediations/${sample!.id.split('/')[0]}/<thing>-target.ts`,
    );
  });
});

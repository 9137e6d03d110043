/** IAM's service authorization reference decides which resources the permissions of record services may name. */
import { expect, it } from 'vitest';
import { type ActionDetails, actionDetails, actionExists } from '../../../sandbox/authorization/actions.ts';
import type { RecordOperation } from '../../../sandbox/records/operation.ts';
import { SERVICES } from '../../../sandbox/services/services.generated.ts';

const OPERATIONS = SERVICES.flatMap(({ name, prefix, operations }) =>
  Object.entries(operations as Record<string, Partial<RecordOperation<unknown, unknown>>>).flatMap(
    ([operation, { arns, action, ofOneType = false }]) =>
      arns ? [{ operation: `${name} ${operation}`, action: action ?? `${prefix}:${operation}`, arns, ofOneType }] : [],
  ),
);

/** Names of variables differ: `db:{id}` and `db:${DbInstanceName}` have one shape. */
const shapeOf = (arn: string) => arn.replace(/\$?\{\w+\}/g, '*');

/** IAM's data marks each type as required of which a call names just one. */
const faultsOf = (
  { wildcardOnly, resourceTypes }: ActionDetails,
  arns: readonly string[],
  ofOneType = false,
): string[] => {
  const own = arns.map(shapeOf);
  if (wildcardOnly) return own.filter((shape) => shape !== '*').map((shape) => `IAM knows no resource, not ${shape}`);
  const known = resourceTypes.map(({ arn }) => shapeOf(arn));
  return [
    ...own.filter((shape) => shape !== '*' && !known.includes(shape)).map((shape) => `IAM has no ${shape}`),
    ...(own.includes('*') && resourceTypes.some(({ required }) => required) ? ['IAM requires a resource, not *'] : []),
    ...resourceTypes
      .filter(({ arn, required }) => required && !own.includes(shapeOf(arn)))
      .filter(() => !ofOneType || !own.some((shape) => known.includes(shape)))
      .map(
        ({ name, arn }) =>
          `IAM requires a ${name}, ${arn}: \`beside\` of creates and deletes names it; write any other verb as code`,
      ),
  ];
};

it('there are record services', () => {
  expect(OPERATIONS.map(({ operation }) => operation)).toContain('rds ModifyDBInstance');
});

it.each(OPERATIONS)('$operation needs what IAM says', async ({ action, arns, ofOneType }) => {
  expect(await actionExists(action), action).toBe(true);
  expect(faultsOf(await actionDetails(action), arns, ofOneType)).toEqual([]);
});

it.each([
  ['rds:ModifyDBInstance', 'arn:{partition}:rds:{region}:{account}:instance:{id}', ['IAM has no', 'IAM requires a db']],
  ['rds:ModifyDBInstance', '*', ['IAM requires a resource, not *', 'IAM requires a db']],
  ['ec2:DescribeInstances', 'arn:{partition}:ec2:{region}:{account}:instance/{id}', ['IAM knows no resource']],
])('finds the fault of %s on %s', async (action, arn, faults) => {
  const found = faultsOf(await actionDetails(action), [arn]);
  expect(found.map((fault, n) => fault.startsWith(faults[n] ?? '?'))).toEqual(faults.map(() => true));
});

it('accepts one of several required types if a call names just one resource', async () => {
  const details = await actionDetails('kinesis:TagResource');
  const stream = 'arn:{partition}:kinesis:{region}:{account}:stream/{id}';
  expect(faultsOf(details, [stream], true)).toEqual([]);
  expect(faultsOf(details, [stream])).toHaveLength(2);
  expect(faultsOf(details, [stream.replace('stream', 'river')], true)).toContain(
    'IAM has no arn:*:kinesis:*:*:river/*',
  );
  const tagged = OPERATIONS.find(({ operation }) => operation === 'efs TagResource');
  expect(tagged).toMatchObject({ ofOneType: true });
});

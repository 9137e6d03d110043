/** IAM's service authorization reference decides which resources the permissions of record services may name. */
import { expect, it } from 'vitest';
import { actionDetails, actionExists } from '../../../sandbox/authorization/actions.ts';
import type { RecordOperation } from '../../../sandbox/records/operation.ts';
import { SERVICES } from '../../../sandbox/services/services.generated.ts';
import { iamFaults } from '../support/iam-faults.ts';

const OPERATIONS = SERVICES.flatMap(({ name, prefix, operations }) =>
  Object.entries(operations as Record<string, Partial<RecordOperation<unknown, unknown>>>).flatMap(
    ([operation, { arns, action, besideActions = [], ofOneType = false }]) =>
      arns
        ? [
            { operation: `${name} ${operation}`, action: action ?? `${prefix}:${operation}`, arns, ofOneType },
            ...besideActions.map((beside) => ({
              operation: `${name} ${operation}`,
              action: beside.action,
              arns: [beside.arn],
              ofOneType: true,
            })),
          ]
        : [],
  ),
);

it('there are record services', () => {
  expect(OPERATIONS.map(({ operation }) => operation)).toContain('rds ModifyDBInstance');
});

it.each(OPERATIONS)("$operation needs the permissions of IAM's data", async ({ action, arns, ofOneType }) => {
  expect(await actionExists(action), action).toBe(true);
  expect(iamFaults(await actionDetails(action), arns, ofOneType)).toEqual([]);
});

it.each([
  ['rds:ModifyDBInstance', 'arn:{partition}:rds:{region}:{account}:instance:{id}', ['IAM has no', 'IAM requires a db']],
  ['rds:ModifyDBInstance', '*', ['IAM requires a resource, not *', 'IAM requires a db']],
  ['ec2:DescribeInstances', 'arn:{partition}:ec2:{region}:{account}:instance/{id}', ['IAM knows no resource']],
])('finds the fault of %s on %s', async (action, arn, faults) => {
  const found = iamFaults(await actionDetails(action), [arn]);
  expect(found.map((fault, n) => fault.startsWith(faults[n] ?? '?'))).toEqual(faults.map(() => true));
});

it('accepts one of several required types if a call names just one resource', async () => {
  const details = await actionDetails('kinesis:TagResource');
  const stream = 'arn:{partition}:kinesis:{region}:{account}:stream/{id}';
  expect(iamFaults(details, [stream], true)).toEqual([]);
  expect(iamFaults(details, [stream])).toHaveLength(2);
  expect(iamFaults(details, [stream.replace('stream', 'river')], true)).toContain(
    'IAM has no arn:*:kinesis:*:*:river/*',
  );
  const tagged = OPERATIONS.find(({ operation }) => operation === 'efs TagResource');
  expect(tagged).toMatchObject({ ofOneType: true });
});

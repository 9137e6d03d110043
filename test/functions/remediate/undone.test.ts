import { expect, it } from 'vitest';
import type { Remediation } from '../../../functions/contract/remediation.ts';
import type { Management, StackClaim } from '../../../functions/domain/managed.ts';
import type { PolicyDocument } from '../../../functions/domain/permissions.ts';
import { withWriteQuestion } from '../../../functions/domain/write-question.ts';
import type { WriteQuestion } from '../../../functions/ports/find-write.ts';
import type { EngineRun } from '../../../functions/remediate/run.ts';
import { revertedOf } from '../../../functions/remediate/undone.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const HOUR = 3_600_000;
const FIXED = { encrypted: true };
const OPEN = { encrypted: false };
const EARLIER = { at: new Date(NOW - 3 * HOUR).toISOString(), writtenAt: NOW - 2 * HOUR, after: FIXED };
const QUEUE = 'arn:aws:sqs:eu-west-1:333333333333:orders';
const ROLE = 'arn:aws-cn:iam::333333333333:role/app/reader';
const TERRAFORM: Management = { manager: 'terraform', name: 'Terraform (tag ManagedBy)' };
const STACK: StackClaim = { name: 'web', changedAt: NOW - HOUR };
const WRITE = { by: 'role ci (session apply)', at: NOW - HOUR, source: 'CloudTrail' } as const;
const ANY = { handles: { controls: ['SQS.1'] } } as unknown as Remediation;
const RESPONSE = { handles: { threats: {} } } as unknown as Remediation;

type Options = {
  readonly arn?: string;
  readonly module?: Remediation;
  readonly request?: object;
  readonly managers?: readonly Management[];
  readonly stack?: StackClaim;
  readonly current?: unknown;
  readonly earlier?: readonly (typeof EARLIER)[];
};

async function ask({ arn = QUEUE, module = ANY, request, managers = [TERRAFORM], stack, ...more }: Options = {}) {
  const questions: WriteQuestion[] = [];
  const finding = { partition: arn.split(':')[1], account: '333333333333', region: 'eu-west-1' };
  const run = {
    ...{ module, arn, request: { mode: 'apply', recurs: true, finding, ...request } },
    deps: {
      now: () => NOW,
      findWrite: async (question: WriteQuestion) => {
        questions.push(question);
        return WRITE;
      },
    },
  } as unknown as EngineRun;
  const { earlier = [EARLIER], current = OPEN } = more;
  const change = { earlier: earlier as never, before: current };
  return { reverted: await revertedOf(run, change, { managers, stack }), questions };
}

it('looks up by name and ARN who undid the fix, in the Region of the resource', async () => {
  expect(await ask()).toEqual({
    reverted: { ...WRITE, at: '2026-03-10T11:00:00.000Z', times: 1 },
    questions: [{ names: ['orders', QUEUE], region: 'eu-west-1', since: NOW - 2 * HOUR }],
  });
});

it("looks up a global resource in IAM's Region, and a bucket in that of the finding", async () => {
  const global = { ...ANY, global: true } as Remediation;
  const regionOf = async (arn: string, module: Remediation) => (await ask({ arn, module })).questions[0]!.region;
  expect(await regionOf(ROLE, global)).toBe('cn-north-1');
  expect(await regionOf(ROLE.replace('aws-cn', 'aws'), global)).toBe('us-east-1');
  expect(await regionOf(ROLE.replace('aws-cn', 'aws-us-gov'), global)).toBe('us-gov-west-1');
  expect(await regionOf('arn:aws:s3:::logs', ANY)).toBe('eu-west-1');
  expect((await ask({ arn: ROLE, module: global })).questions[0]!.names).toEqual(['reader', ROLE]);
});

it.each<[what: string, options: Options]>([
  ['no tag says that code manages the resource', { managers: [] }],
  ['a stack alone has it', { managers: [{ manager: 'cloudformation', name: 'web' }] }],
  ['Suture has not fixed it before, as the ledger says', { request: { recurs: undefined } }],
  ['it is a rollback', { request: { mode: 'rollback' } }],
  ['the journal has no fix', { earlier: [] }],
  ['the fix holds', { current: FIXED }],
  ['it responds to a threat', { module: RESPONSE }],
])('does not look up if %s', async (_, options) => {
  expect(await ask(options)).toEqual({ reverted: undefined, questions: [] });
});

it('does not look up if a deployment of a stack undid the fix', async () => {
  const { reverted, questions } = await ask({ stack: STACK });
  expect(reverted).toMatchObject({ by: 'CloudFormation stack web', times: 1 });
  expect(questions).toEqual([]);
});

it('has the permission only in sessions of a fix that recurs', () => {
  const own: PolicyDocument = { Version: '2012-10-17', Statement: [] };
  const recurring = withWriteQuestion(own, ANY, { mode: 'apply', recurs: true });
  expect(recurring.Statement).toEqual([{ Effect: 'Allow', Action: 'cloudtrail:LookupEvents', Resource: '*' }]);
  expect(withWriteQuestion(own, ANY, { mode: 'apply' })).toBe(own);
  expect(withWriteQuestion(own, ANY, { mode: 'rollback', recurs: true })).toBe(own);
  expect(withWriteQuestion(own, RESPONSE, { mode: 'apply', recurs: true })).toBe(own);
});

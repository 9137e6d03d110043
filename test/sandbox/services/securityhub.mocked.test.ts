import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AwsPlace } from '../../../sandbox/kernel/kernel.ts';
import { securityhub } from '../../../sandbox/services/securityhub/index.ts';
import {
  designateAdministrator,
  findingById,
  putFinding,
  reevaluate,
  sendToCustomAction,
  setUnprocessedRate,
} from '../../../sandbox/services/securityhub/simulation.ts';
import { type SmallKernel, smallKernel } from '../support/small-kernel.ts';

const events = vi.hoisted(
  () => [] as { place: AwsPlace; source: string; 'detail-type': string; resources: string[]; detail: any }[],
);
vi.mock('../../../sandbox/services/eventbridge/publish.ts', () => ({
  emitServiceEvent: (_: unknown, place: AwsPlace, event: any) => void events.push({ place, ...event }),
}));

const place = (account: string, region: string): AwsPlace => ({ partition: 'aws', account, region });
const ADMINISTRATOR = '999999999999';
const MEMBER = '111122223333';
const HOME = place(ADMINISTRATOR, 'us-east-1');
const PRODUCT = 'arn:aws:securityhub:eu-west-1::product/aws/securityhub';

let kernel: SmallKernel;
const call = (operation: string, input: object = {}, from = HOME) => kernel.as('securityhub', operation, input, from);
const now = () => new Date(kernel.clock.now()).toISOString();

const finding = (Id: string, more: Partial<AwsSecurityFinding> = {}): AwsSecurityFinding => ({
  SchemaVersion: '2018-10-08',
  Id,
  ProductArn: PRODUCT,
  ProductName: 'Security Hub CSPM',
  Region: 'eu-west-1',
  GeneratorId: 'security-control/EC2.13',
  AwsAccountId: MEMBER,
  CreatedAt: '2025-12-01T00:00:00.000Z',
  UpdatedAt: '2025-12-02T00:00:00.000Z',
  Severity: { Label: 'HIGH', Normalized: 70 },
  Title: 'Security groups should not allow ingress from 0.0.0.0/0 to port 22',
  Description: 'What it is about',
  Types: ['Software and Configuration Checks'],
  Resources: [{ Type: 'AwsEc2SecurityGroup', Id: `arn:aws:ec2:eu-west-1:${MEMBER}:security-group/sg-1` }],
  Compliance: { Status: 'FAILED', SecurityControlId: 'EC2.13' },
  ...more,
});
const identifier = (Id: string) => ({ Id, ProductArn: PRODUCT });
const suppress = (...ids: string[]) =>
  call('BatchUpdateFindings', { FindingIdentifiers: ids.map(identifier), Workflow: { Status: 'SUPPRESSED' } });
const findingIds = async (Filters: object = {}, from = HOME) =>
  (await call('GetFindings', { Filters, MaxResults: 100 }, from)).Findings.map((one: { Id: string }) => one.Id);
const statusOf = (id: string) => findingById(kernel, id)?.Workflow?.Status;

beforeEach(() => {
  kernel = smallKernel(securityhub);
  designateAdministrator(kernel, HOME);
  events.length = 0;
});

describe('a finding of Security Hub itself', () => {
  it("is NEW and ACTIVE, and emits an event in the administrator's home Region", () => {
    putFinding(kernel, finding('f-1'));
    expect(findingById(kernel, 'f-1')).toMatchObject({ RecordState: 'ACTIVE', Workflow: { Status: 'NEW' } });
    expect(events).toEqual([
      {
        place: HOME,
        source: 'aws.securityhub',
        'detail-type': 'Security Hub Findings - Imported',
        resources: [`${PRODUCT}/f-1`],
        detail: { findings: [findingById(kernel, 'f-1')] },
      },
    ]);
  });

  it('is RESOLVED when its control passes, and NEW when it fails afterwards', async () => {
    putFinding(kernel, finding('f-1'));
    await kernel.clock.advance(60_000);
    reevaluate(kernel, 'f-1', 'PASSED');
    expect(findingById(kernel, 'f-1')).toMatchObject({
      Workflow: { Status: 'RESOLVED' },
      Compliance: { Status: 'PASSED' },
      UpdatedAt: now(),
    });
    reevaluate(kernel, 'f-1', 'FAILED');
    expect(findingById(kernel, 'f-1')).toMatchObject({
      Workflow: { Status: 'NEW' },
      Compliance: { Status: 'FAILED', SecurityControlId: 'EC2.13' },
    });
    expect(events).toHaveLength(3);
  });

  it.each([
    ['stays SUPPRESSED whether its control passes or fails', 'SUPPRESSED', ['PASSED', 'FAILED'], 'SUPPRESSED'],
    ['stays NOTIFIED while its control fails', 'NOTIFIED', ['FAILED'], 'NOTIFIED'],
    ['is NEW when its control fails after it was NOTIFIED and passed', 'NOTIFIED', ['PASSED', 'FAILED'], 'NEW'],
  ] as const)('%s', (_, status, evaluations, expected) => {
    putFinding(kernel, finding('f-1', { Workflow: { Status: status } }));
    for (const evaluation of evaluations) reevaluate(kernel, 'f-1', evaluation);
    expect(statusOf('f-1')).toBe(expected);
  });

  it('is NEW when it becomes active after it was archived', () => {
    putFinding(kernel, finding('f-1', { Workflow: { Status: 'NOTIFIED' }, RecordState: 'ARCHIVED' }));
    putFinding(kernel, finding('f-1'));
    expect(statusOf('f-1')).toBe('NEW');
  });

  it('keeps the fields of customers when it is imported again', async () => {
    putFinding(kernel, finding('f-1'));
    const Note = { Text: 'known', UpdatedBy: 'me' };
    await call('BatchUpdateFindings', {
      FindingIdentifiers: [identifier('f-1')],
      Note,
      Workflow: { Status: 'NOTIFIED' },
    });
    putFinding(kernel, finding('f-1', { Title: 'Another title' }));
    expect(findingById(kernel, 'f-1')).toMatchObject({
      Title: 'Another title',
      Note,
      Workflow: { Status: 'NOTIFIED' },
    });
  });
});

describe('an update', () => {
  beforeEach(() => {
    for (const id of ['f-1', 'f-2', 'f-3']) putFinding(kernel, finding(id));
    events.length = 0;
  });

  it('changes all findings, keeps UpdatedAt, and emits an event for each', async () => {
    const Note = { Text: 'accepted until spring', UpdatedBy: 'suture' };
    const answer = await call('BatchUpdateFindings', {
      FindingIdentifiers: ['f-1', 'f-2'].map(identifier),
      Note,
      Workflow: { Status: 'SUPPRESSED' },
    });
    expect(answer).toEqual({ ProcessedFindings: ['f-1', 'f-2'].map(identifier), UnprocessedFindings: [] });
    expect(findingById(kernel, 'f-2')).toMatchObject({
      Note: { ...Note, UpdatedAt: now() },
      UpdatedAt: '2025-12-02T00:00:00.000Z',
      Workflow: { Status: 'SUPPRESSED' },
    });
    expect(events.map((event) => event.detail.findings[0].Workflow.Status)).toEqual(['SUPPRESSED', 'SUPPRESSED']);
    expect(statusOf('f-3')).toBe('NEW');
  });

  it('returns the unprocessed findings with their errors', async () => {
    const FindingIdentifiers = ['f-1', 'f-2', 'f-2', 'f-9'].map(identifier);
    const answer = await call('BatchUpdateFindings', { FindingIdentifiers, Workflow: { Status: 'NOTIFIED' } });
    expect(answer.ProcessedFindings).toEqual([identifier('f-1')]);
    expect(answer.UnprocessedFindings.map((one: any) => [one.FindingIdentifier.Id, one.ErrorCode])).toEqual([
      ['f-2', 'DuplicatedFindingIdentifier'],
      ['f-2', 'DuplicatedFindingIdentifier'],
      ['f-9', 'FindingNotFound'],
    ]);
    expect(statusOf('f-2')).toBe('NEW');
  });

  it('fails with ConcurrentUpdateError at the configured rate', async () => {
    setUnprocessedRate(kernel, 1);
    expect(await suppress('f-1')).toMatchObject({
      ProcessedFindings: [],
      UnprocessedFindings: [
        { ErrorCode: 'ConcurrentUpdateError', ErrorMessage: 'Concurrent finding updates detected' },
      ],
    });
    setUnprocessedRate(kernel, 0);
    expect(await suppress('f-1')).toMatchObject({ UnprocessedFindings: [] });
  });

  it('refuses a finding of more than 240 KB', async () => {
    putFinding(kernel, finding('large', { ProductFields: { filler: 'x'.repeat(240 * 1024 - 1500) } }));
    const request = { FindingIdentifiers: [identifier('large')], UserDefinedFields: { more: 'y'.repeat(1500) } };
    expect(await call('BatchUpdateFindings', request)).toMatchObject({
      UnprocessedFindings: [{ ErrorCode: 'FindingSizeExceeded' }],
    });
  });

  it.each([
    ['no finding', { FindingIdentifiers: [] }],
    ['101 findings', { FindingIdentifiers: Array.from({ length: 101 }, (_, index) => identifier(`f-${index}`)) }],
    ['a note of 513 characters', { Note: { Text: 'x'.repeat(513), UpdatedBy: 'me' } }],
    ['a note without text', { Note: { Text: ' ', UpdatedBy: 'me' } }],
    ['a note without UpdatedBy', { Note: { Text: 'text' } }],
    ['an unknown status', { Workflow: { Status: 'DONE' } }],
    ['an unknown severity', { Severity: { Label: 'SEVERE' } }],
    ['a confidence above 100', { Confidence: 101 }],
  ])('is refused with %s', async (_, input) => {
    const request = { FindingIdentifiers: [identifier('f-1')], ...input };
    await expect(call('BatchUpdateFindings', request)).rejects.toMatchObject({ code: 'InvalidInputException' });
    expect(events).toEqual([]);
  });

  it('accepts a note of 512 characters', async () => {
    const Note = { Text: 'é'.repeat(512), UpdatedBy: 'me' };
    await call('BatchUpdateFindings', { FindingIdentifiers: [identifier('f-1')], Note });
    expect(findingById(kernel, 'f-1')).toMatchObject({ Note });
  });

  it('is authorized on the hub, with a condition key for each field', async () => {
    kernel.needed.length = 0;
    await call('BatchUpdateFindings', {
      FindingIdentifiers: [identifier('f-1')],
      Note: { Text: 'known', UpdatedBy: 'me' },
      Workflow: { Status: 'SUPPRESSED' },
      Types: ['A', 'B'],
      Criticality: 3,
    });
    expect(kernel.needed).toEqual([
      {
        action: 'securityhub:BatchUpdateFindings',
        resource: `arn:aws:securityhub:us-east-1:${ADMINISTRATOR}:hub/default`,
        context: {
          'securityhub:ASFFSyntaxPath/Note.Text': 'known',
          'securityhub:ASFFSyntaxPath/Note.UpdatedBy': 'me',
          'securityhub:ASFFSyntaxPath/Workflow.Status': 'SUPPRESSED',
          'securityhub:ASFFSyntaxPath/Types': ['A', 'B'],
          'securityhub:ASFFSyntaxPath/Criticality': '3',
        },
      },
    ]);
  });

  it("by a member changes only the member's own findings", async () => {
    putFinding(kernel, finding('theirs', { AwsAccountId: '222222222222' }));
    const request = { FindingIdentifiers: ['f-1', 'theirs'].map(identifier), Workflow: { Status: 'NOTIFIED' } };
    const answer = await call('BatchUpdateFindings', request, place(MEMBER, 'eu-west-1'));
    expect(answer).toMatchObject({
      ProcessedFindings: [{ Id: 'f-1' }],
      UnprocessedFindings: [{ FindingIdentifier: { Id: 'theirs' }, ErrorCode: 'FindingNotFound' }],
    });
  });

  it('is throttled as documented', () => {
    expect(securityhub.operations.BatchUpdateFindings?.quota).toEqual({ rate: 10, burst: 30 });
    expect(securityhub.throttling?.code).toBe('TooManyRequestsException');
    expect(securityhub.operations.GetFindings?.quota).toEqual({ rate: 3, burst: 6 });
  });
});

describe('an import', () => {
  const at = place(MEMBER, 'eu-west-1');
  const ProductArn = `arn:aws:securityhub:eu-west-1:${MEMBER}:product/${MEMBER}/default`;
  const custom = (Id: string, more: Partial<AwsSecurityFinding> = {}) => finding(Id, { ProductArn, ...more });
  const send = (...Findings: AwsSecurityFinding[]) => call('BatchImportFindings', { Findings }, at);

  it('of an account about itself emits an event in the home Region', async () => {
    expect(await send(custom('c-1'))).toEqual({ SuccessCount: 1, FailedCount: 0, FailedFindings: [] });
    expect(events).toMatchObject([{ place: HOME, detail: { findings: [{ Id: 'c-1', Workflow: { Status: 'NEW' } }] } }]);
  });

  it.each([
    ['about another account', { AwsAccountId: '222222222222' }],
    ['with the product ARN of Security Hub', { ProductArn: PRODUCT }],
    ['with the product ARN of another account', { ProductArn: ProductArn.replaceAll(MEMBER, '222222222222') }],
  ])('with one finding %s is denied as a whole', async (_, forged) => {
    await expect(send(custom('c-1'), custom('c-2', forged))).rejects.toMatchObject({
      code: 'AccessDeniedException',
      status: 403,
    });
    expect(findingById(kernel, 'c-1')).toBeUndefined();
  });

  it.each([
    ['without resources', { Resources: [] }],
    ['of another schema', { SchemaVersion: '2017' }],
    ['without a severity', { Severity: undefined }],
    ['without types', { Types: undefined }],
    ['with an invalid date', { UpdatedAt: 'yesterday' }],
    ['of more than 240 KB', { ProductFields: { filler: 'x'.repeat(240 * 1024) } }],
  ])('reports a finding %s without affecting the others', async (_, wrong) => {
    const answer = await send(custom('good'), custom('bad', wrong));
    expect(answer).toMatchObject({
      SuccessCount: 1,
      FailedCount: 1,
      FailedFindings: [{ Id: 'bad', ErrorCode: 'InvalidInput' }],
    });
    expect(findingById(kernel, 'bad')).toBeUndefined();
  });

  it('that is not newer has no effect', async () => {
    await send(custom('c-1'));
    await send(custom('c-1', { Title: 'same time' }));
    expect(findingById(kernel, 'c-1')?.Title).toBe(finding('c-1').Title);
    await send(custom('c-1', { Title: 'later', UpdatedAt: '2025-12-03T00:00:00Z' }));
    expect(findingById(kernel, 'c-1')?.Title).toBe('later');
  });

  it('is authorized on the product', async () => {
    kernel.needed.length = 0;
    await send(custom('c-1'));
    expect(kernel.needed).toMatchObject([
      {
        action: 'securityhub:BatchImportFindings',
        resource: ProductArn,
        context: { 'securityhub:TargetAccount': [MEMBER] },
      },
    ]);
  });
});

describe('a query', () => {
  beforeEach(() => {
    putFinding(kernel, finding('ec2', { UpdatedAt: '2025-12-31T12:00:00Z' }));
    putFinding(
      kernel,
      finding('s3', {
        AwsAccountId: '222222222222',
        Region: 'us-west-2',
        GeneratorId: 'security-control/S3.1',
        Compliance: { Status: 'WARNING', SecurityControlId: 'S3.1' },
      }),
    );
    putFinding(kernel, finding('gone', { RecordState: 'ARCHIVED', Workflow: { Status: 'RESOLVED' } }));
  });
  const is = (Value: string, Comparison = 'EQUALS') => ({ Value, Comparison });

  it.each([
    ['account', { AwsAccountId: [is('222222222222')] }, ['s3']],
    ['control', { ComplianceSecurityControlId: [is('EC2.13')] }, ['ec2', 'gone']],
    ['one of two values', { ComplianceSecurityControlId: [is('EC2.13'), is('S3.1')] }, ['ec2', 's3', 'gone']],
    ['prefix', { GeneratorId: [is('security-control/S', 'PREFIX')] }, ['s3']],
    ['all but one', { ComplianceStatus: [is('FAILED', 'NOT_EQUALS')] }, ['s3']],
    ['all but a prefix', { GeneratorId: [is('security-control/EC2', 'PREFIX_NOT_EQUALS')] }, ['s3']],
    [
      'a prefix without one value',
      { GeneratorId: [is('security-control', 'PREFIX'), is('security-control/S3.1', 'NOT_EQUALS')] },
      ['ec2', 'gone'],
    ],
    ['part of a text', { Title: [is('port 22', 'CONTAINS')] }, ['ec2', 's3', 'gone']],
    [
      'fields together',
      { RecordState: [is('ACTIVE')], WorkflowStatus: [is('NEW')], AwsAccountId: [is(MEMBER)] },
      ['ec2'],
    ],
    ['resource', { ResourceId: [is(`arn:aws:ec2:eu-west-1:${MEMBER}:security-group/sg-1`)] }, ['ec2', 's3', 'gone']],
    ['a number of days', { UpdatedAt: [{ DateRange: { Value: 1, Unit: 'DAYS' } }] }, ['ec2']],
    ['a time range', { UpdatedAt: [{ Start: '2025-12-01T00:00:00Z', End: '2025-12-03T00:00:00Z' }] }, ['s3', 'gone']],
  ])('finds by %s', async (_, filters, ids) => {
    expect(await findingIds(filters)).toEqual(ids);
  });

  it.each([
    ['the administrator at home', HOME, ['ec2', 's3', 'gone']],
    ['the administrator in another Region', place(ADMINISTRATOR, 'us-west-2'), ['s3']],
    ['a member', place(MEMBER, 'eu-west-1'), ['ec2', 'gone']],
    ['a member in another Region', place(MEMBER, 'us-west-2'), []],
  ])('shows %s the visible findings', async (_, from, ids) => {
    expect(await findingIds({}, from)).toEqual(ids);
  });

  it('returns pages of ten', async () => {
    for (let index = 0; index < 20; index += 1) putFinding(kernel, finding(`more-${index}`));
    const sizes: number[] = [];
    let NextToken: string | undefined;
    do {
      const page = await call('GetFindings', { NextToken });
      sizes.push(page.Findings.length);
      NextToken = page.NextToken;
    } while (NextToken);
    expect(sizes).toEqual([10, 10, 3]);
  });

  it('sorts by a field', async () => {
    const { Findings } = await call('GetFindings', { SortCriteria: [{ Field: 'UpdatedAt', SortOrder: 'desc' }] });
    expect(Findings[0].Id).toBe('ec2');
  });

  it('returns copies', async () => {
    const { Findings } = await call('GetFindings', { Filters: { Id: [is('ec2')] } });
    Findings[0].Title = 'changed';
    expect(findingById(kernel, 'ec2')?.Title).not.toBe('changed');
  });

  it.each([
    ['more than 100 findings per page', { MaxResults: 101 }, 'InvalidInputException'],
    ['an invalid token', { NextToken: 'nonsense' }, 'InvalidInputException'],
    [
      'comparisons that contradict each other',
      { Filters: { Title: [is('a'), is('b', 'NOT_EQUALS')] } },
      'InvalidInputException',
    ],
    ['a filter that is not modelled', { Filters: { MalwareName: [is('a')] } }, 'NotModelled'],
  ])('is refused with %s', async (_, input, code) => {
    await expect(call('GetFindings', input)).rejects.toMatchObject({ code });
  });
});

describe('the hub', () => {
  it('is enabled in every account after an administrator is designated', async () => {
    expect(await call('DescribeHub', {}, place(MEMBER, 'eu-west-1'))).toMatchObject({
      HubArn: `arn:aws:securityhub:eu-west-1:${MEMBER}:hub/default`,
    });
    await expect(call('EnableSecurityHub')).rejects.toMatchObject({ code: 'ResourceConflictException' });
  });

  it('must be enabled if there is no administrator', async () => {
    const alone = smallKernel(securityhub);
    await expect(alone.as('securityhub', 'GetFindings', {}, HOME)).rejects.toMatchObject({
      code: 'InvalidAccessException',
    });
    await alone.as('securityhub', 'EnableSecurityHub', {}, HOME);
    expect(await alone.as('securityhub', 'DescribeHub', {}, HOME)).toMatchObject({
      SubscribedAt: '2026-01-01T00:00:00.000Z',
    });
  });

  it('returns the aggregation Region', async () => {
    const { FindingAggregators } = await call('ListFindingAggregators');
    expect(await call('GetFindingAggregator', FindingAggregators[0])).toMatchObject({
      FindingAggregationRegion: 'us-east-1',
    });
    expect(await call('ListFindingAggregators', {}, place(MEMBER, 'us-east-1'))).toEqual({ FindingAggregators: [] });
  });

  it('sends findings to a custom action in one event', async () => {
    for (const id of ['f-1', 'f-2']) putFinding(kernel, finding(id));
    const { ActionTargetArn } = await call('CreateActionTarget', {
      Id: 'Remediate',
      Name: 'Remediate',
      Description: 'Fix it',
    });
    expect(ActionTargetArn).toBe(`arn:aws:securityhub:us-east-1:${ADMINISTRATOR}:action/custom/Remediate`);
    expect(await call('DescribeActionTargets')).toMatchObject({
      ActionTargets: [{ ActionTargetArn, Name: 'Remediate' }],
    });
    events.length = 0;
    sendToCustomAction(kernel, ActionTargetArn, ['f-1', 'f-2']);
    expect(events).toMatchObject([
      {
        'detail-type': 'Security Hub Findings - Custom Action',
        resources: [ActionTargetArn],
        detail: { actionName: 'Remediate', findings: [{ Id: 'f-1' }, { Id: 'f-2' }] },
      },
    ]);
  });
});

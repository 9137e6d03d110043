import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AwsPlace } from '../../../sandbox/kernel/kernel.ts';
import {
  designateAdministrator,
  findingOf,
  putFinding,
  reevaluate,
  securityhub,
  sendToCustomAction,
  setUnprocessedRate,
} from '../../../sandbox/services/securityhub/index.ts';
import { type SmallKernel, smallKernel } from '../support/small-kernel.ts';

const events = vi.hoisted(
  () => [] as { place: AwsPlace; source: string; 'detail-type': string; resources: string[]; detail: any }[],
);
vi.mock('../../../sandbox/services/eventbridge/index.ts', () => ({
  emitServiceEvent: (_: unknown, place: AwsPlace, event: any) => void events.push({ place, ...event }),
}));

const place = (account: string, region: string): AwsPlace => ({ partition: 'aws', account, region });
const administrator = '999999999999';
const member = '111122223333';
const home = place(administrator, 'us-east-1');
const PRODUCT = 'arn:aws:securityhub:eu-west-1::product/aws/securityhub';

let kernel: SmallKernel;
const call = (operation: string, input: object = {}, from = home) => kernel.as('securityhub', operation, input, from);
const now = () => new Date(kernel.clock.now()).toISOString();

const finding = (Id: string, more: Partial<AwsSecurityFinding> = {}): AwsSecurityFinding => ({
  SchemaVersion: '2018-10-08',
  Id,
  ProductArn: PRODUCT,
  ProductName: 'Security Hub CSPM',
  Region: 'eu-west-1',
  GeneratorId: 'security-control/EC2.13',
  AwsAccountId: member,
  CreatedAt: '2025-12-01T00:00:00.000Z',
  UpdatedAt: '2025-12-02T00:00:00.000Z',
  Severity: { Label: 'HIGH', Normalized: 70 },
  Title: 'Security groups should not allow ingress from 0.0.0.0/0 to port 22',
  Description: 'What it is about',
  Types: ['Software and Configuration Checks'],
  Resources: [{ Type: 'AwsEc2SecurityGroup', Id: `arn:aws:ec2:eu-west-1:${member}:security-group/sg-1` }],
  Compliance: { Status: 'FAILED', SecurityControlId: 'EC2.13' },
  ...more,
});
const identifier = (Id: string) => ({ Id, ProductArn: PRODUCT });
const suppress = (...ids: string[]) =>
  call('BatchUpdateFindings', { FindingIdentifiers: ids.map(identifier), Workflow: { Status: 'SUPPRESSED' } });
const found = async (Filters: object = {}, from = home) =>
  (await call('GetFindings', { Filters, MaxResults: 100 }, from)).Findings.map((one: { Id: string }) => one.Id);
const statusOf = (id: string) => findingOf(kernel, id)?.Workflow?.Status;

beforeEach(() => {
  kernel = smallKernel(securityhub);
  designateAdministrator(kernel, home);
  events.length = 0;
});

describe('a finding of Security Hub itself', () => {
  it("is new and active, and its event goes to the administrator's home Region", () => {
    putFinding(kernel, finding('f-1'));
    expect(findingOf(kernel, 'f-1')).toMatchObject({ RecordState: 'ACTIVE', Workflow: { Status: 'NEW' } });
    expect(events).toEqual([
      {
        place: home,
        source: 'aws.securityhub',
        'detail-type': 'Security Hub Findings - Imported',
        resources: [`${PRODUCT}/f-1`],
        detail: { findings: [findingOf(kernel, 'f-1')] },
      },
    ]);
  });

  it('is resolved when its control passes, and new again when it fails after that', async () => {
    putFinding(kernel, finding('f-1'));
    await kernel.clock.advance(60_000);
    reevaluate(kernel, 'f-1', 'PASSED');
    expect(findingOf(kernel, 'f-1')).toMatchObject({
      Workflow: { Status: 'RESOLVED' },
      Compliance: { Status: 'PASSED' },
      UpdatedAt: now(),
    });
    reevaluate(kernel, 'f-1', 'FAILED');
    expect(findingOf(kernel, 'f-1')).toMatchObject({
      Workflow: { Status: 'NEW' },
      Compliance: { Status: 'FAILED', SecurityControlId: 'EC2.13' },
    });
    expect(events).toHaveLength(3);
  });

  it.each([
    ['stays suppressed, whether it passes or fails', 'SUPPRESSED', ['PASSED', 'FAILED'], 'SUPPRESSED'],
    ['stays notified while it fails', 'NOTIFIED', ['FAILED'], 'NOTIFIED'],
    ['is new when it fails after it was notified and passed', 'NOTIFIED', ['PASSED', 'FAILED'], 'NEW'],
  ] as const)('%s', (_, status, evaluations, expected) => {
    putFinding(kernel, finding('f-1', { Workflow: { Status: status } }));
    for (const evaluation of evaluations) reevaluate(kernel, 'f-1', evaluation);
    expect(statusOf('f-1')).toBe(expected);
  });

  it('is new again when it comes back from the archive', () => {
    putFinding(kernel, finding('f-1', { Workflow: { Status: 'NOTIFIED' }, RecordState: 'ARCHIVED' }));
    putFinding(kernel, finding('f-1'));
    expect(statusOf('f-1')).toBe('NEW');
  });

  it('keeps what customers wrote when it is sent again', async () => {
    putFinding(kernel, finding('f-1'));
    const Note = { Text: 'known', UpdatedBy: 'me' };
    await call('BatchUpdateFindings', {
      FindingIdentifiers: [identifier('f-1')],
      Note,
      Workflow: { Status: 'NOTIFIED' },
    });
    putFinding(kernel, finding('f-1', { Title: 'Another title' }));
    expect(findingOf(kernel, 'f-1')).toMatchObject({ Title: 'Another title', Note, Workflow: { Status: 'NOTIFIED' } });
  });
});

describe('an update', () => {
  beforeEach(() => {
    for (const id of ['f-1', 'f-2', 'f-3']) putFinding(kernel, finding(id));
    events.length = 0;
  });

  it('writes the same onto all findings, leaves UpdatedAt, and emits one event each', async () => {
    const Note = { Text: 'accepted until spring', UpdatedBy: 'suture' };
    const answer = await call('BatchUpdateFindings', {
      FindingIdentifiers: ['f-1', 'f-2'].map(identifier),
      Note,
      Workflow: { Status: 'SUPPRESSED' },
    });
    expect(answer).toEqual({ ProcessedFindings: ['f-1', 'f-2'].map(identifier), UnprocessedFindings: [] });
    expect(findingOf(kernel, 'f-2')).toMatchObject({
      Note: { ...Note, UpdatedAt: now() },
      UpdatedAt: '2025-12-02T00:00:00.000Z',
      Workflow: { Status: 'SUPPRESSED' },
    });
    expect(events.map((event) => event.detail.findings[0].Workflow.Status)).toEqual(['SUPPRESSED', 'SUPPRESSED']);
    expect(statusOf('f-3')).toBe('NEW');
  });

  it('says which findings it left, and why', async () => {
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

  it('leaves findings that someone else updates, at the seeded rate', async () => {
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

  it('does not let a finding grow beyond 240 KB', async () => {
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
    ['a note of nobody', { Note: { Text: 'text' } }],
    ['an unknown status', { Workflow: { Status: 'DONE' } }],
    ['an unknown severity', { Severity: { Label: 'SEVERE' } }],
    ['a confidence beyond 100', { Confidence: 101 }],
  ])('is refused with %s', async (_, input) => {
    const request = { FindingIdentifiers: [identifier('f-1')], ...input };
    await expect(call('BatchUpdateFindings', request)).rejects.toMatchObject({ code: 'InvalidInputException' });
    expect(events).toEqual([]);
  });

  it('takes a note of 512 characters', async () => {
    const Note = { Text: 'é'.repeat(512), UpdatedBy: 'me' };
    await call('BatchUpdateFindings', { FindingIdentifiers: [identifier('f-1')], Note });
    expect(findingOf(kernel, 'f-1')).toMatchObject({ Note });
  });

  it('is decided on the hub, with each written field', async () => {
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
        resource: `arn:aws:securityhub:us-east-1:${administrator}:hub/default`,
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

  it('by a member reaches its own findings alone', async () => {
    putFinding(kernel, finding('theirs', { AwsAccountId: '222222222222' }));
    const request = { FindingIdentifiers: ['f-1', 'theirs'].map(identifier), Workflow: { Status: 'NOTIFIED' } };
    const answer = await call('BatchUpdateFindings', request, place(member, 'eu-west-1'));
    expect(answer).toMatchObject({
      ProcessedFindings: [{ Id: 'f-1' }],
      UnprocessedFindings: [{ FindingIdentifier: { Id: 'theirs' }, ErrorCode: 'FindingNotFound' }],
    });
  });

  it('is throttled as documented', () => {
    expect(securityhub.operations.BatchUpdateFindings?.quota).toEqual({
      rate: 10,
      burst: 30,
      error: 'TooManyRequestsException',
    });
    expect(securityhub.operations.GetFindings?.quota).toEqual({ rate: 3, burst: 6, error: 'TooManyRequestsException' });
  });
});

describe('an import', () => {
  const at = place(member, 'eu-west-1');
  const ProductArn = `arn:aws:securityhub:eu-west-1:${member}:product/${member}/default`;
  const custom = (Id: string, more: Partial<AwsSecurityFinding> = {}) => finding(Id, { ProductArn, ...more });
  const send = (...Findings: AwsSecurityFinding[]) => call('BatchImportFindings', { Findings }, at);

  it('of an account about itself comes back as an event at home', async () => {
    expect(await send(custom('c-1'))).toEqual({ SuccessCount: 1, FailedCount: 0, FailedFindings: [] });
    expect(events).toMatchObject([{ place: home, detail: { findings: [{ Id: 'c-1', Workflow: { Status: 'NEW' } }] } }]);
  });

  it.each([
    ['about another account', { AwsAccountId: '222222222222' }],
    ['under the name of Security Hub', { ProductArn: PRODUCT }],
    ['under the name of another account', { ProductArn: ProductArn.replaceAll(member, '222222222222') }],
  ])('%s is denied, all of it', async (_, forged) => {
    await expect(send(custom('c-1'), custom('c-2', forged))).rejects.toMatchObject({
      code: 'AccessDeniedException',
      status: 403,
    });
    expect(findingOf(kernel, 'c-1')).toBeUndefined();
  });

  it.each([
    ['without resources', { Resources: [] }],
    ['of another schema', { SchemaVersion: '2017' }],
    ['without a severity', { Severity: undefined }],
    ['without types', { Types: undefined }],
    ['with a date that is none', { UpdatedAt: 'yesterday' }],
    ['of more than 240 KB', { ProductFields: { filler: 'x'.repeat(240 * 1024) } }],
  ])('one finding %s fails alone', async (_, wrong) => {
    const answer = await send(custom('good'), custom('bad', wrong));
    expect(answer).toMatchObject({
      SuccessCount: 1,
      FailedCount: 1,
      FailedFindings: [{ Id: 'bad', ErrorCode: 'InvalidInput' }],
    });
    expect(findingOf(kernel, 'bad')).toBeUndefined();
  });

  it('that is not newer changes nothing', async () => {
    await send(custom('c-1'));
    await send(custom('c-1', { Title: 'same time' }));
    expect(findingOf(kernel, 'c-1')?.Title).toBe(finding('c-1').Title);
    await send(custom('c-1', { Title: 'later', UpdatedAt: '2025-12-03T00:00:00Z' }));
    expect(findingOf(kernel, 'c-1')?.Title).toBe('later');
  });

  it('is decided on the product', async () => {
    kernel.needed.length = 0;
    await send(custom('c-1'));
    expect(kernel.needed).toMatchObject([
      {
        action: 'securityhub:BatchImportFindings',
        resource: ProductArn,
        context: { 'securityhub:TargetAccount': [member] },
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
    ['either value', { ComplianceSecurityControlId: [is('EC2.13'), is('S3.1')] }, ['ec2', 's3', 'gone']],
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
      { RecordState: [is('ACTIVE')], WorkflowStatus: [is('NEW')], AwsAccountId: [is(member)] },
      ['ec2'],
    ],
    ['resource', { ResourceId: [is(`arn:aws:ec2:eu-west-1:${member}:security-group/sg-1`)] }, ['ec2', 's3', 'gone']],
    ['days', { UpdatedAt: [{ DateRange: { Value: 1, Unit: 'DAYS' } }] }, ['ec2']],
    ['time', { UpdatedAt: [{ Start: '2025-12-01T00:00:00Z', End: '2025-12-03T00:00:00Z' }] }, ['s3', 'gone']],
  ])('finds by %s', async (_, filters, ids) => {
    expect(await found(filters)).toEqual(ids);
  });

  it.each([
    ['the administrator at home', home, ['ec2', 's3', 'gone']],
    ['the administrator in another Region', place(administrator, 'us-west-2'), ['s3']],
    ['a member', place(member, 'eu-west-1'), ['ec2', 'gone']],
    ['a member in another Region', place(member, 'us-west-2'), []],
  ])('shows %s what it may see', async (_, from, ids) => {
    expect(await found({}, from)).toEqual(ids);
  });

  it('comes in pages of ten', async () => {
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

  it('orders by a field', async () => {
    const { Findings } = await call('GetFindings', { SortCriteria: [{ Field: 'UpdatedAt', SortOrder: 'desc' }] });
    expect(Findings[0].Id).toBe('ec2');
  });

  it('hands out copies', async () => {
    const { Findings } = await call('GetFindings', { Filters: { Id: [is('ec2')] } });
    Findings[0].Title = 'changed';
    expect(findingOf(kernel, 'ec2')?.Title).not.toBe('changed');
  });

  it.each([
    ['more than 100 a page', { MaxResults: 101 }, 'InvalidInputException'],
    ['a token of nobody', { NextToken: 'nonsense' }, 'InvalidInputException'],
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
  it('is there in every account once there is an administrator', async () => {
    expect(await call('DescribeHub', {}, place(member, 'eu-west-1'))).toMatchObject({
      HubArn: `arn:aws:securityhub:eu-west-1:${member}:hub/default`,
    });
    await expect(call('EnableSecurityHub')).rejects.toMatchObject({ code: 'ResourceConflictException' });
  });

  it('must be enabled where there is none', async () => {
    const alone = smallKernel(securityhub);
    await expect(alone.as('securityhub', 'GetFindings', {}, home)).rejects.toMatchObject({
      code: 'InvalidAccessException',
    });
    await alone.as('securityhub', 'EnableSecurityHub', {}, home);
    expect(await alone.as('securityhub', 'DescribeHub', {}, home)).toMatchObject({
      SubscribedAt: '2026-01-01T00:00:00.000Z',
    });
  });

  it('names the Region that findings are aggregated in', async () => {
    const { FindingAggregators } = await call('ListFindingAggregators');
    expect(await call('GetFindingAggregator', FindingAggregators[0])).toMatchObject({
      FindingAggregationRegion: 'us-east-1',
    });
    expect(await call('ListFindingAggregators', {}, place(member, 'us-east-1'))).toEqual({ FindingAggregators: [] });
  });

  it('sends findings to a custom action in one event', async () => {
    for (const id of ['f-1', 'f-2']) putFinding(kernel, finding(id));
    const { ActionTargetArn } = await call('CreateActionTarget', {
      Id: 'Remediate',
      Name: 'Remediate',
      Description: 'Fix it',
    });
    expect(ActionTargetArn).toBe(`arn:aws:securityhub:us-east-1:${administrator}:action/custom/Remediate`);
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

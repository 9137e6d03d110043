import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventMessage, ticketOf } from '../../../functions/domain/event-message.ts';
import { eventOfEnd, eventOfReopening } from '../../../functions/domain/events.ts';
import type { Job, JobFinding } from '../../../functions/domain/job.ts';
import type { Management } from '../../../functions/domain/managed.ts';
import type { OwnerPatch } from '../../../functions/domain/owner-patch.ts';

const FINDING: JobFinding = {
  id: 'arn:aws:securityhub:us-east-1:333333333333:security-control/ECR.1/finding/1',
  productArn: 'p',
  control: 'ECR.1',
  title: 'Repositories should scan images',
  severity: 'HIGH',
  account: '333333333333',
  region: 'us-east-1',
  resource: { Type: 'AwsEcrRepository', Id: 'arn:aws:ecr:us-east-1:333333333333:repository/shop' },
};
const STACK: Management = { manager: 'cloudformation', name: 'CloudFormation stack web (Images)' };
const PATCH: OwnerPatch = {
  cloudFormation: [
    { type: 'AWS::ECR::Repository', set: [{ name: 'ImageScanningConfiguration.ScanOnPush', value: true }] },
  ],
  terraform: [{ type: 'aws_ecr_repository', set: [{ name: 'image_tag_mutability', value: 'IMMUTABLE' }] }],
};
const JOB = { finding: FINDING, execution: 'arn:execution', started: '2026-11-29T12:00:00Z', route: 'remediate' };
const FIXED = { kind: 'fixed', before: 1, after: 2, summary: 'scans images', version: 1 };
const AT = '2026-11-29T12:01:00Z';
const UNICODE = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 });

describe('the message of an event', () => {
  it('says what happened, where, and what the owner changes', () => {
    const event = eventOfEnd({ ...JOB, result: { ...FIXED, managedBy: STACK, patch: PATCH } } as Job, AT)!;
    expect(event.detail).toMatchObject({ managedBy: STACK, patch: PATCH });
    expect(event.detail.message).toEqual({
      ticket: ticketOf(FINDING.id),
      headline: 'ECR.1 fixed in account 333333333333, us-east-1',
      title: 'Repositories should scan images',
      resource: expect.stringContaining('AwsEcrRepository arn:aws:ecr'),
      summary: 'scans images',
      patch:
        'In CloudFormation stack web (Images): set ImageScanningConfiguration.ScanOnPush: true (AWS::ECR::Repository)',
      severity: 'HIGH',
    });
  });

  it("has the owner's first place of each kind, by which EventBridge rules choose tickets", () => {
    const places = [
      { kind: 'jira' as const, to: 'SHOP' },
      { kind: 'slack' as const, to: '#a"b' },
      { kind: 'jira' as const, to: 'OTHER' },
    ];
    const owner = { name: 'shop', because: 'policy', places };
    const dueBy = '2026-12-07T12:00:00.000Z';
    const { detail } = eventOfEnd({ ...JOB, owner, dueBy, result: FIXED } as Job, AT)!;
    expect(detail).toMatchObject({ owner, dueBy });
    expect(detail.message?.places).toEqual({ jira: 'SHOP', slack: '#a”b' });
  });

  it('has the Terraform argument if Terraform manages the resource, and no patch if nothing does', () => {
    const patchOf = (managedBy?: Management, patch: OwnerPatch | undefined = PATCH) =>
      eventMessage(FINDING, 'planned', { summary: 's', managedBy, patch }).patch;
    expect(patchOf({ manager: 'terraform', name: 'Terraform (tag iac)' })).toBe(
      'In Terraform (tag iac): set image_tag_mutability = ”IMMUTABLE” (aws_ecr_repository)',
    );
    expect(patchOf()).toBe('');
    expect(patchOf(STACK, {})).toBe('');
    expect(patchOf({ manager: 'other', name: 'code (tag iac)' })).toBe('');
  });

  it('has one ticket for all events of a finding, and another for another finding', () => {
    const reopened = eventOfReopening({ ...JOB, result: FIXED } as Job, 'reopened', 2, AT).detail;
    expect(reopened.message?.ticket).toBe(ticketOf(FINDING.id));
    expect(reopened.message?.headline).toContain(' reopened in account');
    expect(reopened.message?.summary).toMatch(/^It still fails a day after its fix/);
    expect(ticketOf(`${FINDING.id}2`)).not.toBe(ticketOf(FINDING.id));
    expect(ticketOf(FINDING.id)).toMatch(/^suture-[0-9a-f]{32}$/);
  });

  it.each([
    ['a mention of everybody in Slack', '<!channel> <!here> <@U123>', /[<>]/],
    ['a mention of a person', 'ask @here or @ann', /@/],
    ['a link of Slack', '<https://evil.example|sign in>', /[<>|]|:\/\//],
    ['a link of Markdown', '[sign in](https://evil.example)', /[[\]]|:\/\//],
    ['a bare domain', 'see evil.example/login', /l\.e/],
    ['the end of the JSON text', '", "channel": "#all", "x": "\\', /["\\]/],
    ['another line', 'one\nApprove all\u2028of them', /[\n\u2028]/],
    ['an escape sequence', 'a\u001b[2J\u202e', /\u202e|\[2J/],
    ['formatting', '*bold* `code` ~no~', /[*`~]/],
  ])('neutralizes %s of a member account', (_, text, forbidden) => {
    const finding = { ...FINDING, title: text, control: text, region: text, resource: { Type: text, Id: text } };
    const managedBy = { manager: 'cloudformation', name: text } as const;
    const set = [{ name: 'Policy', value: { [text]: text } }];
    const patch = { cloudFormation: [{ type: 'AWS::A::B', set }] };
    const message = eventMessage(finding, 'refused', { summary: text, managedBy, patch });
    for (const value of Object.values(message)) expect(value).not.toMatch(forbidden);
  });

  it('can be copied between quotation marks of JSON, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.oneof(fc.constantFrom('"', '\\', '\n', '\u2028', '}'), UNICODE) }), (text) => {
        const { title, summary } = eventMessage({ ...FINDING, title: text }, 'refused', { summary: text });
        expect(JSON.parse(`{"text": "${title}: ${summary}"}`).text).toBe(`${title}: ${summary}`);
      }),
    );
  });
});

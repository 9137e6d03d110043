import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sectionsOf } from '../../../cli/docs/sections.ts';
import { SUTURE_ERRORS } from '../../../cli/names/known-values.ts';
import { likelyCauses, withLikelyCauses } from '../../../cli/story/likely-causes.ts';

const slugs = (page: string) => sectionsOf(readFileSync(page, 'utf8'));
const REMEDY = /suture [a-z]+|docs\/[\w-]+\.md#[\w-]+/;

describe('the likely causes', () => {
  it.each([...SUTURE_ERRORS, 'RulesPerSecurityGroupLimitExceeded', 'constructor'])(
    'of %s are numbered, each with a command or an article that exists',
    (error) => {
      const [title, ...causes] = likelyCauses(error);
      expect(title).toBe('Likely causes, in order:');
      expect(causes.length).toBeGreaterThan(0);
      causes.forEach((cause, n) => {
        expect(cause).toMatch(new RegExp(`^${n + 1}\\. `));
        expect(cause).toMatch(REMEDY);
      });
      for (const [, page, anchor] of causes.join(' ').matchAll(/(docs\/[\w-]+\.md)#([\w-]+)/g))
        expect(slugs(page!)).toContain(anchor);
    },
  );
  it.each([
    ['States.Timeout', 'finding-updates-dlq'],
    ['StillFailing', 'recurring-findings'],
    ['PolicyUnavailable', 'policy-unavailable'],
  ])('of %s lead to the article %s', (error, article) => {
    expect(likelyCauses(error).join()).toContain(`docs/runbook.md#${article}`);
  });
  it.each([
    ['Suture is stopped since 2026-11-22 by ada: a test. Nothing was written.', /^1\. Somebody stopped Suture: /],
    [
      'Policy leaves this finding alone now, by x: y. A replay ends it as ignored, or continues if …',
      /^1\. An exception/,
    ],
    ['Policy excludes account 333333333333 now (excludedAccounts: ["333333333333"]).', /^1\. Policy excludes/],
    ['Now policy has off; when the finding was triaged, policy allowed auto.', /^1\. Policy's mode/],
    ['Account 333333333333 is SUSPENDED now.', /^1\. The account has left/],
    ['', /^1\. An exception/],
  ])('of Stopped begin with the one that the text names: %s', (message, first) => {
    const [, ...causes] = likelyCauses('Stopped', { text: message });
    expect(causes[0]).toMatch(first);
    expect(causes.map((cause) => cause.slice(3)).toSorted()).toEqual(
      likelyCauses('Stopped')
        .slice(1)
        .map((cause) => cause.slice(3))
        .toSorted(),
    );
  });
  it('follow a message, unless it numbers its own', () => {
    const own = ['Likely causes, in order:', '1. The role is missing.'];
    expect(withLikelyCauses(own, 'MemberRoleUnavailable')).toEqual(own);
    expect(withLikelyCauses(['more text'], 'Stopped')).toEqual(['more text', ...likelyCauses('Stopped')]);
  });
});

describe('the likely causes of a failure in the accounts of Suture', () => {
  const denied = (role: string, why = 'with an explicit deny in an identity-based policy') =>
    `User: arn:aws:sts::111111111111:assumed-role/${role}/${role} is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:111111111111:table/suture-ledger ${why}`;
  const causesOf = (error: string, text: string, state?: string) => likelyCauses(error, { text, state }).join('\n');

  it.each([
    ['AccessDeniedException', 'suture-triage', 'Triage'],
    ['AccessDeniedException', 'suture-report', 'Report'],
    ['ConfigurationInvalid', 'suture-invoker', 'Remediate'],
    ['PolicyUnavailable', 'suture-proxy', 'Remediate'],
  ])('of %s of %s name the role, its foreign policy and the way back', (error, role, state) => {
    const causes = causesOf(error, denied(role), state);
    expect(causes).toContain(`1. Somebody put a policy that denies on the role ${role}`);
    expect(causes).toContain(`aws iam list-role-policies --role-name ${role}`);
    expect(causes).toContain('docs/runbook.md#foreign-policies');
    expect(causes).not.toMatch(/exempt|unsigned-requests|suture stop|refuses the change/);
  });
  it('of a role that lacks a permission lead to the stack, and of another policy to its owner', () => {
    expect(causesOf('AccessDenied', denied('suture-report', 'because no identity-based policy allows it'))).toMatch(
      /the role suture-report of 111111111111, which lacks dynamodb:GetItem.*deploy its stack again/,
    );
    expect(
      causesOf('AccessDenied', denied('suture-report', 'with an explicit deny in a service control policy')),
    ).toMatch(/with an explicit deny in a service control policy, which is not one of the role's own/);
  });
  it('of a throttle by Lambda lead to the function of the state', () => {
    expect(causesOf('Lambda.TooManyRequestsException', 'Rate Exceeded.', 'Report')).toMatch(
      /no concurrency for the function suture-report, .*suture doctor/,
    );
  });
  it('of an unknown error in Triage or Report lead to the function, and elsewhere to the resource', () => {
    expect(causesOf('ValidationException', 'bad', 'Triage')).toContain('docs/runbook.md#triage-errors');
    expect(causesOf('ValidationException', 'bad', 'Report')).toContain('docs/runbook.md#report-errors');
    expect(causesOf('ValidationException', 'bad', 'Remediate')).toContain('AWS refuses the change');
  });
  it('say of the policy that show reads with the role of a person', () => {
    expect(causesOf('PolicyUnavailable', denied('suture-triage'))).toContain('says nothing about suture-triage');
  });
  it('of a denied member role are those of the table', () => {
    expect(causesOf('MemberAccessDenied', denied('suture-member'))).toEqual(
      likelyCauses('MemberAccessDenied').join('\n'),
    );
    expect(causesOf('AccessDenied', denied('suture-member-b'), 'Remediate')).toContain('AWS refuses the change');
  });
});

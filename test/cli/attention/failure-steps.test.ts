import { expect, it } from 'vitest';
import { failureSteps } from '../../../cli/attention/failure-steps.ts';

const SUTURE = 'suture';
const stepNames = (status: Parameters<typeof failureSteps>[0]) => failureSteps(status).map(({ step }) => step);

it('tells a role that is missing, one that is too old, and other failures apart', () => {
  const errors = { MemberRoleUnavailable: 1, MemberRoleOutdated: 2, MemberAccessDenied: 3 };
  const steps = failureSteps({ errors, findings: { FAILED: 6 }, waitingForRole: 4, waitingForStack: 0 });
  expect(steps.map(({ step }) => step)).toEqual(['member-role', 'member-role-outdated', 'failures']);
  expect(steps[1]).toEqual({
    step: 'member-role-outdated',
    summary:
      '4 wait, and 2 failed because the member role of their accounts is older than the remediation. Roll it ' +
      'out in a clone of the repository: npm run -s suture -- rollout. The waiting changes then go on by themselves. Then replay the failed ones.',
    instructions: [
      `${SUTURE} list --status waiting`,
      `${SUTURE} list --status failed --error MemberRoleOutdated`,
      `${SUTURE} replay --failed --error MemberRoleOutdated --reason "the role is there now"`,
      'docs/upgrade.md#a-role-that-is-too-old',
    ],
  });
  expect(steps[0]!.instructions.at(-1)).toBe('docs/deploy.md#roll-out-unit-by-unit');
  expect(steps[2]!.summary).toBe('3 other findings failed.');
});

it('counts each failure once', () => {
  const missing = { MemberRoleUnavailable: 1 };
  const summaries = (errors: Record<string, number>, FAILED: number) =>
    failureSteps({ errors, findings: { FAILED }, waitingForRole: 0, waitingForStack: 0 }).map(({ summary }) => summary);
  expect(summaries(missing, 1)).toEqual([expect.stringMatching(/^1 finding failed because the member role/)]);
  expect(summaries(missing, 2)[1]).toBe('1 other finding failed.');
  expect(summaries({}, 1)).toEqual(['1 finding failed.']);
});

it('has nothing to replay while findings only wait for a role', () => {
  const [step] = failureSteps({ errors: {}, findings: { FAILED: 0 }, waitingForRole: 1, waitingForStack: 0 });
  expect(step).toMatchObject({
    step: 'member-role-outdated',
    summary: expect.stringMatching(/^1 wait because.*by themselves\.$/),
  });
  expect(step!.instructions).toEqual([`${SUTURE} list --status waiting`, 'docs/upgrade.md#a-role-that-is-too-old']);
});

it('has no step where nothing failed and nothing waits for a role', () => {
  expect(stepNames({ errors: {}, findings: { WAITING: 3 }, waitingForRole: 0, waitingForStack: 0 })).toEqual([]);
});

it('names what waits for the end of an upgrade, and what it waited for in vain', () => {
  const status = { errors: { StackOutdated: 2 }, findings: { FAILED: 2 }, waitingForRole: 0, waitingForStack: 3 };
  expect(failureSteps(status)).toEqual([
    {
      step: 'stack-outdated',
      summary:
        '3 wait, and 2 failed because the workflow and their remediation are of different releases. Deploy every stack ' +
        'from one. The waiting changes then go on by themselves. Then replay the failed ones.',
      instructions: [
        `${SUTURE} list --status waiting`,
        `${SUTURE} list --status failed --error StackOutdated`,
        `${SUTURE} replay --failed --error StackOutdated --reason "upgraded"`,
        'docs/upgrade.md#while-half-of-the-stacks-are-new',
      ],
    },
  ]);
});

/** The steps for failed findings, and for changes that wait for a newer member role or the end of an upgrade. Pure. */
import type { StatusReport } from '../clients/status-report.ts';
import { countText } from '../output/count-text.ts';
import { type NextStep, stepsIf } from './next-step.ts';

const MISSING = 'MemberRoleUnavailable';

/** Errors of changes that wait for a deployment. They fail after three days. */
const OUTDATED = {
  role: {
    error: 'MemberRoleOutdated',
    step: 'member-role-outdated',
    because:
      'because the member role of their accounts is older than the remediation. Roll it out in a clone of the repository: npm run -s suture -- rollout.',
    reason: 'the role is there now',
    page: 'docs/upgrade.md#a-role-that-is-too-old',
  },
  stack: {
    error: 'StackOutdated',
    step: 'stack-outdated',
    because: 'because the workflow and their remediation are of different releases. Deploy every stack from one.',
    reason: 'upgraded',
    page: 'docs/upgrade.md#while-half-of-the-stacks-are-new',
  },
} as const;
type Outdated = (typeof OUTDATED)[keyof typeof OUTDATED];

const retry = (error: string, reason: string) => [
  `list --status failed --error ${error}`,
  `replay --failed --error ${error} --reason "${reason}"`,
];

export function failureSteps({
  errors,
  findings,
  waitingForRole,
  waitingForStack,
}: Pick<StatusReport, 'errors' | 'findings' | 'waitingForRole' | 'waitingForStack'>): NextStep[] {
  const { role, stack } = OUTDATED;
  const failedWith = (error: string): number => errors[error] ?? 0;
  const withoutRole = failedWith(MISSING);
  const withOldRole = failedWith(role.error);
  const withOldStack = failedWith(stack.error);
  const named = withoutRole + withOldRole + withOldStack;
  const others = (findings.FAILED ?? 0) - named;
  return [
    ...stepsIf(withoutRole, {
      step: 'member-role',
      summary: `${countText(withoutRole, 'finding')} failed because the member role is missing in the account. Roll it out, then replay.`,
      commands: retry(MISSING, role.reason),
      pages: ['docs/deploy.md#roll-out-unit-by-unit'],
    }),
    ...outdatedSteps(role, waitingForRole, withOldRole),
    ...outdatedSteps(stack, waitingForStack, withOldStack),
    ...stepsIf(others, {
      step: 'failures',
      summary: `${countText(others, named > 0 ? 'other finding' : 'finding')} failed.`,
      commands: ['triage', 'list --status failed'],
    }),
  ];
}

function outdatedSteps({ error, step, because, reason, page }: Outdated, waiting: number, failed: number): NextStep[] {
  const parts = [...(waiting > 0 ? [`${waiting} wait`] : []), ...(failed > 0 ? [`${failed} failed`] : [])];
  const afterwards = [
    ...(waiting > 0 ? ['The waiting changes then go on by themselves.'] : []),
    ...(failed > 0 ? ['Then replay the failed ones.'] : []),
  ];
  return stepsIf(waiting + failed, {
    step,
    summary: `${parts.join(', and ')} ${because} ${afterwards.join(' ')}`,
    commands: [...(waiting > 0 ? ['list --status waiting'] : []), ...(failed > 0 ? retry(error, reason) : [])],
    pages: [page],
  });
}

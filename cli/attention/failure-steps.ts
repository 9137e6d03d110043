/** The steps for what failed, and for what waits for a newer member role. Pure. */
import type { StatusReport } from '../clients/status-report.ts';
import { countText } from '../output/count-text.ts';
import { given, type NextStep } from './next-step.ts';

const MISSING = 'MemberRoleUnavailable';
const OUTDATED = 'MemberRoleOutdated';

const retry = (error: string) => [
  `list --status failed --error ${error}`,
  `replay --failed --error ${error} --reason "the role is there now"`,
];

export function failureSteps({
  errors,
  findings,
  waitingForRole,
}: Pick<StatusReport, 'errors' | 'findings' | 'waitingForRole'>): NextStep[] {
  const withoutRole = errors[MISSING] ?? 0;
  const withOldRole = errors[OUTDATED] ?? 0;
  const others = (findings.FAILED ?? 0) - withoutRole - withOldRole;
  return [
    ...given(
      withoutRole,
      'member-role',
      `${countText(withoutRole, 'finding')} failed because the member role is missing in the account. Roll it out, then replay.`,
      retry(MISSING),
      ['docs/deploy.md'],
    ),
    ...outdatedSteps(waitingForRole, withOldRole),
    ...given(others, 'failures', `${others} failed.`, ['triage', 'list --status failed']),
  ];
}

function outdatedSteps(waiting: number, failed: number): NextStep[] {
  const parts = [...(waiting > 0 ? [`${waiting} wait`] : []), ...(failed > 0 ? [`${failed} failed`] : [])];
  const afterwards = [
    ...(waiting > 0 ? ['What waits then goes on by itself.'] : []),
    ...(failed > 0 ? ['Then replay what failed.'] : []),
  ];
  return given(
    waiting + failed,
    'member-role-outdated',
    `${parts.join(', and ')} because the member role of their accounts is older than the remediation. Let suture rollout reach them. ${afterwards.join(' ')}`,
    [...(waiting > 0 ? ['list --status waiting'] : []), ...(failed > 0 ? retry(OUTDATED) : [])],
    ['docs/upgrade.md#a-role-that-is-too-old'],
  );
}

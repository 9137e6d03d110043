/** What people read: what happened, where, and what to do. Pure. */
import type { EventDetail, SutureEvent } from '../domain/events.ts';

export type Announcement = { readonly subject: string; readonly text: string };
/** A message, the kind of news that it is, and for how many milliseconds the next of this kind waits for the digest. */
export type News = Announcement & { readonly kind: string; readonly quiet: number };

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SUTURE = 'npm run -s suture --';

/** Undefined for what needs nobody. */
export function newsOf(event: SutureEvent): News | undefined {
  if (event.name === 'suture.finding.failed.v1') return failure(event.detail);
  if (event.name === 'suture.finding.waiting.v1') return waiting(event.detail);
  if (event.name === 'suture.finding.unresolved.v1') return unresolved(event.detail);
  return undefined;
}

function failure(detail: EventDetail<'suture.finding.failed.v1'>): News {
  const { error, state, attempts } = detail;
  const times = attempts && attempts > 1 ? ` after ${attempts} attempts` : '';
  const urgent = error === 'RollbackFailed';
  return {
    // Each failed rollback leaves a resource that is neither as it was nor as it should be.
    kind: urgent ? `failed ${detail.execution}` : `failed ${error} ${detail.remediation ?? 'triage'}`,
    quiet: DAY,
    subject: `Suture: ${error}: ${namesOf(detail)}`,
    text: lines(
      `${error}${state ? ` in the state ${state}` : ''}${times}.`,
      detail.summary,
      '',
      ...where(detail),
      '',
      `See it:    ${SUTURE} show ${detail.finding.id}`,
      `The like:  ${SUTURE} list --status failed --error ${error}`,
      `Again:     ${SUTURE} replay ${detail.finding.id}`,
      'What the error means: statemachines/README.md#what-each-error-means',
      ...(urgent ? [] : ['', 'More of this kind within a day come as a count, every three hours.']),
    ),
  };
}

function waiting(detail: EventDetail<'suture.finding.waiting.v1'>): News {
  return {
    kind: `waiting ${detail.remediation ?? ''}`,
    quiet: HOUR,
    subject: `Suture asks: ${namesOf(detail)}`,
    text: lines(
      `A change waits for approval until ${detail.until}; when nobody answers it is denied.`,
      detail.summary,
      ...(detail.loses ? [`It loses for good: ${detail.loses}`] : []),
      '',
      ...where(detail),
      '',
      `Approve:  ${SUTURE} approve ${detail.approval.slice(0, 8)}`,
      `Deny:     ${SUTURE} deny ${detail.approval.slice(0, 8)} --reason "..."`,
      `All that wait:  ${SUTURE} approvals`,
    ),
  };
}

function unresolved(detail: EventDetail<'suture.finding.unresolved.v1'>): News {
  return {
    kind: `unresolved ${detail.finding.control ?? ''}`,
    quiet: DAY,
    subject: `Suture gave up: ${namesOf(detail)}`,
    text: lines(
      detail.summary,
      `It was taken back to NEW ${detail.times} times and stays NOTIFIED now.`,
      '',
      ...where(detail),
      '',
      `See it:  ${SUTURE} show ${detail.finding.id}`,
      'What to do: docs/runbook.md#recurring-findings',
    ),
  };
}

const KINDS: Readonly<Record<string, string>> = {
  failed: 'failed',
  waiting: 'wait for approval',
  unresolved: 'still fail',
};

/** One message for all that nobody was told of since the last. */
export function counted(
  untold: readonly { readonly kind: string; readonly count: number }[],
): Announcement | undefined {
  if (untold.length === 0) return undefined;
  const total = untold.reduce((sum, { count }) => sum + count, 0);
  const counts = [...untold]
    .sort((a, b) => b.count - a.count)
    .map(({ kind, count }) => {
      const [what = '', ...rest] = kind.split(' ');
      return `${String(count).padStart(6)} more ${KINDS[what] ?? what}: ${rest.join(' ')}`;
    });
  return {
    subject: `Suture: ${total} more of what you know`,
    text: lines(...counts, '', `${SUTURE} status`, `${SUTURE} list --status failed`, `${SUTURE} approvals`),
  };
}

const namesOf = ({ finding: { control, account } }: SutureEvent['detail']) =>
  `${control ?? 'a finding'} in ${account ?? 'no account'}`;

const where = ({ finding, remediation, sourceIdentity }: SutureEvent['detail']): string[] => [
  `Finding:      ${finding.id}`,
  ...(finding.title ? [`              ${finding.title}`] : []),
  `Account:      ${finding.account ?? '-'} ${finding.region ?? ''}`.trimEnd(),
  `Resource:     ${finding.resource?.id ?? '-'}`,
  `Remediation:  ${remediation ?? '-'}`,
  `CloudTrail:   source identity ${sourceIdentity}`,
];

export const lines = (...text: readonly string[]): string => text.join('\n');

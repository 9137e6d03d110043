/** Messages to people: what happened, where, and what to do. Pure. */
import type { EventDetail, SutureEvent } from '../domain/events.ts';

export type Announcement = { readonly subject: string; readonly text: string };
/** A message. Others of its kind within `quietMs` are withheld until the digest. */
export type News = Announcement & { readonly kind: string; readonly quietMs: number };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SUTURE = 'npm run -s suture --';

/** Returns undefined for an event that needs no person. */
export function newsFrom(event: SutureEvent): News | undefined {
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
    // A kind of its own for each failed rollback: its resource is neither as it was nor as it should be.
    kind: urgent ? `failed ${detail.execution}` : `failed ${error} ${detail.remediation ?? 'triage'}`,
    quietMs: DAY_MS,
    subject: `Suture: ${error}: ${namesOf(detail)}`,
    text: joinLines(
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
    quietMs: HOUR_MS,
    subject: `Suture asks: ${namesOf(detail)}`,
    text: joinLines(
      `A change waits for approval until ${detail.until}; when nobody answers it is denied.`,
      detail.summary,
      ...(detail.loses ? [`It loses permanently: ${detail.loses}`] : []),
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
    quietMs: DAY_MS,
    subject: `Suture gave up: ${namesOf(detail)}`,
    text: joinLines(
      detail.summary,
      `It was set back to NEW ${detail.times} times and stays NOTIFIED now.`,
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

/** Returns one message for all announcements that were withheld since the last. */
export function withheldDigest(
  withheld: readonly { readonly kind: string; readonly count: number }[],
): Announcement | undefined {
  if (withheld.length === 0) return undefined;
  const total = withheld.reduce((sum, { count }) => sum + count, 0);
  const counts = [...withheld]
    .sort((a, b) => b.count - a.count)
    .map(({ kind, count }) => {
      const [what = '', ...rest] = kind.split(' ');
      return `${String(count).padStart(6)} more ${KINDS[what] ?? what}: ${rest.join(' ')}`;
    });
  return {
    subject: `Suture: ${total} more of what you know`,
    text: joinLines(...counts, '', `${SUTURE} status`, `${SUTURE} list --status failed`, `${SUTURE} approvals`),
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

export const joinLines = (...text: readonly string[]): string => text.join('\n');

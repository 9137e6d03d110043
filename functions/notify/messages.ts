import { withCommandsTyped } from '../domain/command-names.ts';
import type { EventDetail, SutureEvent } from '../domain/events.ts';
import { plain, plainMessage, shellWord } from '../domain/plain-text.ts';

export type Announcement = { readonly subject: string; readonly text: string };
/** Others of its kind within `quietMs` are withheld until the digest. */
export type EventAnnouncement = Announcement & { readonly kind: string; readonly quietMs: number };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Mails name commands as the installed tool has them, because the person on call may have no clone. */
const SUTURE = 'suture';

/** Returns undefined for an event that needs no person. */
export function announcementOf(event: SutureEvent): EventAnnouncement | undefined {
  const { name, detail } = { ...plain(event, plainMessage), name: event.name } as SutureEvent;
  if (name === 'suture.finding.failed.v1')
    return failureAnnouncement({ ...detail, summary: plainLines(event.detail.summary) } as typeof detail);
  if (name === 'suture.finding.waiting.v1') return approvalAnnouncement(detail);
  if (name === 'suture.finding.unresolved.v1') return recurrenceAnnouncement(detail);
  return undefined;
}

/** More lines of an error's message do not help. */
const MAX_LINES = 30;

/** Keeps the lines of an error's message, and indents them, so that they do not look like Suture's own. */
const plainLines = (text: string): string =>
  text
    .split('\n')
    .slice(0, MAX_LINES)
    .map((line) => `  ${plainMessage(line)}`)
    .join('\n');

function failureAnnouncement(detail: EventDetail<'suture.finding.failed.v1'>): EventAnnouncement {
  const { error, state, attempts } = detail;
  const times = attempts && attempts > 1 ? ` after ${attempts} attempts` : '';
  const urgent = error === 'RollbackFailed';
  return {
    // Each failed rollback is its own kind: its resource is in neither its original nor its fixed state.
    kind: urgent ? `failed ${detail.execution}` : `failed ${error} ${detail.remediation ?? 'triage'}`,
    quietMs: DAY_MS,
    subject: `Suture: ${error}: ${namesOf(detail)}`,
    text: joinLines(
      `${error}${state ? ` in the state ${state}` : ''}${times}.`,
      detail.summary,
      '',
      ...placeLines(detail),
      '',
      `See it:    ${SUTURE} show ${shellWord(detail.finding.id)}`,
      `Similar:   ${SUTURE} list --status failed --error ${error}`,
      `Again:     ${SUTURE} replay ${shellWord(detail.finding.id)} --reason "..."`,
      'What the error means: docs/reference/errors.md',
      ...(urgent
        ? []
        : ['', 'Suture counts further failures of this kind within a day, and sends the count every three hours.']),
    ),
  };
}

function approvalAnnouncement(detail: EventDetail<'suture.finding.waiting.v1'>): EventAnnouncement {
  return {
    kind: `waiting ${detail.remediation ?? ''}`,
    quietMs: HOUR_MS,
    subject: `Suture asks: ${namesOf(detail)}`,
    text: joinLines(
      `A change waits for approval until ${detail.until}. If nobody answers, it is denied.`,
      detail.summary,
      ...(detail.loses ? [`It loses permanently: ${detail.loses}`] : []),
      '',
      ...placeLines(detail),
      '',
      `Approve:  ${SUTURE} approve ${detail.approval.slice(0, 8)}`,
      `Deny:     ${SUTURE} deny ${detail.approval.slice(0, 8)} --reason "..."`,
      `List:     ${SUTURE} approvals`,
    ),
  };
}

function recurrenceAnnouncement(detail: EventDetail<'suture.finding.unresolved.v1'>): EventAnnouncement {
  return {
    kind: `unresolved ${detail.finding.control ?? ''}`,
    quietMs: DAY_MS,
    subject: `Suture gave up: ${namesOf(detail)}`,
    text: joinLines(
      detail.summary,
      `It was set back to NEW ${detail.times} times and stays NOTIFIED now.`,
      '',
      ...placeLines(detail),
      '',
      `See it:  ${SUTURE} show ${shellWord(detail.finding.id)}`,
      'What to do: docs/runbook.md#recurring-findings',
    ),
  };
}

const KINDS: Readonly<Record<string, string>> = {
  failed: 'failed',
  waiting: 'wait for approval',
  unresolved: 'still fail',
};

export function withheldDigest(
  withheld: readonly { readonly kind: string; readonly count: number }[],
): Announcement | undefined {
  if (withheld.length === 0) return undefined;
  const total = withheld.reduce((sum, { count }) => sum + count, 0);
  const counts = [...withheld]
    .sort((a, b) => b.count - a.count)
    .map(({ kind, count }) => {
      const [what = '', ...rest] = kind.split(' ');
      return `${String(count).padStart(6)} more ${KINDS[what] ?? plainMessage(what)}: ${plainMessage(rest.join(' '))}`;
    });
  return {
    subject: `Suture: ${total} more messages of known kinds`,
    text: joinLines(...counts, '', `${SUTURE} status`, `${SUTURE} list --status failed`, `${SUTURE} approvals`),
  };
}

const namesOf = ({ finding: { control, account } }: SutureEvent['detail']) =>
  `${control ?? 'a finding'} in ${account ?? 'no account'}`;

const placeLines = ({ finding, remediation, sourceIdentity }: SutureEvent['detail']): string[] => [
  `Finding:      ${finding.id}`,
  ...(finding.title ? [`              ${finding.title}`] : []),
  `Account:      ${finding.account ?? '-'} ${finding.region ?? ''}`.trimEnd(),
  `Resource:     ${finding.resource?.id ?? '-'}`,
  `Remediation:  ${remediation ?? '-'}`,
  `CloudTrail:   source identity ${sourceIdentity}`,
];

export const joinLines = (...text: readonly string[]): string => withCommandsTyped(text.join('\n'));

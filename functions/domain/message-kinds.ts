/** Kinds of places outside of AWS, and what becomes of a finding's ticket. The command line reads them before it loads anything. */

/** Places that EventBridge sends to. Mail goes out by SNS. */
export const MESSAGE_PLACES = ['slack', 'teams', 'jira', 'servicenow', 'pagerduty'] as const;
export type MessagePlaceKind = (typeof MESSAGE_PLACES)[number];
/** They have a ticket for each finding; the others have one message a day for each owner and kind. */
export const TICKET_PLACES = ['jira', 'servicenow', 'pagerduty'] as const satisfies readonly MessagePlaceKind[];
export type TicketPlaceKind = (typeof TICKET_PLACES)[number];
export const hasTickets = (kind: MessagePlaceKind): kind is TicketPlaceKind =>
  (TICKET_PLACES as readonly string[]).includes(kind);

export const MESSAGE_SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL'] as const;
export type MessageSeverity = (typeof MESSAGE_SEVERITIES)[number];

/** Kinds of events, as in `suture.finding.<kind>.v1`, that may open a ticket. Others only continue one. */
export const OPENING_KINDS = ['notified', 'waiting', 'failed', 'unresolved', 'refused', 'planned'] as const;
export type OpeningKind = (typeof OPENING_KINDS)[number];
/** The finding needs somebody; a refused or planned change is no news for them. */
export const USUAL_OPENING_KINDS: readonly OpeningKind[] = ['notified', 'waiting', 'failed', 'unresolved'];
export const REOPENING_KINDS: readonly string[] = ['reopened', 'rolled-back'];
export const COMMENTING_KINDS: readonly string[] = ['reminder'];
export const CLOSING_KINDS: readonly string[] = ['fixed', 'compliant', 'archived'];
export const TICKET_ACTIONS = ['open', 'comment', 'close', 'reopen'] as const;
export type TicketAction = (typeof TICKET_ACTIONS)[number];

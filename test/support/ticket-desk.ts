/** Desks that keep tickets of what arrives, in its order, as docs/messages.md sets up Jira and ServiceNow. */
export type Ticket = {
  readonly key: string;
  /** Of the finding's resource, as the opening request says. */
  readonly resource: string;
  readonly group: string;
  state: 'open' | 'closed';
  comments: number;
};

export type TicketDesk = {
  readonly tickets: readonly Ticket[];
  /** Requests other than `open` about a ticket that the desk does not have. The place ignores them. */
  readonly ignored: number;
};

type TicketRequest = {
  readonly action: string;
  readonly key: string;
  readonly resource: string;
  readonly group: string;
};

export const jiraDesk = (bodies: readonly string[]): TicketDesk =>
  deskWith(
    bodies.map((body) => {
      const { action, ticket: key, resource } = JSON.parse(body);
      return { action, key, resource, group: '' };
    }),
  );

/** A request without a group leaves that of the ticket, because "Copy empty fields" is off. */
export const serviceNowDesk = (bodies: readonly string[]): TicketDesk =>
  deskWith(
    bodies.map((body) => {
      const {
        u_action: action,
        u_correlation_id: key,
        u_resource: resource,
        u_assignment_group: group,
      } = JSON.parse(body);
      return { action, key, resource, group };
    }),
  );

/** The place finds a ticket by its key. Only `open` creates one; each further request is a comment. */
function deskWith(requests: readonly TicketRequest[]): TicketDesk {
  const tickets = new Map<string, Ticket>();
  let ignored = 0;
  for (const { action, key, resource, group } of requests) {
    const ticket = tickets.get(key);
    if (ticket) {
      ticket.comments += 1;
      if (action === 'close') ticket.state = 'closed';
      else if (action === 'open' || action === 'reopen') ticket.state = 'open';
    } else if (action === 'open') tickets.set(key, { key, resource, group, state: 'open', comments: 0 });
    else ignored += 1;
  }
  return { tickets: [...tickets.values()], ignored };
}

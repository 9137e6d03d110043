/** Places of tickets as docs/messages.md sets them up: what they keep of the requests that arrived, in their order. */

export type Ticket = {
  readonly key: string;
  /** Of the finding's resource, as the first request said. */
  readonly resource: string;
  readonly group?: string;
  state: 'open' | 'closed';
  comments: number;
};

type TicketRequest = {
  readonly action: string;
  readonly key: string;
  readonly resource: string;
  readonly group?: string;
};

export const jiraTickets = (bodies: readonly string[]): Ticket[] =>
  ticketsOf(
    bodies.map((body) => {
      const { action, ticket, resource } = JSON.parse(body);
      return { action, key: ticket, resource };
    }),
  );

export const serviceNowTickets = (bodies: readonly string[]): Ticket[] =>
  ticketsOf(
    bodies.map((body) => {
      const { u_action, u_correlation_id, u_resource, u_assignment_group } = JSON.parse(body);
      return { action: u_action, key: u_correlation_id, resource: u_resource, group: u_assignment_group };
    }),
  );

/** The place finds a ticket by its key. Only `open` creates one; each further request is a comment. */
function ticketsOf(requests: readonly TicketRequest[]): Ticket[] {
  const tickets = new Map<string, Ticket>();
  for (const { action, key, resource, group } of requests) {
    const ticket = tickets.get(key);
    if (ticket) {
      ticket.comments += 1;
      if (action === 'close') ticket.state = 'closed';
      else if (action === 'open' || action === 'reopen') ticket.state = 'open';
    } else if (action === 'open')
      tickets.set(key, { key, resource, ...(group !== undefined && { group }), state: 'open', comments: 0 });
  }
  return [...tickets.values()];
}

/** Messages and tickets of a thousand findings, by the function's own code and the rules of the stack. */
import type { Job } from '../../functions/domain/job.ts';
import { seriesKey } from '../../functions/domain/message-series.ts';
import type { OwnerPlace } from '../../functions/domain/resource-owner.ts';
import { sendOwnerMessages } from '../../functions/owner-messages/send.ts';
import type { LedgerRecord } from '../../functions/ports/ledger-queries.ts';
import type { SentOwnerMessage } from '../../functions/ports/owner-message-log.ts';
import { compilePattern } from '../../sandbox/event-patterns/pattern.ts';
import type { PlaceContext } from '../../stacks/messages/context.ts';
import { placeRules } from '../../stacks/messages/templates.ts';
import { costFigure, countFigure, type Section } from './figures.ts';
import { PRICES } from './prices.ts';

const FINDINGS = 1_000;
const OWNERS = 8;
/** Findings arrive over a week, and each owner has a week for them. */
const DAYS = 14;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BEGAN = Date.UTC(2026, 0, 5);

type Counts = { readonly messages: number; readonly reads: number; readonly runs: number };

const ownerOf = (n: number): OwnerPlace => ({ kind: 'slack', to: `#team-${n % OWNERS}` });

/**
 * Returns the open findings at `now`: the owner fixes a third after three days, and the others are due after a week.
 */
function recordsUntil(now: number): LedgerRecord[] {
  return Array.from({ length: FINDINGS }, (_, n) => {
    const arrived = BEGAN + (n / FINDINGS) * 7 * DAY_MS;
    const due = arrived + 7 * DAY_MS;
    const isOver = now > due || (n % 3 === 0 && now > arrived + 3 * DAY_MS);
    if (now < arrived || isOver) return [];
    const iso = (at: number) => new Date(at).toISOString();
    const finding = { id: `f${n}`, productArn: 'p', control: 'S3.8', account: '333333333333', region: 'us-east-1' };
    const owner = { name: 'team', because: 'policy', places: [ownerOf(n)] };
    const job = { finding, owner, dueBy: iso(due) } as unknown as Job;
    return [{ findingId: `f${n}`, ofStatus: 'WAITING', changedAt: iso(arrived), reason: 'r', job } as LedgerRecord];
  }).flat();
}

async function ownerMessages(): Promise<Counts> {
  const sent = new Map<string, SentOwnerMessage>();
  const counts = { messages: 0, reads: 0, runs: 0 };
  let mark: string | undefined;
  for (let now = BEGAN; now < BEGAN + (DAYS + 1) * DAY_MS; now += HOUR_MS) {
    const records = new Map(recordsUntil(now).map((record) => [record.findingId, record]));
    counts.runs += 1;
    await sendOwnerMessages({
      queries: {
        list: async ({ status }) => ({ items: [...records.values()].filter((each) => each.ofStatus === status) }),
        async record(id) {
          counts.reads += 1;
          return records.get(id);
        },
      },
      log: {
        sent: async () => sent,
        claim: async () => true,
        finish: async ({ place, kind }, message) => void sent.set(seriesKey(place, kind), message),
        watermark: async () => mark,
        async moveWatermark(to) {
          mark = to;
        },
      },
      async publish() {
        counts.messages += 1;
      },
      now: () => now,
    });
  }
  return counts;
}

const JIRA: PlaceContext = {
  kind: 'jira',
  secret: 's',
  webhook: 'https://example.com/w',
  severities: ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL'],
  kinds: ['notified', 'waiting', 'failed', 'unresolved'],
  perSecond: 2,
  default: true,
};
/** The owner gets a notice and a reminder, and then the finding is fixed. */
const EVENTS_OF_A_FINDING = ['notified', 'reminder', 'fixed'];

function ticketRequests(): number {
  const rules = placeRules('tickets', JIRA).map(({ pattern }) => compilePattern(JSON.stringify(pattern)));
  const events = EVENTS_OF_A_FINDING.map((kind) => ({
    source: 'suture',
    'detail-type': `suture.finding.${kind}.v1`,
    detail: { finding: { severity: 'HIGH' }, message: {} },
  }));
  return FINDINGS * events.flatMap((event) => rules.filter((matches) => matches(event))).length;
}

/** Seconds of a run without its reads, and of each read if ten run at once. */
const RUN_SECONDS = 0.5;
const READ_SECONDS = 0.001;
const MEMORY_GB = 0.5;
/** A record is larger than 4 KB and read consistently. */
const READ_UNITS = 2;

export async function messageSection(): Promise<Section> {
  const { messages, reads, runs } = await ownerMessages();
  const tickets = ticketRequests();
  const seconds = runs * RUN_SECONDS + reads * READ_SECONDS;
  const ofFunction =
    runs * PRICES.invocation + seconds * MEMORY_GB * PRICES.gbSecond + reads * READ_UNITS * PRICES.readUnit;
  const ofRequests = (tickets + messages) * PRICES.destinationRequest + messages * PRICES.event;
  return {
    title: 'Messages and tickets',
    columns: `${FINDINGS} findings of ${OWNERS} owners in a week, each told, reminded and fixed`,
    rows: [
      { label: '1,000 findings: messages to owners', figures: [countFigure('messages.owners', messages)] },
      { label: '1,000 findings: requests to a place of tickets', figures: [countFigure('messages.tickets', tickets)] },
      {
        label: '1,000 findings: cost of messages and tickets',
        figures: [costFigure('cost.messages-1000', ofFunction + ofRequests)],
        note: 'the function and its reads included',
      },
      {
        label: 'secrets and alarms of a place, a month',
        figures: [
          costFigure('cost.message-place-month', PRICES.secretMonth + PLACE_ALARM_METRICS * PRICES.alarmMetricMonth),
        ],
        note: "EventBridge's own secret is free",
      },
    ],
  };
}

/** The dead-letter queue's, and one for each of Jira's rules. */
const PLACE_ALARM_METRICS = 1 + 4;

/** Walks through Suture's own NOTIFIED findings that still fail, below Security Hub's quota. */
import { type AwsSecurityFinding, GetFindingsCommand, type SecurityHubClient } from '@aws-sdk/client-securityhub';
import type { Publish } from '../aws/events.ts';
import { eventOfReopening } from '../domain/events.ts';
import type { QueueMessage } from '../domain/job.ts';
import type { LedgerQueries, Recorded } from '../ledger/ledger-queries.ts';
import type { Reopenings } from '../ledger/reopenings.ts';
import { noteOfReopening, verdictOn } from './decide.ts';

export type ReconcileDeps = {
  readonly securityHub: SecurityHubClient;
  readonly queries: LedgerQueries;
  readonly reopenings: Reopenings;
  readonly send: (message: QueueMessage) => Promise<unknown>;
  readonly publish: Publish;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly now: () => number;
};

export type Counts = { readonly looked: number; readonly reopened: number; readonly givenUp: number };

/** Milliseconds between two calls of GetFindings, of which Security Hub takes 3 a second. */
const PACE = 400;
const is = (Value: string) => ({ Value, Comparison: 'EQUALS' as const });
const FILTERS = {
  WorkflowStatus: [is('NOTIFIED')],
  RecordState: [is('ACTIVE')],
  ComplianceStatus: [is('FAILED'), is('WARNING')],
  NoteUpdatedBy: [is('suture')],
};

export async function reconcile(tools: ReconcileDeps): Promise<Counts> {
  const ids: string[] = [];
  for await (const { Id } of own(tools)) ids.push(Id!);
  // After the last page: each update takes a finding out of what is being paged through.
  let reopened = 0;
  let givenUp = 0;
  for (const id of ids) {
    const end = await dealWith(id, tools);
    if (end === 'reopened') reopened += 1;
    if (end === 'givenUp') givenUp += 1;
  }
  return { looked: ids.length, reopened, givenUp };
}

async function* own({ securityHub, sleep }: ReconcileDeps): AsyncGenerator<AwsSecurityFinding> {
  let NextToken: string | undefined;
  do {
    const page = await securityHub.send(new GetFindingsCommand({ Filters: FILTERS, MaxResults: 100, NextToken }));
    yield* page.Findings ?? [];
    NextToken = page.NextToken;
    await sleep(PACE);
  } while (NextToken);
}

async function dealWith(findingId: string, tools: ReconcileDeps): Promise<'left' | 'reopened' | 'givenUp'> {
  const record = await tools.queries.record(findingId);
  const now = tools.now();
  const verdict = verdictOn(record, now);
  if (verdict.kind === 'leave') return 'left';
  if (verdict.kind === 'givenUp') return 'givenUp';
  if (verdict.kind === 'giveUp') {
    if (!(await tools.reopenings.giveUp(record!, verdict.times, now))) return 'left';
    await tools.publish([eventOfReopening(record!.job, 'unresolved', verdict.times, new Date(now).toISOString())]);
    return 'givenUp';
  }
  return reopen(record!, verdict, now, tools);
}

async function reopen(
  record: Recorded,
  { times, counted }: { readonly times: number; readonly counted: boolean },
  now: number,
  { reopenings, send, publish }: ReconcileDeps,
): Promise<'left' | 'reopened'> {
  if (!counted && !(await reopenings.count(record, times, now))) return 'left';
  await send({ kind: 'reopen', job: record.job, note: noteOfReopening(times) });
  await publish([eventOfReopening(record.job, 'reopened', times, new Date(now).toISOString())]);
  return 'reopened';
}

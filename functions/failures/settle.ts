/** Brings the ledger up to how an execution ended, and tells subscribers. */
import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import type { Publish } from '../aws/events.ts';
import type { EndedExecution } from '../domain/ended-execution.ts';
import { eventOfEnd, eventOfFailure } from '../domain/events.ts';
import { FindingEvent } from '../domain/finding.ts';
import type { Job } from '../domain/job.ts';
import { endingOf, type Failure } from '../domain/ledger.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Ended } from '../ledger/statistics.ts';
import { namesOf } from '../triage/decide.ts';
import { type End, endOf, tellsEnough, undecided } from './ended.ts';

export type SettleDeps = {
  readonly states: SFNClient;
  readonly ledger: Ledger;
  readonly publish: Publish;
  readonly count: (ended: readonly Ended[]) => Promise<void>;
};

export type Settled = { readonly made: Job; readonly failure?: Failure };

/** Events of a history that are read at once; a state that was tried twenty times has a hundred. */
const PAGE = 200;

/** Answers what was news. */
export async function settle({ execution, started }: EndedExecution, tools: SettleDeps): Promise<Settled[]> {
  const end = endOf(await lastEvents(tools.states, execution));
  if (!end) return [];
  if (end.kind === 'succeeded') return (await succeeded(end.made, tools)) ? [{ made: end.made }] : [];
  const news: Settled[] = [];
  for (const job of casesOf(end, execution, started))
    if (await failed(job, end.failure, end.made === undefined, tools)) news.push({ made: job, failure: end.failure });
  return news;
}

/** Report did not come so far as to say it. */
async function succeeded(job: Job, { ledger, publish, count }: SettleDeps): Promise<boolean> {
  if (!(await ledger.close(job))) return false;
  const event = eventOfEnd(job, new Date().toISOString());
  if (event) await publish([event]);
  await count([{ made: job, ending: endingOf(job) }]);
  return true;
}

async function failed(
  job: Job,
  failure: Failure,
  unproven: boolean,
  { ledger, publish, count }: SettleDeps,
): Promise<boolean> {
  const isNews = await ledger.fail(job, failure, unproven);
  // Before the count: what is tried again is no news then, and would never be told.
  await publish([eventOfFailure(job, failure)]);
  if (isNews) await count([{ made: job, ending: 'FAILED' }]);
  return isNews;
}

/** The case that failed; where triage failed, one for each finding of the event, or one for an event that holds none. */
function casesOf({ made, input, failure }: End & { kind: 'failed' }, execution: string, started: string): Job[] {
  if (made) return [made];
  const findings: readonly unknown[] = FindingEvent.safeParse(input).data?.detail.findings ?? [];
  const raw = findings.length > 0 ? findings : [undefined];
  return raw.map((finding) => undecided(execution, started, namesOf(finding), failure));
}

async function lastEvents(states: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await states.send(
      new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: PAGE, nextToken }),
    );
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken && !tellsEnough(events));
  return events;
}

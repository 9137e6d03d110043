import { describe, expect, it } from 'vitest';
import type { FindingStatus } from '../../../functions/domain/ledger.ts';
import type { LedgerRecord } from '../../../functions/ports/ledger-queries.ts';
import { countHidden, isOurs } from '../../../functions/recurring-findings/count-hidden.ts';

const record = (ofStatus: FindingStatus, error?: string, job = {}) => ({ ofStatus, error, job }) as LedgerRecord;
const TOLD = { toldAt: '2026-11-22T02:00:00.000Z' };
const finding = (id: string, status = 'SUPPRESSED', account = '333333333333') => ({ id, account, status });

describe('a failing finding that is not NEW', () => {
  it.each<[string, string, LedgerRecord | undefined, boolean]>([
    ['suppressed by a suppression of the policy', 'SUPPRESSED', record('ARCHIVED'), true],
    ['suppressed after Suture fixed it', 'SUPPRESSED', record('FIXED'), false],
    ['suppressed, and unknown to Suture', 'SUPPRESSED', undefined, false],
    ['suppressed after its suppression ended', 'SUPPRESSED', record('IGNORED'), false],
    ['notified, because it was fixed', 'NOTIFIED', record('FIXED'), true],
    ['notified, because it waits for approval', 'NOTIFIED', record('WAITING'), true],
    ['notified, because Suture gave up', 'NOTIFIED', record('FAILED', 'StillFailing'), true],
    ['notified, although its execution failed', 'NOTIFIED', record('FAILED', 'MemberAccessDenied'), false],
    ['notified, because its owner was told before it failed', 'NOTIFIED', record('FAILED', 'Stopped', TOLD), true],
    ['notified, although Suture ignored it', 'NOTIFIED', record('IGNORED'), false],
    ['resolved, although Suture fixed it', 'RESOLVED', record('FIXED'), false],
  ])('%s is ours: %#', (_, status, of, expected) => {
    expect(isOurs(finding('a', status), of)).toBe(expected);
  });
});

describe('the daily count', () => {
  const pages = [
    [finding('a'), finding('b')],
    [finding('c', 'RESOLVED', '444444444444'), finding('ours')],
  ];
  const counting = (timesLeft: number[]) =>
    countHidden({
      setAsideFindings: async function* () {
        yield* pages;
      },
      queries: { record: async (id) => (id === 'ours' ? record('ARCHIVED') : undefined) },
      timeLeft: () => timesLeft.shift()!,
    });

  it('is by account, without what Suture has set aside', async () => {
    const counts = { '333333333333': 2, '444444444444': 1 };
    expect(await counting([60_000, 60_000])).toEqual({ counts, isComplete: true });
  });

  it('says that it is incomplete when the time is up', async () => {
    expect(await counting([60_000, 29_000])).toEqual({ counts: { '333333333333': 2 }, isComplete: false });
  });
});

import { describe, expect, it } from 'vitest';
import type { FindingStatus } from '../../../functions/domain/ledger.ts';
import type { LedgerRecord } from '../../../functions/ports/ledger-queries.ts';
import { countHidden, isOurs } from '../../../functions/recurring-findings/count-hidden.ts';

const record = (ofStatus: FindingStatus, error?: string, job = {}) => ({ ofStatus, error, job }) as LedgerRecord;
const TOLD = { toldAt: '2026-11-22T02:00:00.000Z' };
const finding = (id: string, status = 'SUPPRESSED', account = '333333333333') => ({ id, account, status });

describe('whether Suture hid a failing finding that is not NEW:', () => {
  it.each<[what: string, isOurs: boolean, status: string, record: LedgerRecord | undefined]>([
    ['suppressed by a suppression of the policy', true, 'SUPPRESSED', record('ARCHIVED')],
    ['suppressed after Suture fixed it', false, 'SUPPRESSED', record('FIXED')],
    ['suppressed, and unknown to Suture', false, 'SUPPRESSED', undefined],
    ['suppressed after its suppression ended', false, 'SUPPRESSED', record('IGNORED')],
    ['notified, because it was fixed', true, 'NOTIFIED', record('FIXED')],
    ['notified, because it waits for approval', true, 'NOTIFIED', record('WAITING')],
    ['notified, because Suture gave up', true, 'NOTIFIED', record('FAILED', 'StillFailing')],
    ['notified, although its execution failed', false, 'NOTIFIED', record('FAILED', 'MemberAccessDenied')],
    ['notified, because its owner was told before it failed', true, 'NOTIFIED', record('FAILED', 'Stopped', TOLD)],
    ['notified, although Suture ignored it', false, 'NOTIFIED', record('IGNORED')],
    ['resolved, although Suture fixed it', false, 'RESOLVED', record('FIXED')],
  ])('%s: %s', (_, expected, status, of) => {
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

  it('is by account, without findings that Suture has hidden', async () => {
    const counts = { '333333333333': 2, '444444444444': 1 };
    expect(await counting([60_000, 60_000])).toEqual({ counts, isComplete: true });
  });

  it('is marked as incomplete when the time is up', async () => {
    expect(await counting([60_000, 29_000])).toEqual({ counts: { '333333333333': 2 }, isComplete: false });
  });
});

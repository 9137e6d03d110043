import { describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../../functions/ports/ledger-queries.ts';
import { recurrenceVerdict } from '../../../functions/recurring-findings/decide.ts';

const NOW = Date.parse('2026-11-22T06:00:00Z');
const hoursAgo = (hours: number) => new Date(NOW - hours * 3_600_000).toISOString();
const record = (more: Partial<LedgerRecord>) => ({ ofStatus: 'FIXED', reopened: 0, ...more }) as LedgerRecord;

describe('a NOTIFIED finding that still fails', () => {
  it.each([
    ['without a record', undefined, { kind: 'leave' }],
    ['fixed 23 hours ago', record({ settledAt: hoursAgo(23) }), { kind: 'leave' }],
    ['refused', record({ ofStatus: 'REFUSED', settledAt: hoursAgo(48) }), { kind: 'leave' }],
    ['waiting for a person', record({ ofStatus: 'WAITING' }), { kind: 'leave' }],
    ['fixed a day ago', record({ settledAt: hoursAgo(24) }), { kind: 'reopen', times: 1, counted: false }],
    [
      'compliant a day ago',
      record({ ofStatus: 'COMPLIANT', settledAt: hoursAgo(24) }),
      { kind: 'reopen', times: 1, counted: false },
    ],
    [
      'reopened once, and fixed after that',
      record({ settledAt: hoursAgo(25), reopened: 1, reopenedAt: hoursAgo(26) }),
      { kind: 'reopen', times: 2, counted: false },
    ],
    [
      'reopened twice, and fixed after that',
      record({ settledAt: hoursAgo(25), reopened: 2, reopenedAt: hoursAgo(26) }),
      { kind: 'giveUp', times: 2 },
    ],
    [
      'reopened since its fix, with a lost update',
      record({ settledAt: hoursAgo(48), reopened: 2, reopenedAt: hoursAgo(24) }),
      { kind: 'reopen', times: 2, counted: true },
    ],
    [
      'reopened twice long ago',
      record({ settledAt: hoursAgo(25), reopened: 2, reopenedAt: hoursAgo(31 * 24) }),
      { kind: 'reopen', times: 1, counted: false },
    ],
    ['given up', record({ ofStatus: 'FAILED', error: 'StillFailing', settledAt: hoursAgo(48) }), { kind: 'givenUp' }],
    [
      'failed with another error',
      record({ ofStatus: 'FAILED', error: 'Stopped', settledAt: hoursAgo(48) }),
      { kind: 'leave' },
    ],
  ])('%s', (_, given, verdict) => {
    expect(recurrenceVerdict(given, NOW)).toEqual(verdict);
  });
});

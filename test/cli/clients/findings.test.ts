import { describe, expect, it } from 'vitest';
import { parseFilter, parseStatus } from '../../../cli/clients/findings.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

describe('a filter', () => {
  it('takes a status in any case, with hyphens or underscores', () => {
    expect([parseStatus('rolled-back'), parseStatus('ROLLED_BACK'), parseStatus('Failed')]).toEqual([
      'ROLLED_BACK',
      'ROLLED_BACK',
      'FAILED',
    ]);
    expect(() => parseStatus('broken')).toThrow('There are: open, waiting, failed,');
  });
  it('refuses an account id without 12 digits', () => {
    expect(() => parseFilter({ account: '33333333333' }, NOW)).toThrow('12 digits');
  });
});

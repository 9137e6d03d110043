import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../cli/clients/findings.ts';
import { parseSeverity, parseStatus } from '../../../cli/options/status.ts';

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
  it('proposes the status and the severity that was meant', () => {
    expect(() => parseStatus('faild')).toThrow('There is no status "faild"; did you mean failed?');
    expect(parseSeverity('high')).toBe('HIGH');
    expect(() => parseSeverity('hihg')).toThrow('There is no severity "hihg"; did you mean HIGH?');
  });
  it('refuses an account id without 12 digits', () => {
    expect(() => parseFilter({ account: '33333333333' }, NOW)).toThrow('12 digits');
  });
});

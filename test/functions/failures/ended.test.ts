import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { endOf, tellsEnough } from '../../../functions/failures/ended.ts';

const AT = new Date('2026-11-22T06:00:00Z');
const event = (type: string, more: object = {}) => ({ type, timestamp: AT, ...more }) as HistoryEvent;
const job = {
  v: 1,
  execution: 'e',
  started: 's',
  route: 'remediate',
  reason: 'r',
  finding: { id: 'f', productArn: 'p' },
};
const entered = event('TaskStateEntered', {
  stateEnteredEventDetails: { name: 'Remediate', input: JSON.stringify(job) },
});
const thrown = (errorMessage: string) => JSON.stringify({ errorType: 'X', errorMessage, trace: [] });
const failed = (cause?: string) => event('ExecutionFailed', { executionFailedEventDetails: { error: 'X', cause } });

describe('the end of an execution', () => {
  it('is its error, the text of the function, the state, and how often that was tried', () => {
    const history = [
      failed(thrown('no')),
      event('TaskFailed'),
      event('TaskScheduled'),
      event('TaskScheduled'),
      entered,
    ];
    expect(endOf(history)).toMatchObject({
      kind: 'failed',
      made: job,
      failure: { error: 'X', message: 'no', state: 'Remediate', attempts: 2, at: AT.toISOString() },
    });
  });
  it.each([
    ['a cause that is no JSON', 'out of memory', 'out of memory'],
    ['a cause without a message', '{"a":1}', '{"a":1}'],
    ['no cause', undefined, 'no cause given'],
  ])('has the text of %s', (_, cause, message) => {
    expect(endOf([failed(cause), entered])).toMatchObject({ failure: { message } });
  });
  it('is none while it runs, perhaps again', () => {
    expect(endOf([event('TaskScheduled'), entered])).toBeUndefined();
    expect(endOf([])).toBeUndefined();
  });
  it('has no case where the state did not get one', () => {
    const triage = event('TaskStateEntered', { stateEnteredEventDetails: { name: 'Triage', input: '{"detail":{}}' } });
    expect(endOf([failed(), triage])).toMatchObject({ made: undefined, input: { detail: {} } });
  });
  it('takes reading on until the state shows', () => {
    expect(tellsEnough([failed(), event('TaskFailed')])).toBe(false);
    expect(tellsEnough([failed(), event('TaskFailed'), entered])).toBe(true);
    expect(tellsEnough([event('TaskScheduled')])).toBe(true);
  });
});

import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { executionEnd, isConclusive } from '../../../functions/aws/execution-end.ts';

const AT = new Date('2026-11-22T06:00:00Z');
const event = (type: string, more: object = {}) => ({ type, timestamp: AT, ...more }) as HistoryEvent;
const JOB = {
  v: 3,
  execution: 'e',
  started: 's',
  route: 'remediate',
  reason: 'r',
  finding: { id: 'f', productArn: 'p' },
};
const entered = event('TaskStateEntered', {
  stateEnteredEventDetails: { name: 'Remediate', input: JSON.stringify(JOB) },
});
const thrown = (errorMessage: string) => JSON.stringify({ errorType: 'X', errorMessage, trace: [] });
const failed = (cause?: string) => event('ExecutionFailed', { executionFailedEventDetails: { error: 'X', cause } });

describe('the end of an execution', () => {
  it('has the error, the message of the function, the state and its attempts', () => {
    const history = [
      failed(thrown('no')),
      event('TaskFailed'),
      event('TaskScheduled'),
      event('TaskScheduled'),
      entered,
    ];
    expect(executionEnd(history)).toMatchObject({
      kind: 'failed',
      job: JOB,
      failure: { error: 'X', message: 'no', state: 'Remediate', attempts: 2, at: AT.toISOString() },
    });
  });
  it.each([
    ['a cause that is not JSON', 'out of memory', 'out of memory'],
    ['a cause without a message', '{"a":1}', '{"a":1}'],
    ['no cause', undefined, 'no cause given'],
  ])('has the message of %s', (_, cause, message) => {
    expect(executionEnd([failed(cause), entered])).toMatchObject({ failure: { message } });
  });
  it('is undefined while the execution runs', () => {
    expect(executionEnd([event('TaskScheduled'), entered])).toBeUndefined();
    expect(executionEnd([])).toBeUndefined();
  });
  it("has no job if the state's input was not one", () => {
    const triage = event('TaskStateEntered', { stateEnteredEventDetails: { name: 'Triage', input: '{"detail":{}}' } });
    expect(executionEnd([failed(), triage])).toMatchObject({ job: undefined, input: { detail: {} } });
  });
  it('is conclusive only with the history back to the entry of the state', () => {
    expect(isConclusive([failed(), event('TaskFailed')])).toBe(false);
    expect(isConclusive([failed(), event('TaskFailed'), entered])).toBe(true);
    expect(isConclusive([event('TaskScheduled')])).toBe(true);
  });
});

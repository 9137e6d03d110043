import { expect, it } from 'vitest';
import { executionResultLines } from '../../../cli/output/execution-results.ts';

const result = (status: string, outcome: string) => ({ execution: `arn:${status}`, status, outcome, why: 'because' });

it('counts executions that have not ended apart, because they need not wait for a person', () => {
  expect(executionResultLines([result('SUCCEEDED', 'FIXED'), result('RUNNING', 'WAITING')])).toEqual([
    '1 fixed',
    '1 not ended yet: running, retried after an error, or waiting for a person or a window. How they end: suture list --since 1h',
  ]);
});

import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { unrecordedFailure } from '../../../cli/clients/finding-report.ts';

const EXECUTION = 'arn:aws:states:us-east-1:111111111111:execution:suture-remediate-finding:event-1';

function failureOf(statusCode: number, answer: object) {
  const aws = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: {
      handle: async () => ({ response: { statusCode, headers: {}, body: Buffer.from(JSON.stringify(answer)) } }),
    },
  };
  return unrecordedFailure({ aws: aws as never }, { lastExecution: EXECUTION });
}

describe('an execution whose end the ledger lacks', () => {
  it('has the error and the cause that Step Functions has', async () => {
    const cause = JSON.stringify({ errorMessage: 'Rate exceeded.' });
    const failed = { executionArn: EXECUTION, status: 'FAILED', error: 'Throttled', cause };
    expect(await failureOf(200, failed)).toEqual({ status: 'FAILED', outcome: 'Throttled', why: 'Rate exceeded.' });
  });
  it.each(['RUNNING', 'SUCCEEDED'])('has no failure if it is %s', async (status) => {
    expect(await failureOf(200, { executionArn: EXECUTION, status })).toBeUndefined();
  });
  it('is unknown to a person who may not ask, and other errors are thrown', async () => {
    expect(await failureOf(400, { __type: 'AccessDeniedException', message: 'no' })).toBe('not permitted');
    await expect(failureOf(400, { __type: 'InvalidArn', message: 'no' })).rejects.toThrow('no');
  });
});

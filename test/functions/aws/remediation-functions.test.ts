/** The proxy names functions that are missing or of another release. */
import { type LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InvokerSession } from '../../../functions/aws/invoker-session.ts';
import { remediationInvoker } from '../../../functions/aws/remediation-functions.ts';
import type { Job, JobWork } from '../../../functions/domain/job.ts';

const WORK = { remediation: 'ec2/x', mode: 'plan' } as JobWork;
const JOB = { execution: 'e', finding: { partition: 'aws' }, work: WORK } as unknown as Job;

beforeEach(() => {
  vi.stubEnv('SERVICE_ACCOUNT', '222222222222');
  vi.stubEnv('HOME_REGION', 'us-east-1');
});
afterEach(() => vi.unstubAllEnvs());

/** Invokes the function, which answers with `send`. */
async function invoked(send: () => unknown): Promise<unknown> {
  const session: InvokerSession = { use: (work) => work({ send: async () => send() } as unknown as LambdaClient) };
  return remediationInvoker(session)(JOB, WORK, { approvedUntil: undefined, ownerKeys: [] });
}
const answer = (payload: object, FunctionError?: string) => () => ({
  Payload: new TextEncoder().encode(JSON.stringify(payload)),
  FunctionError,
});
const failure = (errorType: string, errorMessage: string) => answer({ errorType, errorMessage }, 'Unhandled');

it('a missing function is StackOutdated', async () => {
  const missing = () => {
    throw new ResourceNotFoundException({ $metadata: {}, message: 'Function not found: x:live' });
  };
  await expect(invoked(missing)).rejects.toMatchObject({
    name: 'StackOutdated',
    message:
      'ResourceNotFoundException: Function not found: x:live\n' +
      'The remediation ec2/x is older than the workflow, or its function has no alias live: not yet.',
  });
});

it("a refusal of the request's version by the last release is StackOutdated", async () => {
  const words =
    'The remediation request has v 4, and only v 3 is understood; deploy all stacks of one release, then start the execution again.';
  await expect(invoked(failure('ConfigurationInvalid', words))).rejects.toMatchObject({
    name: 'StackOutdated',
    message: `${words}\nThe remediation ec2/x is older than the workflow: not yet.`,
  });
  const other = 'ec2/x was invoked for something else than triage permitted: no. The remediation request has v 4';
  await expect(invoked(failure('ConfigurationInvalid', other))).rejects.toMatchObject({
    name: 'ConfigurationInvalid',
    message: other,
  });
});

it('a result kind of a later release is StackOutdated too', async () => {
  await expect(invoked(failure('StackOutdated', 'not yet.'))).rejects.toMatchObject({ name: 'StackOutdated' });
  await expect(invoked(answer({ kind: 'postponed' }))).rejects.toMatchObject({
    name: 'StackOutdated',
    message: expect.stringContaining('The workflow is older than the remediation ec2/x: not yet.'),
  });
  expect(await invoked(answer({ kind: 'compliant', because: 'b' }))).toMatchObject({ kind: 'compliant' });
});

describe('a denied invocation is ConfigurationInvalid', () => {
  const denied = (why: string) => () => {
    const message = `User: arn:aws:sts::222222222222:assumed-role/suture-invoker/suture-proxy is not authorized to perform: lambda:InvokeFunction on resource: x ${why}`;
    throw Object.assign(new Error(message), { name: 'AccessDeniedException' });
  };
  it('and names the role whose foreign policy denies, which no deployment removes', async () => {
    const error = invoked(denied('with an explicit deny in an identity-based policy'));
    await expect(error).rejects.toMatchObject({
      name: 'ConfigurationInvalid',
      message: expect.stringContaining('aws iam list-role-policies --role-name suture-invoker'),
    });
    await expect(error).rejects.not.toThrow('Deploy SutureService');
  });
  it('and names the stack that grants it, if no policy allows it', async () => {
    await expect(
      invoked(denied('because no identity-based policy allows the lambda:InvokeFunction action')),
    ).rejects.toThrow('Deploy SutureService in the service account again: it grants this.');
  });
});

/**
 * Errors for a workflow and a remediation of different releases, which an upgrade has for minutes. Nothing was read or
 * written; the proxy waits until both are of one release. People see the last line of the message as the reason. Pure.
 */
import { SutureError } from '../contract/errors.ts';

export const remediationOutdated = (remediation: string, because: string, cause?: unknown): SutureError =>
  new SutureError('StackOutdated', `${because}\nThe remediation ${remediation} is older than the workflow: not yet.`, {
    cause,
  });

export const workflowOutdated = (remediation: string, because: string, cause?: unknown): SutureError =>
  new SutureError('StackOutdated', `${because}\nThe workflow is older than the remediation ${remediation}: not yet.`, {
    cause,
  });

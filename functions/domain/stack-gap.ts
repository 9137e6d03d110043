/**
 * Workflow and remediation of different releases, as they are for minutes of an upgrade. Nothing was read or written; the
 * proxy waits until both are of one release. The last line of the message is the reason that people see. Pure.
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

import type { Candidate } from './candidate.ts';
import { type Check, ignoreUnless } from './check.ts';

const CUSTOM_ACTION = 'Security Hub Findings - Custom Action';

const recordState: Check<Candidate> = ({ finding: { RecordState } }) =>
  ignoreUnless(RecordState === 'ACTIVE', 'RecordState', RecordState, `RecordState is ${RecordState}`);

/** A custom action accepts any workflow status, because a person chose the finding. */
const workflowStatus: Check<Candidate> = ({ event, finding }) => {
  const { Status } = finding.Workflow;
  const passed = Status === 'NEW' || event['detail-type'] === CUSTOM_ACTION;
  return ignoreUnless(passed, 'Workflow.Status', Status, `Workflow.Status is ${Status}`);
};

const complianceStatus: Check<Candidate> = ({ finding: { Compliance } }) => {
  const status = Compliance?.Status ?? 'absent';
  const passed = status === 'FAILED' || status === 'WARNING';
  return ignoreUnless(passed, 'Compliance.Status', status, `Compliance.Status is ${status}`);
};

export const NEWNESS_CHECKS: readonly Check<Candidate>[] = [recordState, workflowStatus, complianceStatus];

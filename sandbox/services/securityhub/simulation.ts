/** For tests and the lab: the actions of Security Hub's own controls, its administrators and operators. */
import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import { emitSecurityHubEvent, type StoredFinding, saveFinding, storeFinding, withCompliance } from './findings.ts';
import { type HubSettings, SECURITYHUB, type SecurityHubState, storedFindingKey } from './state.ts';

export function designateAdministrator(kernel: Kernel, { account, region }: { account: string; region: string }): void {
  const aggregatorArn = `arn:${kernel.partition}:securityhub:${region}:${account}:finding-aggregator/${kernel.uuid()}`;
  securityHubState(kernel).home = { account, region, aggregatorArn };
}

/** For tests: changes the administrator's settings. */
export function changeHubSettings(kernel: Kernel, changes: Partial<HubSettings>): void {
  Object.assign(securityHubState(kernel).settings, changes);
}

/** Disables Security Hub in one place, as the administrator of a self-managed account can. */
export function disableSecurityHub(kernel: Kernel, account: string, region: string): void {
  securityHubState(kernel).disabled.add(`${account}/${region}`);
}

export const putFinding = (kernel: Kernel, finding: AwsSecurityFinding): StoredFinding =>
  storeFinding(kernel, securityHubState(kernel), structuredClone(finding));

/** Adds a finding that Security Hub already has, so without an event. */
export function addKnownFinding(kernel: Kernel, finding: AwsSecurityFinding): void {
  securityHubState(kernel).findings.set(storedFindingKey(finding), structuredClone(finding));
}

export function findingById(kernel: Kernel, id: string): AwsSecurityFinding | undefined {
  const finding = lookUp(securityHubState(kernel), id);
  return finding && structuredClone(finding);
}

/** Sets compliance, workflow status and UpdatedAt, and emits the event. */
export function reevaluate(kernel: Kernel, id: string, status: 'PASSED' | 'FAILED'): StoredFinding {
  const state = securityHubState(kernel);
  return saveFinding(
    kernel,
    state,
    withCompliance(requireFinding(state, id), status, new Date(kernel.clock.now()).toISOString()),
  );
}

/** Sends up to 20 findings in one event, as an operator does in the console. */
export function sendToCustomAction(kernel: Kernel, actionTargetArn: string, ids: readonly string[]): void {
  const state = securityHubState(kernel);
  const target = state.actionTargets.get(actionTargetArn);
  if (!target)
    throw new AwsError('ResourceNotFoundException', `The action target ${actionTargetArn} was not found`, 404);
  if (ids.length > 20)
    throw new AwsError(
      'InvalidInputException',
      `At most 20 findings can be sent to a custom action, not ${ids.length}`,
    );
  const findings = ids.map((id) => requireFinding(state, id));
  const detail = { actionName: target.name, actionDescription: target.description, findings };
  emitSecurityHubEvent(kernel, state, 'Security Hub Findings - Custom Action', [actionTargetArn], detail);
}

/** Sets the share of findings, from 0 to 1, for which BatchUpdateFindings returns ConcurrentUpdateError. */
export function setUnprocessedRate(kernel: Kernel, rate: number): void {
  securityHubState(kernel).unprocessedRate = rate;
}

const securityHubState = (kernel: Kernel): SecurityHubState =>
  kernel.state(SECURITYHUB, { partition: kernel.partition, account: '', region: '' });

const lookUp = (state: SecurityHubState, id: string): AwsSecurityFinding | undefined =>
  state.findings.values().find((finding) => finding.Id === id);

function requireFinding(state: SecurityHubState, id: string): AwsSecurityFinding {
  const finding = lookUp(state, id);
  if (!finding) throw new Error(`Security Hub has no finding ${id}`);
  return finding;
}

/**
 * AWS Security Hub (CSPM) of an organization: findings of all accounts, seen from the administrator's home Region.
 * Every import and every update comes back as an event on the default bus there.
 */
import * as sdk from '@aws-sdk/client-securityhub';
import { AwsError, defineService, type Kernel } from '../../kernel/kernel.ts';
import { emit, type Kept, keep, reevaluated, store } from './findings.ts';
import { hubOperations } from './hub.ts';
import { batchImportFindings } from './import.ts';
import { getFindings } from './query.ts';
import { initialState, keyOf, type SecurityHubState } from './state.ts';
import { batchUpdateFindings } from './update.ts';

export const securityhub = defineService<typeof sdk, SecurityHubState>({
  name: 'securityhub',
  sdk,
  client: sdk.SecurityHubClient,
  prefix: 'securityhub',
  scope: 'partition',
  state: initialState,
  operations: {
    ...hubOperations,
    BatchUpdateFindings: batchUpdateFindings,
    BatchImportFindings: batchImportFindings,
    GetFindings: getFindings,
  },
});

type Finding = sdk.AwsSecurityFinding;

/** Makes an account the organization's administrator of Security Hub, with a home Region that aggregates all others. */
export function designateAdministrator(kernel: Kernel, { account, region }: { account: string; region: string }): void {
  const aggregatorArn = `arn:${kernel.partition}:securityhub:${region}:${account}:finding-aggregator/${kernel.uuid()}`;
  stateOf(kernel).home = { account, region, aggregatorArn };
}

/** Stores a finding as Security Hub stores those of its own controls, and emits its event. */
export const putFinding = (kernel: Kernel, finding: Finding): Kept =>
  store(kernel, stateOf(kernel), structuredClone(finding));

/** Security Hub has this finding already: nothing tells of it. */
export function knowFinding(kernel: Kernel, finding: Finding): void {
  stateOf(kernel).findings.set(keyOf(finding), structuredClone(finding));
}

/** A finding by its Id, as it is now. */
export function findingOf(kernel: Kernel, id: string): Finding | undefined {
  const finding = lookUp(stateOf(kernel), id);
  return finding && structuredClone(finding);
}

/** Security Hub checks the finding's control again: sets compliance, workflow status and UpdatedAt, and emits the event. */
export function reevaluate(kernel: Kernel, id: string, status: 'PASSED' | 'FAILED'): Kept {
  const state = stateOf(kernel);
  return keep(kernel, state, reevaluated(mustFind(state, id), status, new Date(kernel.clock.now()).toISOString()));
}

/** An operator sends findings, 20 at most, to a custom action: one event with all of them. */
export function sendToCustomAction(kernel: Kernel, actionTargetArn: string, ids: readonly string[]): void {
  const state = stateOf(kernel);
  const target = state.actionTargets.get(actionTargetArn);
  if (!target)
    throw new AwsError('ResourceNotFoundException', `The action target ${actionTargetArn} was not found`, 404);
  if (ids.length > 20)
    throw new AwsError('InvalidInputException', 'At most 20 findings can be sent to a custom action');
  const findings = ids.map((id) => mustFind(state, id));
  const detail = { actionName: target.name, actionDescription: target.description, findings };
  emit(kernel, state, 'Security Hub Findings - Custom Action', [actionTargetArn], detail);
}

/** Makes BatchUpdateFindings leave a share of its findings, 0 to 1, undone with ConcurrentUpdateError. */
export function setUnprocessedRate(kernel: Kernel, rate: number): void {
  stateOf(kernel).unprocessedRate = rate;
}

/** There is one state for all places. */
const stateOf = (kernel: Kernel): SecurityHubState =>
  kernel.state(securityhub, { partition: kernel.partition, account: '', region: '' });

const lookUp = (state: SecurityHubState, id: string): Finding | undefined =>
  state.findings.values().find((finding) => finding.Id === id);

function mustFind(state: SecurityHubState, id: string): Finding {
  const finding = lookUp(state, id);
  if (!finding) throw new Error(`Security Hub has no finding ${id}`);
  return finding;
}

/**
 * Does AWS's own work that `npm run smoke:aws` waits for: Config, Security Hub, and metrics in the logs of functions.
 */
import type { Kernel } from '../../sandbox/kernel/kernel.ts';
import { functionLogs } from '../../sandbox/runtime/logs.ts';
import { recordEmf } from '../../sandbox/services/cloudwatch/emf.ts';
import { EC2 } from '../../sandbox/services/ec2/state.ts';
import { findingById, putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { controlFinding } from './finding.ts';
import { LAB_NAMES } from './lab-names.ts';
import type { RunningOrganization } from './organization.ts';

const CONTROL = 'EC2.13';

type Organization = Pick<RunningOrganization, 'sandbox' | 'context'>;

/** Does the work that is due now. Call it repeatedly. */
export function playAws(organization: Organization, accounts: readonly string[]): void {
  reportSmokeGroup(organization, accounts);
  recordLoggedMetrics(organization);
}

const recordedLines = new WeakMap<Kernel, number>();

/** Records the metrics in the logs of functions, which the sandbox keeps but does not evaluate. */
function recordLoggedMetrics({ sandbox: { kernel }, context: { partition, homeRegion: region } }: Organization): void {
  const lines = functionLogs(kernel);
  for (const { account, line } of lines.slice(recordedLines.get(kernel) ?? 0))
    recordEmf(kernel, { partition, account, region }, line);
  recordedLines.set(kernel, lines.length);
}

/** Reports the security group of the run once. */
function reportSmokeGroup({ sandbox: { kernel }, context }: Organization, accounts: readonly string[]): void {
  const { partition, homeRegion: region } = context;
  for (const account of accounts) {
    const { groups, rules } = kernel.state(EC2, { partition, account, region });
    const group = groups.values().find(({ name }) => name === LAB_NAMES.own('smoke'));
    if (!group || !rules.values().some(({ groupId, from }) => groupId === group.id && from === 22)) continue;
    const resource = {
      Type: 'AwsEc2SecurityGroup',
      Id: `arn:${partition}:ec2:${region}:${account}:security-group/${group.id}`,
      Partition: partition as 'aws',
      Region: region,
    };
    const at = new Date(kernel.clock.now());
    const finding = controlFinding({ control: CONTROL, account, region, resource, name: group.id, at });
    if (!findingById(kernel, finding.Id)) putFinding(kernel, finding as never);
  }
}

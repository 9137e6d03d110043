import type { AppConfigClient } from '@aws-sdk/client-appconfig';
import { plain } from '../../../functions/domain/plain-text.ts';
import type { SuturePolicy } from '../../../functions/domain/policy.ts';
import type { OperatorEnvironment } from '../../clients/operator.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../../command.ts';
import type { Impact } from '../../forecast/impact.ts';
import type { AccountNames } from '../../names/account-name.ts';
import { jsonOption } from '../../options/standard.ts';
import { utcDay } from '../../output/utc-day.ts';
import type { PolicyComparison } from '../../policy/comparison.ts';

export type PolicyDiffOptions = OperatorEnvironment & {
  readonly json?: boolean;
  readonly impact?: boolean;
  readonly client?: AppConfigClient;
};

export default defineCommand<PolicyDiffOptions, [file?: string]>({
  name: 'diff',
  summary: 'show how a policy differs from the deployed one; ! marks what lets Suture write more',
  arguments: [{ name: '[file]', text: 'default: policy.yaml' }],
  options: [
    {
      flags: '--impact',
      text: 'also what it does to the findings that are open now, by account, and the ten riskiest',
    },
    jsonOption('one JSON object: deployed, changes, and with --impact impact'),
  ],
  notes: `
--impact asks Security Hub for the findings that are NEW and whose check fails, and lets triage's own code decide about each under
both policies: fixed, asked, only planned (observed), archived, or left. It uses the tags of the findings instead of the live
ones, and knows neither caps, circuits and windows nor whether a resource is still faulty. What was rolled back is left out.`.trim(),
  examples: ['suture policy diff', 'suture policy diff --impact wave-2.yaml'],
  access: SECURITY_ACCOUNT_ACCESS,
  run: (options, file) => diffCommand(file, options),
});

/** @throws UsageError if the file cannot be read, PolicyError if it is invalid */
export async function diffCommand(file: string | undefined, options: PolicyDiffOptions): Promise<string> {
  const { json, client } = options;
  const { readPolicyFile } = await import('../../policy/policy-file.ts');
  const { comparePolicies, comparisonText, deployedNumbers } = await import('../../policy/comparison.ts');
  const { policyStore } = await import('../../clients/policy.ts');
  const policy = await readPolicyFile(file);
  const store = await policyStore(client);
  const comparison = comparePolicies(await store.deployed(), policy);
  const { impact, names } = options.impact ? await impactOn(comparison, policy, options) : {};
  if (json) {
    const { changes } = comparison;
    return JSON.stringify({ deployed: deployedNumbers(comparison), changes, ...(impact && { impact }) }, null, 2);
  }
  if (!impact) return comparisonText(comparison);
  const { impactText } = await import('../../forecast/impact-text.ts');
  return [comparisonText(comparison), '', impactText(plain(impact), names)].join('\n');
}

async function impactOn(
  { live }: PolicyComparison,
  policy: SuturePolicy,
  options: PolicyDiffOptions,
): Promise<{ readonly impact: Impact; readonly names: AccountNames }> {
  const { resolveOperator } = await import('../../clients/operator.ts');
  const { listFindings } = await import('../../clients/findings.ts');
  const { failingFindings } = await import('../../clients/security-hub.ts');
  const { accountsOf, policyInForce, readOrganization } = await import('../../forecast/organization.ts');
  const { impactOf } = await import('../../forecast/impact.ts');
  const operator = await resolveOperator({ ...options, announce: undefined });
  const rolledBack = new Set<string>();
  for await (const { findingId } of listFindings(operator, { status: 'ROLLED_BACK' })) rolledBack.add(findingId);
  const findings: unknown[] = [];
  for await (const finding of failingFindings(operator, ['NEW']))
    if (!rolledBack.has(finding.Id ?? '')) findings.push(finding);
  const organization = await readOrganization(operator, accountsOf(findings));
  const today = utcDay(operator.now());
  const inForce = (each: SuturePolicy) => policyInForce(each, organization);
  const impact = impactOf(findings, { organization, today }, [inForce(live), inForce(policy)]);
  return { impact, names: organization.names };
}

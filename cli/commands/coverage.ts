import { plain, plainText } from '../../functions/domain/plain-text.ts';
import type { PolicyInForce } from '../../functions/domain/policy.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import { DIMENSIONS, type Dimension } from '../forecast/dimensions.ts';
import type { OrganizationView } from '../forecast/organization.ts';
import { jsonOption } from '../options/standard.ts';
import { utcDay } from '../output/utc-day.ts';

export type CoverageOptions = OperatorEnvironment & {
  readonly policy?: string;
  readonly by?: Dimension;
  readonly ou?: readonly string[];
  readonly json?: boolean;
  readonly output?: 'json' | 'csv';
  readonly show?: (text: string) => void;
};

export default defineCommand<CoverageOptions, [files: readonly string[]]>({
  name: 'coverage',
  heading: 'Policy',
  summary: 'count how many of the open findings policy handles, and what would handle more',
  arguments: [
    {
      name: '[file...]',
      text: 'findings (ASFF), events, arrays of them, or one a line; - is standard input (default: those of Security Hub)',
    },
  ],
  options: [
    { flags: '--policy <file>', text: 'a policy (default: the deployed one; for files, policy.yaml)' },
    { flags: '--by <dimension>', text: 'one table alone', choices: DIMENSIONS },
    {
      flags: '--ou <account=path>',
      text: 'for files, the unit of an account: 111122223333=/Workloads (default: /; repeatable)',
      repeatable: true,
    },
    { flags: '-o, --output <format>', text: 'json, or csv: the counts of each group', choices: ['json', 'csv'] },
    jsonOption('one JSON object: policy, total, effects, by, gains, closed, unlisted; like -o json'),
  ],
  notes: `
Findings are open if their check fails and nobody has archived or resolved them. handled: fixed, or asked about; observed: only
planned; exempt: archived or left by an exception; told: NOTIFIED, so that an owner or the next check is awaited; left: policy
says off, no remediation exists, or triage refuses. Triage's own code decides, with the finding's tags. With files, the command
makes no call to AWS. If standard output is not a terminal, one tab-separated line for each number.`.trim(),
  examples: [
    'suture coverage',
    'suture coverage --by account --policy wave-2.yaml',
    'aws securityhub get-findings --max-items 500 | suture coverage -',
  ],
  access: SECURITY_ACCOUNT_ACCESS,
  isOffline: (_, files) => files.length > 0,
  run: (options, files) => coverageCommand(files, options),
});

/** @throws UsageError if a file or the policy cannot be read */
export async function coverageCommand(files: readonly string[], options: CoverageOptions): Promise<string> {
  const { json, output = json ? 'json' : undefined, by, show = () => {} } = options;
  const { findings, organization, policy, name } = await (files.length > 0
    ? fromFiles(files, options)
    : fromSecurityHub(options));
  const { coverageOf } = await import('../forecast/coverage.ts');
  const { coverageCsv, coverageText } = await import('../forecast/coverage-text.ts');
  const today = utcDay((options.now ?? Date.now)());
  const coverage = coverageOf(findings, { policy, organization, today });
  const { unlisted } = organization;
  if (output === 'json') return JSON.stringify({ policy: name, ...coverage, unlisted }, null, 2);
  if (unlisted.length > 0) show(plainText(unlistedText(unlisted)));
  if (output === 'csv') return coverageCsv(plain(coverage));
  return coverageText(plain(coverage), name, by ? [by] : DIMENSIONS, organization.names);
}

type CoverageInput = {
  readonly findings: readonly unknown[];
  readonly organization: OrganizationView;
  readonly policy: PolicyInForce;
  readonly name: string;
};

async function fromFiles(files: readonly string[], options: CoverageOptions): Promise<CoverageInput> {
  const { policy: file, ou = [] } = options;
  const { entriesIn, findingsOf } = await import('../input/read-findings.ts');
  const { parseUnits } = await import('../options/units.ts');
  const { readPolicyFile } = await import('../policy/policy-file.ts');
  const { describedOrganization } = await import('../forecast/organization.ts');
  const paths = parseUnits(ou);
  const policy = await readPolicyFile(file);
  const findings = (await Promise.all(files.map(entriesIn))).flat().flatMap(findingsOf);
  return { findings, organization: describedOrganization(findings, paths), policy, name: file ?? 'policy.yaml' };
}

async function fromSecurityHub(options: CoverageOptions): Promise<CoverageInput> {
  if (options.ou) throw new UsageError('--ou is for files: the directory of the installation knows the units.');
  const { resolveOperator } = await import('../clients/operator.ts');
  const { failingFindings } = await import('../clients/security-hub.ts');
  const { accountsOf, policyInForce, readOrganization } = await import('../forecast/organization.ts');
  const operator = await resolveOperator(options);
  const { chosenPolicy } = await import('../policy/chosen-policy.ts');
  const { policy, name } = await chosenPolicy(options.policy, options);
  const findings: unknown[] = [];
  for await (const finding of failingFindings(operator, ['NEW', 'NOTIFIED'])) findings.push(finding);
  const organization = await readOrganization(operator, accountsOf(findings));
  return { findings, organization, policy: policyInForce(policy, organization), name };
}

const unlistedText = (accounts: readonly string[]): string =>
  `Taken for active accounts outside of every unit, because nobody listed them: ${accounts.join(', ')}.`;

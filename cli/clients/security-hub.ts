import {
  type AwsSecurityFinding,
  type AwsSecurityFindingFilters,
  GetFindingsCommand,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { isThrottling } from '../../functions/contract/errors.ts';
import { controlsOf } from '../../functions/domain/controls.ts';
import type { Finding } from '../../functions/domain/finding.ts';
import { DECLARATIONS } from '../../functions/remediations/declarations.generated.ts';
import { Interrupted } from '../errors/interrupted.ts';
import { batchesOf } from '../input/batches.ts';
import { parseTime } from '../options/time.ts';
import type { Operator } from './operator.ts';

const PAGE_INTERVAL_MS = 400;
/** After this many consecutive throttles the command fails; the pause doubles with each. */
const MAX_THROTTLES = 8;

export type NewFindingsQuery = {
  readonly control?: string;
  readonly account?: string;
  readonly severity?: string;
  readonly since?: string;
  readonly limit?: number;
};

const HANDLED_CONTROLS = new Set(DECLARATIONS.flatMap(({ handles }) => handles.controls as readonly string[]));

export const isHandledControl = (control: string): boolean => HANDLED_CONTROLS.has(control);

/** Returns the control of a finding: of several, the one that a remediation handles. */
export function controlOfFinding({ GeneratorId = '', Compliance }: AwsSecurityFinding): string | undefined {
  const names = controlsOf({ GeneratorId, Compliance: Compliance as Finding['Compliance'] });
  if (names.kind !== 'controls') return undefined;
  return names.controls.find(isHandledControl) ?? names.controls[0];
}

/** Reads all pages before it returns, because executions remove findings from the following pages. */
export async function collectNewFindings(operator: Operator, query: NewFindingsQuery): Promise<AwsSecurityFinding[]> {
  const findings: AwsSecurityFinding[] = [];
  for await (const finding of newFindings(operator, query)) {
    const isOfSecurityHub = /::product\/aws\/securityhub$/.test(finding.ProductArn ?? '');
    if (!isOfSecurityHub || !isHandledControl(controlOfFinding(finding) ?? '')) continue;
    findings.push(finding);
    if (findings.length === query.limit) break;
  }
  return findings;
}

/** Yields more than the query's control: no filter of GetFindings matches the names of controls in old standards. */
const newFindings = (operator: Operator, query: NewFindingsQuery): AsyncGenerator<AwsSecurityFinding> =>
  findingsMatching(operator, filtersOf(query, operator.now()));

/** Yields the findings of checks that fail, of every product, with one of these workflow statuses. */
export const failingFindings = (
  operator: Operator,
  statuses: readonly ('NEW' | 'NOTIFIED' | 'SUPPRESSED' | 'RESOLVED')[],
): AsyncGenerator<AwsSecurityFinding> =>
  findingsMatching(operator, { ...FAILING, WorkflowStatus: equals(...statuses) });

/**
 * Security Hub's quota for values of one filter.
 * https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFindingFilters.html
 */
const MAX_VALUES = 20;

/** Yields the findings with these ids whose check passes. */
export async function* passingFindings(operator: Operator, ids: readonly string[]): AsyncGenerator<AwsSecurityFinding> {
  for (const batch of batchesOf(ids, MAX_VALUES))
    yield* findingsMatching(operator, { Id: equals(...batch), ComplianceStatus: equals('PASSED') });
}

/** Reads at most three pages of a hundred findings a second, as Security Hub allows. */
async function* findingsMatching(
  { aws, sleep, progress, signal }: Operator,
  Filters: AwsSecurityFindingFilters,
): AsyncGenerator<AwsSecurityFinding> {
  const securityHub = new SecurityHubClient({ ...aws, maxAttempts: 3 });
  let NextToken: string | undefined;
  let count = 0;
  let throttles = 0;
  do {
    if (signal?.aborted) throw new Interrupted('Interrupted before anything was started.');
    try {
      const page = await securityHub.send(new GetFindingsCommand({ Filters, MaxResults: 100, NextToken }));
      yield* page.Findings ?? [];
      count += page.Findings?.length ?? 0;
      NextToken = page.NextToken;
      throttles = 0;
      progress(`looked at findings: ${count}`);
    } catch (error) {
      if (!isThrottling(error) || ++throttles > MAX_THROTTLES) throw error;
    }
    await sleep(PAGE_INTERVAL_MS * 2 ** throttles);
  } while (NextToken !== undefined || throttles > 0);
}

const equals = (...values: string[]) => values.map((Value) => ({ Value, Comparison: 'EQUALS' as const }));
const FAILING = { RecordState: equals('ACTIVE'), ComplianceStatus: equals('FAILED', 'WARNING') };

function filtersOf({ control, account, severity, since }: NewFindingsQuery, now: number): AwsSecurityFindingFilters {
  return {
    ...FAILING,
    WorkflowStatus: equals('NEW'),
    ...(control !== undefined && { ComplianceSecurityControlId: equals(control) }),
    ...(account !== undefined && { AwsAccountId: equals(account) }),
    ...(severity !== undefined && { SeverityLabel: equals(severity.toUpperCase()) }),
    ...(since !== undefined && {
      UpdatedAt: [{ Start: parseTime(since, now, '--since'), End: new Date(now).toISOString() }],
    }),
  };
}

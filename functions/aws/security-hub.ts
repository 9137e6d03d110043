import { BatchUpdateFindingsCommand, GetFindingsCommand, type SecurityHubClient } from '@aws-sdk/client-securityhub';
import { SECURITY_HUB_PRODUCT } from '../domain/finding.ts';
import { NOTE_AUTHOR } from '../domain/finding-update.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  FindFinding,
  NotifiedFindings,
  SecurityHub,
  SetAsideFinding,
  SetAsideFindings,
} from '../ports/security-hub.ts';

/** @param client without retries: the caller retries at its own pace */
export const securityHub = (client: SecurityHubClient): SecurityHub => ({
  async update({ status, note }, findings) {
    const { UnprocessedFindings = [] } = await client.send(
      new BatchUpdateFindingsCommand({
        FindingIdentifiers: findings.map(({ id, productArn }) => ({ Id: id, ProductArn: productArn })),
        ...(status && { Workflow: { Status: status } }),
        ...(note !== undefined && { Note: { Text: note.slice(0, 512), UpdatedBy: NOTE_AUTHOR } }),
      }),
    );
    return UnprocessedFindings.map(({ FindingIdentifier, ErrorCode, ErrorMessage }) => ({
      id: FindingIdentifier?.Id ?? '',
      productArn: FindingIdentifier?.ProductArn ?? '',
      code: ErrorCode ?? 'Unknown',
      because: `${ErrorCode}: ${ErrorMessage}`,
    }));
  },
});

export const findingLookup =
  (client: SecurityHubClient): FindFinding =>
  async ({ id, productArn }) => {
    const Filters = { Id: [equals(id)], ProductArn: [equals(productArn)] };
    const { Findings = [] } = await client.send(new GetFindingsCommand({ Filters, MaxResults: 1 }));
    return Findings[0];
  };

const LIST_PACE_MS = 400;
const equals = (Value: string) => ({ Value, Comparison: 'EQUALS' as const });
const FAILING = {
  RecordState: [equals('ACTIVE')],
  ComplianceStatus: [equals('FAILED'), equals('WARNING')],
};

/**
 * Security Hub's quota for values of one filter.
 * https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFindingFilters.html
 */
const MAX_VALUES = 20;

/**
 * Returns filters of findings by product: first Security Hub's own in the known Regions, which nobody can import, then
 * all others. So a flood of imported findings delays nothing of the known Regions.
 */
function productFilters(products: readonly string[]) {
  const own = [];
  for (let first = 0; first < products.length; first += MAX_VALUES)
    own.push(products.slice(first, first + MAX_VALUES).map(equals));
  const others = products.slice(0, MAX_VALUES).map((Value) => ({ Value, Comparison: 'NOT_EQUALS' as const }));
  return [...own, others].map((ProductArn) => ({ ProductArn }));
}

type ListingDeps = Pick<Clock, 'sleep'> & {
  /** ARNs of Security Hub's own product in the Regions that the installation names. */
  readonly products: readonly string[];
};

/** Returns one list for each filter of products. Read a list to its end before you update findings of the next one. */
export const notifiedFindings = (client: SecurityHubClient, deps: ListingDeps): NotifiedFindings[] =>
  productFilters(deps.products).map(
    (filter) =>
      async function* pages() {
        for await (const page of failingFindings(client, deps, filter, ['NOTIFIED'])) yield page.map(({ id }) => id);
      },
  );

export const setAsideFindings = (client: SecurityHubClient, deps: ListingDeps): SetAsideFindings =>
  async function* pages() {
    for (const filter of productFilters(deps.products))
      yield* failingFindings(client, deps, filter, ['NOTIFIED', 'RESOLVED', 'SUPPRESSED']);
  };

async function* failingFindings(
  client: SecurityHubClient,
  { sleep }: Pick<Clock, 'sleep'>,
  products: ReturnType<typeof productFilters>[number],
  statuses: readonly string[],
): AsyncGenerator<readonly SetAsideFinding[]> {
  const Filters = { ...FAILING, ...products, WorkflowStatus: statuses.map(equals) };
  let NextToken: string | undefined;
  do {
    const page = await client.send(new GetFindingsCommand({ Filters, MaxResults: 100, NextToken }));
    const own = (page.Findings ?? []).filter(({ ProductArn }) => SECURITY_HUB_PRODUCT.test(ProductArn ?? ''));
    yield own.map(({ Id, AwsAccountId, Workflow }) => ({
      id: Id!,
      account: AwsAccountId!,
      status: Workflow?.Status ?? '',
    }));
    NextToken = page.NextToken;
    await sleep(LIST_PACE_MS);
  } while (NextToken);
}

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
        Workflow: { Status: status },
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

export const notifiedFindings = (client: SecurityHubClient, clock: Pick<Clock, 'sleep'>): NotifiedFindings =>
  async function* pages() {
    for await (const page of failingFindings(client, clock, ['NOTIFIED'])) yield page.map(({ id }) => id);
  };

export const setAsideFindings =
  (client: SecurityHubClient, clock: Pick<Clock, 'sleep'>): SetAsideFindings =>
  () =>
    failingFindings(client, clock, ['NOTIFIED', 'RESOLVED', 'SUPPRESSED']);

async function* failingFindings(
  client: SecurityHubClient,
  { sleep }: Pick<Clock, 'sleep'>,
  statuses: readonly string[],
): AsyncGenerator<readonly SetAsideFinding[]> {
  const Filters = { ...FAILING, WorkflowStatus: statuses.map(equals) };
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

import { BatchUpdateFindingsCommand, GetFindingsCommand, type SecurityHubClient } from '@aws-sdk/client-securityhub';
import { NOTE_AUTHOR } from '../domain/finding-update.ts';
import type { Clock } from '../ports/clock.ts';
import type { FindFinding, NotifiedFindings, SecurityHub } from '../ports/security-hub.ts';

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
const FILTERS = {
  WorkflowStatus: [equals('NOTIFIED')],
  RecordState: [equals('ACTIVE')],
  ComplianceStatus: [equals('FAILED'), equals('WARNING')],
};

export const notifiedFindings = (client: SecurityHubClient, { sleep }: Pick<Clock, 'sleep'>): NotifiedFindings =>
  async function* pages() {
    let NextToken: string | undefined;
    do {
      const page = await client.send(new GetFindingsCommand({ Filters: FILTERS, MaxResults: 100, NextToken }));
      yield (page.Findings ?? []).map(({ Id }) => Id!);
      NextToken = page.NextToken;
      await sleep(LIST_PACE_MS);
    } while (NextToken);
  };

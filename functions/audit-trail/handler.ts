/** Audit trail: appends the ledger's changes, from its stream, to the chain in the locked bucket. */
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { s3AuditChain } from '../aws/audit-chain.ts';
import { environment } from '../aws/environment.ts';
import { logger } from '../aws/observe.ts';
import type { AuditLine, ChainHead } from '../domain/audit-chain.ts';
import { appendLines } from './append.ts';

let head: ChainHead | undefined;

export const handler = async ({ Records }: DynamoDBStreamEvent): Promise<void> => {
  const { AUDIT_BUCKET } = environment('AUDIT_BUCKET');
  const lines = Records.map(lineOf);
  if (lines.length === 0) return;
  head = await appendLines(lines, s3AuditChain(AUDIT_BUCKET), Date.now(), head);
  logger.info('appended', { link: head.sequence, lines: lines.length });
};

function lineOf({ eventID, eventName, dynamodb }: DynamoDBRecord): AuditLine {
  const { Keys, OldImage, NewImage, ApproximateCreationDateTime } = dynamodb!;
  return {
    id: eventID!,
    at: new Date(ApproximateCreationDateTime! * 1000).toISOString(),
    change: eventName!,
    pk: Keys!.pk!.S!,
    sk: Keys!.sk!.S!,
    before: OldImage,
    after: NewImage,
  };
}

import { describe, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import {
  FULL_CONTEXT,
  ownActions,
  resourcesOf,
  SAMPLE_CONTEXT,
  SECURITY_ACCOUNT,
  synthesizeTemplates,
} from './templates.ts';

const { template, templates } = synthesizeTemplates(REMEDIATIONS, FULL_CONTEXT);
const WRITES = /^dynamodb:(Put|Update|Delete|BatchWrite)Item$/;

/** Keys of lines, as `stops.ts` and `operations.ts` form them. */
const LINES = ['audit#stops', 'audit#operations', 'audit#operation#run'];

function mayWriteLines({ Action, Condition }: any): boolean {
  if (![Action].flat().some((action: string) => WRITES.test(action) || ['*', 'dynamodb:*'].includes(action)))
    return false;
  const keys = Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? '*';
  return [keys].flat().some((key: string) => {
    const pattern = new RegExp(`^${key.replaceAll('*', '.*')}$`);
    return LINES.some((line) => pattern.test(line));
  });
}

describe('lines of the audit trail', () => {
  it('can be written only by the API', () => {
    const writers = [...templates.values()].flatMap((each) =>
      resourcesOf(each, 'AWS::IAM::Role').filter(({ Properties }) =>
        (Properties.Policies ?? []).flatMap(({ PolicyDocument }: any) => PolicyDocument.Statement).some(mayWriteLines),
      ),
    );
    expect(writers.map(({ Properties }) => Properties.RoleName)).toEqual(['suture-api']);
  });
});

describe('the optional stack of the audit trail', () => {
  const audit = template('SutureAudit');

  it('exists only if the context asks for it, and so does the stream of the ledger', () => {
    const plain = synthesizeTemplates(REMEDIATIONS);
    expect([...plain.templates.keys()]).not.toContain('SutureAudit');
    const streams = (each: typeof audit) =>
      resourcesOf(each, 'AWS::DynamoDB::Table').map(({ Properties }) => Properties.StreamSpecification);
    expect(streams(plain.template('SutureLedger'))).toEqual([undefined]);
    expect(streams(template('SutureLedger'))).toEqual([{ StreamViewType: 'NEW_AND_OLD_IMAGES' }]);
    expect(SAMPLE_CONTEXT.audit).toBe(false);
  });

  it('allows the function only to read the stream, add links and report gaps', () => {
    expect(Object.keys(ownActions(audit, 'suture-audit-trail')).sort()).toEqual([
      'dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      's3:ListBucket',
      's3:PutObject s3:GetObject',
      'sqs:SendMessage',
    ]);
    expect(ownActions(audit, 'suture-audit-trail')['s3:PutObject s3:GetObject']).toBe(
      `arn:aws:s3:::suture-audit-${SECURITY_ACCOUNT}-eu-west-1/chain/*`,
    );
  });

  it('accepts each link once, only from this function', () => {
    const [policy] = resourcesOf(audit, 'AWS::S3::BucketPolicy');
    expect(policy!.Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Sid: 'OnlyItsWriters',
        Condition: {
          ArnNotLike: { 'aws:PrincipalArn': [`arn:aws:iam::${SECURITY_ACCOUNT}:role/suture/suture-audit-trail`] },
        },
      }),
    );
  });

  it('reads changes of findings, audit lines, stops, approvals, circuits, policies, proposals and address ranges', () => {
    const [source] = resourcesOf(audit, 'AWS::Lambda::EventSourceMapping');
    const { FilterCriteria, StartingPosition } = source!.Properties;
    expect(StartingPosition).toBe('TRIM_HORIZON');
    const prefixes = JSON.parse(FilterCriteria.Filters[0].Pattern).dynamodb.Keys.pk.S.map(({ prefix }: any) => prefix);
    expect(prefixes).toEqual([
      ...['finding#', 'audit#', 'stop', 'approvals', 'circuit'],
      ...['policy', 'proposals', 'ip-ranges'],
    ]);
  });
});

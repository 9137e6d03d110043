/**
 * Tables have the keys pk and sk, encryption and point-in-time recovery. DynamoDB's deletion protection is off: with it,
 * CloudFormation could not roll back a first deployment that failed.
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { CHANGED_AT, INDEXES, PROJECTED, PROJECTED_KEYS } from '../../functions/domain/ledger.ts';

export const retainedTable = (scope: Construct, id: string, tableName: string, key: IKey, streams?: boolean): Table =>
  new Table(scope, id, {
    tableName,
    ...(streams && { stream: StreamViewType.NEW_AND_OLD_IMAGES }),
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    timeToLiveAttribute: 'expires',
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });

export type LedgerTableOptions = {
  /** Adds a stream of changes, for the audit trail. */
  readonly streams: boolean;
  /** Creates only the first of the indexes, this many. Default: all. */
  readonly indexes?: number | undefined;
};

export function ledgerTable(
  scope: Construct,
  id: string,
  tableName: string,
  key: IKey,
  { streams, indexes }: LedgerTableOptions,
): Table {
  const table = retainedTable(scope, id, tableName, key, streams);
  const text = (name: string) => ({ name, type: AttributeType.STRING });
  const keys = (Object.keys(INDEXES) as (keyof typeof INDEXES)[]).slice(0, indexes);
  for (const name of keys) {
    const { name: indexName, sorted } = INDEXES[name];
    if (!sorted) {
      table.addGlobalSecondaryIndex({ indexName, partitionKey: text(name), projectionType: ProjectionType.KEYS_ONLY });
      continue;
    }
    const others = PROJECTED_KEYS.filter((other) => other !== name);
    table.addGlobalSecondaryIndex({
      indexName,
      partitionKey: text(name),
      sortKey: text(CHANGED_AT),
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: [...others, 'trace', ...PROJECTED],
    });
  }
  return table;
}

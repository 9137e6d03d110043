/** Begins and ends the stream of a table. */
import type { StreamSpecification, TableDescription } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../kernel/kernel.ts';
import { streamsAt } from '../dynamodbstreams/records.ts';
import { type DynamoDbAt, type DynamoDbTable, keyNames } from './state.ts';

/** @throws AwsError ValidationException if the table's stream is as wanted already */
export function setStream(at: DynamoDbAt, table: DynamoDbTable, specification: StreamSpecification): void {
  const { TableName, TableArn } = table.description;
  const current = streamOf(at, table);
  const isWanted = specification.StreamEnabled === true;
  if (isWanted === Boolean(current?.isEnabled))
    throw new AwsError(
      'ValidationException',
      `Table already has ${isWanted ? 'an' : 'no'} enabled stream: TableName: ${TableName}`,
    );
  if (current?.isEnabled) {
    current.isEnabled = false;
    return;
  }
  if (!specification.StreamViewType)
    throw new AwsError('ValidationException', 'One or more parameter values were invalid: StreamViewType is required');
  const label = new Date(at.kernel.clock.now()).toISOString().replace('Z', '');
  const arn = `${TableArn}/stream/${label}`;
  const { StreamViewType: view } = specification;
  streamsAt(at.kernel, at).set(arn, {
    arn,
    label,
    tableName: TableName!,
    view,
    keyNames: keyNames(table),
    isEnabled: true,
    written: 0,
    records: [],
  });
  table.streamArn = arn;
}

/** Disables the stream of a table that is deleted. */
export function endStream(at: DynamoDbAt, table: DynamoDbTable): void {
  const stream = streamOf(at, table);
  if (stream) stream.isEnabled = false;
}

export function describeStream(at: DynamoDbAt, table: DynamoDbTable): Partial<TableDescription> {
  const stream = streamOf(at, table);
  if (!stream) return {};
  return {
    LatestStreamArn: stream.arn,
    LatestStreamLabel: stream.label,
    ...(stream.isEnabled && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.view } }),
  };
}

const streamOf = (at: DynamoDbAt, { streamArn }: DynamoDbTable) =>
  streamArn === undefined ? undefined : streamsAt(at.kernel, at).get(streamArn);

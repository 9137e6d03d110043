/** Dynalite has the items; a table counts the writes to them. */
import { generated } from '../../kernel/comparison.ts';
import { locateByName } from '../locate.ts';
import type { DynamoDbState } from './state.ts';

/** Nobody can read the tokens of transactions. */
const comparable = ({ tokens: _, tables, ...state }: DynamoDbState): unknown => ({
  ...state,
  tables: new Map(
    // Recovery begins again each time it is enabled.
    [...tables].map(([name, table]) => [name, { ...table, recoverySince: generated(table.recoverySince) }]),
  ),
});

export const dynamodbComparison = { comparable, locate: locateByName({ 'table/': 'tables' }) };

/** Dynalite has the items; a table counts the writes to them. */
import { locateByName } from '../locate.ts';
import type { DynamoDbState } from './state.ts';

/** Nobody can read the tokens of transactions. */
const comparable = ({ tokens: _, ...state }: DynamoDbState): unknown => state;

export const dynamodbComparison = { comparable, locate: locateByName({ 'table/': 'tables' }) };

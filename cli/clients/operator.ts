/** The person who runs a command, and the installation that the credentials lead to. */
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import type { LedgerQueries } from '../../functions/ports/ledger-queries.ts';
import { callerOf } from './caller.ts';
import { installedNames } from './installed-names.ts';
import { withTableHint } from './ledger-table.ts';

export type OperatorEnvironment = {
  readonly aws?: Pick<DynamoDBClientConfig, 'endpoint' | 'region' | 'credentials'>;
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number, value?: undefined, options?: { signal?: AbortSignal }) => Promise<unknown>;
  readonly progress?: (line: string) => void;
  /** Prints account, Region and caller before the first call. */
  readonly announce?: () => Promise<void>;
  /** Ctrl-C aborts it: the current item is completed, and no other begins. */
  readonly signal?: AbortSignal;
};

export type Operator = Required<Omit<OperatorEnvironment, 'signal' | 'announce'>> & {
  readonly signal?: AbortSignal;
  readonly caller: string;
  readonly account: string;
  readonly partition: string;
  readonly region: string;
  readonly dynamo: DynamoDBClient;
  readonly ledger: LedgerQueries;
  readonly stateMachineArn: string;
};

/** Asks STS for the caller, and derives the installation's names from its account and Region. */
export async function resolveOperator({
  aws = {},
  now = Date.now,
  sleep = setTimeout,
  progress = () => {},
  announce,
  signal,
}: OperatorEnvironment): Promise<Operator> {
  await announce?.();
  const { caller, account, region } = await callerOf(aws);
  const partition = caller.split(':')[1]!;
  const names = installedNames();
  const dynamo = new DynamoDBClient(aws);
  return {
    aws,
    now,
    sleep,
    progress,
    signal,
    caller,
    account,
    partition,
    region,
    dynamo,
    ledger: withHints(ledgerQueries(names.ledgerTable, dynamo), dynamo),
    stateMachineArn: `arn:${partition}:states:${region}:${account}:stateMachine:${names.stateMachine}`,
  };
}

/** Errors of the result say what to do if the table does not exist. */
function withHints(queries: LedgerQueries, dynamo: DynamoDBClient): LedgerQueries {
  return new Proxy(queries, {
    get(target, name) {
      const query = Reflect.get(target, name);
      if (typeof query !== 'function') return query;
      return (...values: unknown[]) => withTableHint(dynamo, () => query.apply(target, values));
    },
  });
}

export const executionArn = ({ stateMachineArn }: Pick<Operator, 'stateMachineArn'>, name: string): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/** Whoever runs a command, the installation that the credentials lead to, and how time passes. */
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type LedgerQueries, ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import { LEDGER_TABLE, STATE_MACHINE } from '../../stacks/names.ts';
import { inLedger } from './stops.ts';

/** What a command may be given instead of the environment's: tests and other programs do. */
export type OperatorEnvironment = {
  readonly aws?: Pick<DynamoDBClientConfig, 'endpoint' | 'region' | 'credentials'>;
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
  /** What happens meanwhile, for people; never part of the answer. */
  readonly progress?: (line: string) => void;
  /** Aborted by Ctrl-C: the thing under way is brought to its end, and then no other begun. */
  readonly signal?: AbortSignal;
};

export type Operator = Required<Omit<OperatorEnvironment, 'signal'>> & {
  readonly signal?: AbortSignal;
  /** ARN of who signs. */
  readonly caller: string;
  readonly account: string;
  readonly partition: string;
  readonly region: string;
  readonly dynamo: DynamoDBClient;
  readonly ledger: LedgerQueries;
  readonly stateMachineArn: string;
};

export async function operatorIn({
  aws = {},
  now = Date.now,
  sleep = setTimeout,
  progress = () => {},
  signal,
}: OperatorEnvironment): Promise<Operator> {
  const sts = new STSClient(aws);
  const { Arn, Account } = await sts.send(new GetCallerIdentityCommand({}));
  const region = await sts.config.region();
  const partition = Arn!.split(':')[1]!;
  const dynamo = new DynamoDBClient(aws);
  return {
    aws,
    now,
    sleep,
    progress,
    signal,
    caller: Arn!,
    account: Account!,
    partition,
    region,
    dynamo,
    ledger: readable(ledgerQueries(LEDGER_TABLE, dynamo), dynamo),
    stateMachineArn: `arn:${partition}:states:${region}:${Account}:stateMachine:${STATE_MACHINE}`,
  };
}

/** The same queries, whose errors say what to do. */
function readable(queries: LedgerQueries, dynamo: DynamoDBClient): LedgerQueries {
  const entries = Object.entries(queries).map(([name, query]) => [
    name,
    (...given: unknown[]) => inLedger(dynamo, () => (query as (...all: unknown[]) => Promise<unknown>)(...given)),
  ]);
  return Object.fromEntries(entries);
}

export const executionArn = ({ stateMachineArn }: Pick<Operator, 'stateMachineArn'>, name: string): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

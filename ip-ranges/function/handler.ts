/** Keeps security groups and prefix lists equal to published ranges: after a message, once a day, or when people ask. */
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { Context } from 'aws-lambda';
import { environment } from '../../functions/aws/environment.ts';
import { logger, metrics } from '../../functions/aws/observe.ts';
import { type IpRangesAnswer, IpRangesCommand } from '../contract/command.ts';
import { IpRangesError } from '../contract/errors.ts';
import { ipRangesTargets } from '../contract/targets.ts';
import { download } from './download.ts';
import { expectedBy } from './fetch.ts';
import { dynamoIpRanges } from './ledger.ts';
import { answer, updateAll } from './orders.ts';

/** Left before Lambda ends the invocation, to log and to give back leases. */
const RESERVE_MS = 5_000;

const CLIENTS = { events: new EventBridgeClient({ maxAttempts: 3 }) };

/** @throws IpRangesError TargetsFailed, which names each; SutureError ServiceUnavailable without a sound document */
export const handler = async (event: unknown, context: Context): Promise<IpRangesAnswer> => {
  const [, partition = 'aws', , region = '', account = ''] = context.invokedFunctionArn.split(':');
  const { LEDGER_TABLE } = environment('LEDGER_TABLE');
  if (process.env.DEBUG === 'true') logger.setLogLevel('DEBUG');
  logger.appendKeys({ run: context.awsRequestId });
  const clock = {
    now: Date.now,
    sleep: setTimeout,
    random: Math.random,
    deadline: Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS,
  };
  const deps = {
    targets: ipRangesTargets(process.env, { account, region }).filter(({ retired }) => !retired),
    own: { partition, account, run: context.awsRequestId },
    ledger: dynamoIpRanges(LEDGER_TABLE, new DynamoDBClient({ region: process.env.LEDGER_REGION, maxAttempts: 3 })),
    clock,
    download: () => download(),
    events: CLIENTS.events,
  };
  try {
    const isCommand = typeof event === 'object' && event !== null && 'command' in event;
    return isCommand ? await answer(commandIn(event), deps) : await updateAll(expectedBy(event, Date.now()), deps);
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};

function commandIn(event: unknown): IpRangesCommand {
  const parsed = IpRangesCommand.safeParse(event);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new IpRangesError('CommandInvalid', `The command is not understood: ${problems.join('; ')}.`);
}

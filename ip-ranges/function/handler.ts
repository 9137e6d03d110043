/** Keeps security groups and prefix lists equal to published ranges: told by the topic, once a day, or asked by people. */
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { Context } from 'aws-lambda';
import { environment } from '../../functions/aws/environment.ts';
import { logger, metrics } from '../../functions/aws/observe.ts';
import { type IpRangesAnswer, IpRangesCommand } from '../contract/command.ts';
import { ipRangesTargets } from '../contract/targets.ts';
import { download } from './download.ts';
import { dynamoIpRanges } from './ledger.ts';
import { expectedBy, Notification } from './message.ts';
import { answered, updated } from './orders.ts';
import { eventsTo } from './report.ts';

/** Milliseconds before Lambda ends the invocation, for what is to be said then. */
const RESERVE = 5_000;

const clients = { events: new EventBridgeClient({ maxAttempts: 3 }) };

/** @throws IpRangesError TargetsFailed, which names each; SutureError ServiceUnavailable without a sound document */
export const handler = async (event: unknown, context: Context): Promise<IpRangesAnswer> => {
  const [, partition = 'aws', , region = '', account = ''] = context.invokedFunctionArn.split(':');
  const { LEDGER_TABLE } = environment('LEDGER_TABLE');
  if (process.env.DEBUG === 'true') logger.setLogLevel('DEBUG');
  logger.appendKeys({ run: context.awsRequestId });
  const tools = {
    targets: ipRangesTargets(process.env, { account, region }),
    own: { partition, account, run: context.awsRequestId },
    ledger: dynamoIpRanges(LEDGER_TABLE, new DynamoDBClient({ region: process.env.LEDGER_REGION, maxAttempts: 3 })),
    clock: {
      now: Date.now,
      sleep: setTimeout,
      random: Math.random,
      deadline: Date.now() + context.getRemainingTimeInMillis() - RESERVE,
    },
    download,
    publish: eventsTo(clients.events),
  };
  try {
    const command = IpRangesCommand.safeParse(event);
    if (command.success) return await answered(command.data, tools);
    const notification = Notification.safeParse(event);
    return await updated(notification.success ? expectedBy(notification.data) : undefined, tools);
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};

/** Keeps security groups and prefix lists equal to published ranges: after a message, once a day, or when people ask. */
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { environment } from '../../functions/aws/environment.ts';
import { logger, metrics } from '../../functions/aws/observe.ts';
import { RunId } from '../../functions/domain/api-runs.ts';
import { dynamoIpRangesRequests } from '../../functions/ledger/ip-ranges-requests.ts';
import { dynamoKillSwitch } from '../../functions/ledger/kill-switch.ts';
import { type IpRangesTarget, ipRangesTargets } from '../contract/targets.ts';
import { clientsOf } from './access.ts';
import { download } from './download.ts';
import { expectedBy } from './fetch.ts';
import { dynamoIpRanges } from './ledger.ts';
import { carryOutRequest, updateAll } from './orders.ts';
import { siteOf } from './site.ts';

/** Kept free before Lambda ends the invocation, to log and to release leases. */
const RESERVE_MS = 5_000;

const CLIENTS = { events: new EventBridgeClient({ maxAttempts: 3 }) };

/** An event of the API. The ledger has the request, and who made it. */
const RequestEvent = z.strictObject({ request: RunId });

/** @throws IpRangesError TargetsFailed, which names each; SutureError ServiceUnavailable without a sound document */
export const handler = async (event: unknown, context: Context): Promise<void> => {
  const [, partition = 'aws', , region = '', account = ''] = context.invokedFunctionArn.split(':');
  const { LEDGER_TABLE } = environment('LEDGER_TABLE');
  if (process.env.DEBUG === 'true') logger.setLogLevel('DEBUG');
  const run = context.awsRequestId;
  logger.appendKeys({ run });
  const dynamo = new DynamoDBClient({ region: process.env.LEDGER_REGION, maxAttempts: 3 });
  const stop = () => dynamoKillSwitch(LEDGER_TABLE, dynamo).read();
  const clock = {
    now: Date.now,
    sleep: setTimeout,
    random: Math.random,
    deadline: Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS,
  };
  const deps = {
    targets: ipRangesTargets(process.env, { account, region }).filter(({ retired }) => !retired),
    siteOf: async (target: IpRangesTarget) =>
      siteOf(target, await clientsOf(target, { partition, account, run }), { sleep: clock.sleep, stop }),
    run,
    ledger: dynamoIpRanges(LEDGER_TABLE, dynamo),
    requests: dynamoIpRangesRequests(LEDGER_TABLE, dynamo),
    stop,
    clock,
    download: () => download(),
    events: CLIENTS.events,
  };
  try {
    const request = RequestEvent.safeParse(event).data?.request;
    await (request === undefined ? updateAll(expectedBy(event, Date.now()), deps) : carryOutRequest(request, deps));
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};

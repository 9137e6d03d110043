/** The API: people start, replay, undo, redrive, stop and resume by it, each under the name that signed. */
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { sqsDeadLetters } from '../aws/dead-letters.ts';
import { environment } from '../aws/environment.ts';
import { findReplaySource, startEventReplay } from '../aws/event-replay.ts';
import { messagePublisher } from '../aws/events.ts';
import { INSTALLATION, NAMES } from '../aws/installation.ts';
import { sqsMessageLetters } from '../aws/message-letters.ts';
import { logger, metrics } from '../aws/observe.ts';
import { policyDeployments } from '../aws/policy-deployments.ts';
import { executionStarter, workflowExecutions } from '../aws/workflow-executions.ts';
import { isThrottling, isUnavailable } from '../contract/errors.ts';
import { ApiRequest, proxyResult, refusal, signerOf } from '../domain/api.ts';
import { SECURITY_HUB_PRODUCT } from '../domain/finding.ts';
import { MessagePlace } from '../domain/message-places.ts';
import type { PeopleMessage } from '../domain/people-message.ts';
import { SuturePolicy } from '../domain/policy.ts';
import { dynamoAccounts } from '../ledger/accounts.ts';
import { dynamoDb } from '../ledger/dynamodb.ts';
import { dynamoIpRangesRequests } from '../ledger/ip-ranges-requests.ts';
import { dynamoKillSwitch } from '../ledger/kill-switch.ts';
import { ledgerQueries } from '../ledger/ledger-queries.ts';
import { dynamoOperatorRuns } from '../ledger/operator-runs.ts';
import { dynamoPolicyGrants } from '../ledger/policy-grants.ts';
import { dynamoProposals } from '../ledger/proposals.ts';
import { executionToReplay, planReplayStep } from '../ledger/replay-step.ts';
import { REMEDIATIONS } from '../remediations/registry.generated.ts';
import { type ApiDeps, answerRequest } from './routes.ts';

const states = new SFNClient({ maxAttempts: 6 });
const sqs = new SQSClient({});
const lambda = new LambdaClient({});
const appConfig = new AppConfigClient({});
const events = new EventBridgeClient({});
const securityHub = new SecurityHubClient({ maxAttempts: 6 });

export const handler = async (event: unknown): Promise<APIGatewayProxyResult> => {
  const request = ApiRequest.parse(event);
  const { httpMethod: method, resource, pathParameters } = request;
  logger.appendKeys({ by: signerOf(request), method, resource, run: pathParameters?.run });
  try {
    const reply = await answerRequest(request, dependencies());
    metrics.addMetric(reply.status < 300 ? 'RequestsDone' : 'RequestsRefused', 'Count', 1);
    logger.info('request answered', { status: reply.status });
    return proxyResult(reply);
  } catch (error) {
    logger.error('request failed', { error: error as Error });
    if (!isThrottling(error) && !isUnavailable(error)) throw error;
    return proxyResult(refusal(503, 'AWS was busy. Run the same command again: it continues where it was.'));
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};

function dependencies(): ApiDeps {
  const { LEDGER_TABLE, STATE_MACHINE_ARN } = environment('LEDGER_TABLE', 'STATE_MACHINE_ARN');
  const [, partition, , region = '', account = ''] = STATE_MACHINE_ARN.split(':');
  return {
    installation: INSTALLATION,
    now: Date.now,
    home: { account, region },
    runs: dynamoOperatorRuns(LEDGER_TABLE),
    killSwitch: dynamoKillSwitch(LEDGER_TABLE),
    executions: executionStarter(states, STATE_MACHINE_ARN),
    deadLetters: sqsDeadLetters(sqs, lambda, `arn:${partition}:sqs:${region}:${account}:`),
    findings,
    tellPeople,
    messagePlaces: configuredPlaces(),
    messageLetters: sqsMessageLetters(sqs, INSTALLATION),
    publishMessage: (event) => messagePublisher(NAMES.eventBus)(event),
    record: (finding) => ledgerQueries(LEDGER_TABLE, dynamoDb()).record(finding),
    ipRanges: { requests: dynamoIpRangesRequests(LEDGER_TABLE), begin: updater(process.env.IP_RANGES_FUNCTION) },
    policies: policyDeployments(appConfig, policyIds()),
    grants: dynamoPolicyGrants(LEDGER_TABLE),
    proposals: dynamoProposals(LEDGER_TABLE),
    remediations: REMEDIATIONS,
    units: () => dynamoAccounts(LEDGER_TABLE, dynamoDb()).units(),
    onePerson: process.env.ONE_PERSON === 'true',
    async planReplay(finding, options, caller, freshness) {
      const ledger = ledgerQueries(LEDGER_TABLE, dynamoDb());
      const record = await ledger.record(finding);
      if (!record) return undefined;
      const execution = executionToReplay(record, await ledger.history(finding));
      const workflow = workflowExecutions(states, STATE_MACHINE_ARN);
      const accounts = dynamoAccounts(LEDGER_TABLE, dynamoDb());
      const policy = () => deployedPolicy(freshness?.maxPolicyAgeMs);
      const facts = { caller, now: Date.now, policy, accounts };
      return planReplayStep(record, execution, options, workflow, facts);
    },
    async startEventReplay(name, from, to, reason) {
      const source = await findReplaySource(events, NAMES);
      return startEventReplay(events, source, { name, from, to, reason });
    },
  };
}

/** A run plans ten replays a second, more often than AppConfig lists deployments. */
const POLICY_CACHE_MS = 15_000;
let cachedPolicy: { readonly policy: SuturePolicy | undefined; readonly readAt: number } | undefined;

async function deployedPolicy(maxAgeMs = POLICY_CACHE_MS): Promise<SuturePolicy | undefined> {
  const readAt = Date.now();
  if (cachedPolicy && readAt - cachedPolicy.readAt < maxAgeMs) return cachedPolicy.policy;
  const live = await policyDeployments(appConfig, policyIds()).live();
  const policy = SuturePolicy.safeParse(live?.content).data;
  cachedPolicy = { policy, readAt };
  return policy;
}

async function findings(ids: readonly string[]) {
  const Id = ids.map((Value) => ({ Value, Comparison: 'EQUALS' as const }));
  const { Findings = [] } = await securityHub.send(new GetFindingsCommand({ Filters: { Id }, MaxResults: 100 }));
  return Findings.filter(({ ProductArn }) => SECURITY_HUB_PRODUCT.test(ProductArn ?? ''));
}

async function tellPeople(message: PeopleMessage) {
  const { NOTIFY_FUNCTION: FunctionName } = environment('NOTIFY_FUNCTION');
  const Payload = JSON.stringify({ message });
  try {
    await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
  } catch (error) {
    logger.error('people not told', { error: error as Error });
    throw error;
  }
}

/** Absent: the installation has no places of messages. */
const configuredPlaces = (): readonly MessagePlace[] =>
  MessagePlace.array().parse(JSON.parse(process.env.MESSAGE_PLACES ?? '[]'));

/** The function may be in another Region. It gets the id alone, and reads the request from the ledger. */
function updater(FunctionName: string | undefined) {
  if (FunctionName === undefined) return undefined;
  const client = new LambdaClient({ region: FunctionName.split(':')[3] });
  return async (request: string) => {
    const Payload = JSON.stringify({ request });
    await client.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
  };
}

function policyIds() {
  const ids = environment('POLICY_APPLICATION', 'POLICY_ENVIRONMENT', 'POLICY_PROFILE', 'POLICY_STRATEGY');
  return {
    application: ids.POLICY_APPLICATION,
    environment: ids.POLICY_ENVIRONMENT,
    profile: ids.POLICY_PROFILE,
    strategy: ids.POLICY_STRATEGY,
  };
}

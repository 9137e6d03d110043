/** Every article of the runbook has an incident or a reason. Each shows itself as its alarm says, and ends when somebody mends it. */
import { readFile } from 'node:fs/promises';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionConcurrencyCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type ExecutionStatus, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusCommand } from '../../../cli/commands/status.ts';
import {
  alarmSettings,
  alarmsOf,
  bringAbout,
  endIncidents,
  type RunningIncident,
} from '../../../lab/incidents/bring-about.ts';
import { queueDepth } from '../../../lab/incidents/ends.ts';
import type { Incident } from '../../../lab/incidents/incident.ts';
import { HOUR } from '../../../lab/incidents/incident-end.ts';
import { Scene } from '../../../lab/incidents/scene.ts';
import {
  INCIDENTS,
  incidentList,
  incidentsProblem,
  NOT_BROUGHT_ABOUT,
  totalHours,
} from '../../../lab/incidents/table.ts';
import { limitFunctionInstances } from '../../../lab/organization/function-instances.ts';
import { LAB_NAMES } from '../../../lab/organization/lab-names.ts';
import { startPlaces } from '../../../lab/organization/optional-stacks.ts';
import { runOrganization, SAMPLE_MEMBERS } from '../../../lab/organization/organization.ts';
import { makeReady } from '../../../lab/organization/ready.ts';
import { pauseSchedules } from '../../../lab/organization/schedules.ts';
import { functionLogs } from '../../../sandbox/runtime/logs.ts';
import { deliveries } from '../../../sandbox/services/eventbridge/delivery-log.ts';
import { stateMachineArn } from '../../../stacks/names.ts';

const RUNBOOK = await readFile(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');
const ARTICLES = [...RUNBOOK.matchAll(/^## (.+)$/gm)].map(([, name]) => name!);

describe('the incidents', () => {
  const names = INCIDENTS.map(({ name }) => name);

  it('are one for each article of the runbook, or the article is among those that cannot be practised', () => {
    expect(ARTICLES.length).toBeGreaterThan(40);
    const missing = ARTICLES.filter((name) => !names.includes(name) && !(name in NOT_BROUGHT_ABOUT));
    expect(missing).toEqual([]);
    expect(Object.keys(NOT_BROUGHT_ABOUT).filter((name) => names.includes(name) || !ARTICLES.includes(name))).toEqual(
      [],
    );
  });

  it('are listed, and a name that none has is refused', () => {
    expect(incidentList().split('\n')).toHaveLength(names.length);
    expect(incidentsProblem(names)).toBeUndefined();
    expect(incidentsProblem(['triage-errors', 'triage-error'])).toMatch(/no incident triage-error\..*--incident list/);
  });

  it('have distinct names, all of which the runbook has', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !RUNBOOK.includes(name))).toEqual([]);
  });
});

let scene: Scene;
let places: Awaited<ReturnType<typeof startPlaces>>;
beforeAll(async () => {
  places = await startPlaces();
  const organization = await runOrganization(SAMPLE_MEMBERS, {
    ...places.options,
    start: Date.UTC(2026, 2, 3, 9, 10),
  });
  limitFunctionInstances(organization.sandbox.kernel);
  await makeReady(organization, SAMPLE_MEMBERS);
  const { securityAccount, serviceAccount } = organization.context;
  await pauseSchedules(organization.sandbox, [securityAccount, serviceAccount]);
  scene = new Scene(organization, places.receiver);
});
afterAll(async () => {
  await scene.sandbox.close();
  await places.close();
});

const alarmsIn = async (incident: Incident): Promise<MetricAlarm[]> => {
  const AlarmNames = alarmsOf(incident).map(LAB_NAMES.own);
  if (AlarmNames.length === 0) return [];
  const client = new CloudWatchClient(alarmSettings(scene, incident));
  return (await client.send(new DescribeAlarmsCommand({ AlarmNames }))).MetricAlarms!;
};
const status = async () => JSON.parse((await statusCommand(scene.operator())).text);

/** Changes that wait, read while the clock stands still. */
const waiting = async (): Promise<number> => (await scene.kernel.clock.during(status)).findings.WAITING;

/** What happened while an incident came about. */
class Since {
  readonly #began = scene.now();
  readonly #logs = functionLogs(scene.kernel).length;
  readonly #calls = scene.kernel.calls.length;
  readonly #deliveries = deliveries(scene.kernel).length;

  /** Whether the metric that an alarm watches had a datapoint beyond its threshold. */
  async crossed(alarm: MetricAlarm, incident: Incident): Promise<boolean> {
    const [{ MetricStat } = {}] = alarm.Metrics?.filter((each) => each.MetricStat) ?? [];
    const { Namespace, MetricName } = MetricStat?.Metric ?? alarm;
    const evidence =
      Namespace === LAB_NAMES.metrics.namespace ? this.#ownMetric : EVIDENCE[`${Namespace} ${MetricName}`];
    if (!evidence) throw new Error(`The test does not know the metric ${Namespace} ${MetricName}`);
    return evidence.call(this, alarm, incident);
  }

  lines(functionName: string | undefined) {
    return functionLogs(scene.kernel)
      .slice(this.#logs)
      .filter((each) => each.functionName === functionName);
  }
  async ended(statusFilter: ExecutionStatus): Promise<boolean> {
    const command = new ListExecutionsCommand({ stateMachineArn: stateMachineArn(scene.context), statusFilter });
    const { executions } = await new SFNClient(scene.security()).send(command);
    return executions!.some(({ stopDate }) => stopDate!.getTime() >= this.#began);
  }
  calls() {
    return scene.kernel.calls.slice(this.#calls);
  }
  failedDeliveries() {
    return deliveries(scene.kernel)
      .slice(this.#deliveries)
      .filter(({ outcome }) => outcome === 'dropped' || outcome === 'dead-lettered');
  }

  #ownMetric({ MetricName, Dimensions = [] }: MetricAlarm): boolean {
    const documents = functionLogs(scene.kernel)
      .slice(this.#logs)
      .filter(({ line }) => line.startsWith('{'))
      .map(({ line }) => JSON.parse(line));
    return documents.some(
      (each) =>
        '_aws' in each && Number(each[MetricName!]) > 0 && Dimensions.every(({ Name, Value }) => each[Name!] === Value),
    );
  }
}

const dimension = ({ Dimensions }: MetricAlarm, name: string) => Dimensions!.find(({ Name }) => Name === name)!.Value!;
const queueOf = (alarm: MetricAlarm, incident: Incident) =>
  queueDepth(scene, dimension(alarm, 'QueueName').slice(LAB_NAMES.own('').length), alarmSettings(scene, incident));

type Evidence = (this: Since, alarm: MetricAlarm, incident: Incident) => Promise<boolean> | boolean;
const EVIDENCE: Readonly<Record<string, Evidence>> = {
  'AWS/Lambda Errors'(alarm) {
    return this.lines(dimension(alarm, 'FunctionName')).some(({ line }) => /Invoke Error|Task timed out/.test(line));
  },
  async 'AWS/Lambda Throttles'(alarm) {
    const FunctionName = dimension(alarm, 'FunctionName');
    const lambda = new LambdaClient(scene.security());
    const { ReservedConcurrentExecutions } = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
    return ReservedConcurrentExecutions === 0;
  },
  async 'AWS/Lambda Invocations'(alarm) {
    const events = new EventBridgeClient(scene.security());
    const { Rules } = await events.send(new ListRulesCommand({ NamePrefix: dimension(alarm, 'FunctionName') }));
    return Rules!.every(({ State }) => State === 'DISABLED');
  },
  async 'AWS/Lambda IteratorAge'(alarm, incident) {
    const { Namespace, MetricName, Dimensions, Period, Statistic, Threshold } = alarm;
    const EndTime = new Date(scene.now());
    const StartTime = new Date(EndTime.getTime() - HOUR);
    const statistics = { Namespace, MetricName, Dimensions, Period, StartTime, EndTime, Statistics: [Statistic!] };
    const client = new CloudWatchClient(alarmSettings(scene, incident));
    const { Datapoints = [] } = await client.send(new GetMetricStatisticsCommand(statistics));
    return Datapoints.some(({ Maximum }) => Maximum! > Threshold!);
  },
  'AWS/States ExecutionsFailed'() {
    return this.ended('FAILED');
  },
  'AWS/States ExecutionsTimedOut'() {
    return this.ended('TIMED_OUT');
  },
  'AWS/States ExecutionsAborted'() {
    return this.ended('ABORTED');
  },
  'AWS/States ExecutionThrottled'() {
    return this.calls().some(({ operation, error }) => operation === 'StartExecution' && error !== null);
  },
  'AWS/SQS ApproximateNumberOfMessagesVisible': async (alarm, incident) => (await queueOf(alarm, incident)) > 0,
  'AWS/SQS ApproximateAgeOfOldestMessage': async (alarm, incident) => (await queueOf(alarm, incident)) > 0,
  /** The incident itself makes the request that the API answers with 5xx. */
  'AWS/ApiGateway 5XXError': (_alarm, { name }) => name.startsWith('api-'),
  'AWS/Events FailedInvocations'() {
    return this.failedDeliveries().length > 0;
  },
  'AWS/DynamoDB WriteThrottleEvents'() {
    return this.calls().some(
      ({ service, error }) => service === 'dynamodb' && /Throttl|Throughput/.test(String(error)),
    );
  },
};

it.each(INCIDENTS.map((incident) => [incident.name, incident] as const))(
  '%s shows itself, and is over when somebody has mended it',
  async (_, incident) => {
    const [since, began] = [new Since(), scene.now()];
    const running = await bringAbout(scene, [incident]);
    const [{ end }] = running as [RunningIncident];
    try {
      expect(scene.now() - began).toBeLessThan(totalHours([incident]) * HOUR);
      const alarms = await alarmsIn(incident);
      for (const alarm of alarms) {
        expect(alarm.StateValue).toBe('ALARM');
        expect(await since.crossed(alarm, incident), alarm.AlarmName).toBe(true);
      }
      if (alarms.length === 0) expect(await waiting()).toBeGreaterThan(0);
      await endIncidents(scene, running);
      expect(running).toMatchObject([{ isOver: false }]);
    } finally {
      await end.mend();
    }
    await endIncidents(scene, running);
    expect(running).toMatchObject([{ isOver: true }]);
    for (const { AlarmName, StateValue } of await alarmsIn(incident)) expect(StateValue, AlarmName).toBe('OK');
  },
);

it('the AWS CLI reads the logs of functions, by words', async () => {
  const logs = new CloudWatchLogsClient(scene.security());
  const about = (filterPattern: string, logGroupName = '/aws/lambda/suture-triage') =>
    logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern }));
  const { events = [] } = await about('"Invoke Error" PolicyUnavailable');
  expect(events.length).toBeGreaterThan(0);
  for (const { message } of events) expect(message).toMatch(/Invoke Error.*PolicyUnavailable/);
  expect((await about('nothing-has-this')).events).toEqual([]);
  await expect(about('{ $.level = "ERROR" }')).rejects.toThrow('the filter pattern');
  await expect(about('a', '/aws/lambda/none')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

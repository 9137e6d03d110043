/** Every article of the runbook has an incident or a reason. Each raises its alarm, and ends when somebody resolves it. */
import { readFile } from 'node:fs/promises';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
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
import { HOUR_MS } from '../../../functions/ledger/ledger-items.ts';
import { queueDepth } from '../../../lab/incidents/end-conditions.ts';
import type { Incident } from '../../../lab/incidents/incident.ts';
import { IncidentLab, SHOP } from '../../../lab/incidents/incident-lab.ts';
import { startWithIncidents } from '../../../lab/incidents/serve.ts';
import {
  ARTICLES_WITHOUT_INCIDENT,
  INCIDENT_GROUPS,
  INCIDENTS,
  incidentList,
  incidentsNamed,
  incidentsProblem,
  totalHours,
} from '../../../lab/incidents/table.ts';
import {
  alarmSettings,
  alarmsOf,
  endIncidents,
  type RunningIncident,
  triggerIncidents,
} from '../../../lab/incidents/trigger.ts';
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
    const missing = ARTICLES.filter((name) => !names.includes(name) && !(name in ARTICLES_WITHOUT_INCIDENT));
    expect(missing).toEqual([]);
    expect(
      Object.keys(ARTICLES_WITHOUT_INCIDENT).filter((name) => names.includes(name) || !ARTICLES.includes(name)),
    ).toEqual([]);
  });

  it('are listed, and a name that none has is refused', () => {
    expect(incidentsProblem(names)).toBeUndefined();
    expect(incidentsProblem(['triage-errors', 'triage-error'])).toMatch(
      /^There is no incident triage-error; did you mean triage-errors\?\nTo list them: .*--incident list$/,
    );
  });

  it('are listed under the headings of the runbook, whose articles they are, with a command to copy', () => {
    const articlesOf = new Map(
      RUNBOOK.split(/^# /m).map((part) => [
        part.split('\n')[0]!,
        [...part.matchAll(/^## (.+)$/gm)].map(([, name]) => name!),
      ]),
    );
    for (const { heading, incidents } of INCIDENT_GROUPS) {
      const elsewhere = ARTICLES.filter((name) => !articlesOf.get(heading)?.includes(name));
      expect(incidents.filter(({ name }) => elsewhere.includes(name)).map(({ name }) => name)).toEqual([]);
    }
    const lines = incidentList(80).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines).toContain('  npm run sandbox -- --incident executions-failed');
    expect(lines.filter((line) => INCIDENT_GROUPS.some(({ heading }) => heading === line))).toHaveLength(6);
    expect(lines.flatMap((line) => /^ {2}([\w.-]+) {2,}/.exec(line)?.[1] ?? []).toSorted()).toEqual(names.toSorted());
  });

  it('have distinct names, all of which the runbook has', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !RUNBOOK.includes(name))).toEqual([]);
  });
});

let lab: IncidentLab;
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
  lab = new IncidentLab(organization, places.receiver);
});
afterAll(async () => {
  await lab.sandbox.close();
  await places.close();
});

const alarmsIn = async (incident: Incident): Promise<MetricAlarm[]> => {
  const AlarmNames = alarmsOf(incident).map(LAB_NAMES.own);
  if (AlarmNames.length === 0) return [];
  const client = new CloudWatchClient(alarmSettings(lab, incident));
  return (await client.send(new DescribeAlarmsCommand({ AlarmNames }))).MetricAlarms!;
};
const status = async () => JSON.parse((await statusCommand(lab.operator())).text);

const alarmsOfStatus = async (): Promise<string[]> =>
  (await lab.kernel.clock.during(status)).alarms.map(({ name }: { name: string }) => name);

/** Changes that wait, read while the clock stands still. */
const waiting = async (): Promise<number> => (await lab.kernel.clock.during(status)).findings.WAITING;

/** Evidence of what happened since an incident began. */
class Since {
  readonly #began = lab.now();
  readonly #logs = functionLogs(lab.kernel).length;
  readonly #calls = lab.kernel.calls.length;
  readonly #deliveries = deliveries(lab.kernel).length;
  readonly #messages = new Map<string, number>();

  /** Counts the messages of the queues first: those of an earlier incident are no evidence. */
  async countMessages(incident: Incident): Promise<void> {
    for (const alarm of await alarmsIn(incident))
      if (alarm.Namespace === 'AWS/SQS') this.#messages.set(alarm.AlarmName!, await queueOf(alarm, incident));
  }
  async hasNewMessages(alarm: MetricAlarm, incident: Incident): Promise<boolean> {
    return (await queueOf(alarm, incident)) > this.#messages.get(alarm.AlarmName!)!;
  }

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
    return functionLogs(lab.kernel)
      .slice(this.#logs)
      .filter((each) => each.functionName === functionName);
  }
  async ended(statusFilter: ExecutionStatus): Promise<boolean> {
    const command = new ListExecutionsCommand({ stateMachineArn: stateMachineArn(lab.context), statusFilter });
    const { executions } = await new SFNClient(lab.security()).send(command);
    return executions!.some(({ stopDate }) => stopDate!.getTime() >= this.#began);
  }
  calls() {
    return lab.kernel.calls.slice(this.#calls);
  }
  failedDeliveries() {
    return deliveries(lab.kernel)
      .slice(this.#deliveries)
      .filter(({ outcome }) => outcome === 'dropped' || outcome === 'dead-lettered');
  }

  #ownMetric({ MetricName, Dimensions = [] }: MetricAlarm): boolean {
    const documents = functionLogs(lab.kernel)
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
  queueDepth(lab, dimension(alarm, 'QueueName').slice(LAB_NAMES.own('').length), alarmSettings(lab, incident));

type Evidence = (this: Since, alarm: MetricAlarm, incident: Incident) => Promise<boolean> | boolean;
const EVIDENCE: Readonly<Record<string, Evidence>> = {
  'AWS/Lambda Errors'(alarm) {
    return this.lines(dimension(alarm, 'FunctionName')).some(({ line }) => /Invoke Error|Task timed out/.test(line));
  },
  async 'AWS/Lambda Throttles'(alarm) {
    const FunctionName = dimension(alarm, 'FunctionName');
    const lambda = new LambdaClient(lab.security());
    const { ReservedConcurrentExecutions } = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
    return ReservedConcurrentExecutions === 0;
  },
  async 'AWS/Lambda Invocations'(alarm) {
    const events = new EventBridgeClient(lab.security());
    const { Rules } = await events.send(new ListRulesCommand({ NamePrefix: dimension(alarm, 'FunctionName') }));
    return Rules!.every(({ State }) => State === 'DISABLED');
  },
  async 'AWS/Lambda IteratorAge'(alarm, incident) {
    const { Namespace, MetricName, Dimensions, Period, Statistic, Threshold } = alarm;
    const EndTime = new Date(lab.now());
    const StartTime = new Date(EndTime.getTime() - HOUR_MS);
    const statistics = { Namespace, MetricName, Dimensions, Period, StartTime, EndTime, Statistics: [Statistic!] };
    const client = new CloudWatchClient(alarmSettings(lab, incident));
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
  'AWS/SQS ApproximateNumberOfMessagesVisible'(alarm, incident) {
    return this.hasNewMessages(alarm, incident);
  },
  'AWS/SQS ApproximateAgeOfOldestMessage'(alarm, incident) {
    return this.hasNewMessages(alarm, incident);
  },
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
  '%s raises its alarms, and is over when somebody has resolved it',
  async (_, incident) => {
    const [since, began] = [new Since(), lab.now()];
    await since.countMessages(incident);
    const running = await triggerIncidents(lab, [incident]);
    const [{ end }] = running as [RunningIncident];
    try {
      expect(lab.now() - began).toBeLessThan(totalHours([incident]) * HOUR_MS);
      const alarms = await alarmsIn(incident);
      for (const alarm of alarms) {
        expect(alarm.StateValue).toBe('ALARM');
        expect(JSON.parse(alarm.StateReasonData!)).toMatchObject({ version: '1.0', threshold: alarm.Threshold });
        expect(await since.crossed(alarm, incident), alarm.AlarmName).toBe(true);
      }
      if (alarms.length === 0) expect(await waiting()).toBeGreaterThan(0);
      if (incident.alarmsAt !== 'service')
        expect(await alarmsOfStatus()).toEqual(expect.arrayContaining(alarms.map(({ AlarmName }) => AlarmName)));
      await endIncidents(lab, running);
      expect(running).toMatchObject([{ isOver: false }]);
    } finally {
      await end.resolve();
    }
    await endIncidents(lab, running);
    expect(running).toMatchObject([{ isOver: true }]);
    for (const { AlarmName, StateValue } of await alarmsIn(incident)) expect(StateValue, AlarmName).toBe('OK');
  },
);

it('the event history has who started executions with forged findings', async () => {
  await lab.kernel.clock.advance(10 * 60_000);
  const [began, finding] = [lab.now(), await lab.arrange('EC2.13')];
  await lab.process(finding);
  await incidentsNamed(['findings-rejected'])[0]!.trigger(lab);
  await lab.kernel.clock.advance(5 * 60_000);
  const { Events = [] } = await new CloudTrailClient(lab.security()).send(
    new LookupEventsCommand({
      LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'StartExecution' }],
      // Times of events have whole seconds.
      StartTime: new Date(began - 1_000),
    }),
  );
  const byRules = Events.filter(({ CloudTrailEvent }) =>
    CloudTrailEvent!.includes('assumed-role/suture-finding-rules/'),
  );
  expect(byRules).toHaveLength(1);
  const others = Events.filter((event) => !byRules.includes(event)).map(({ Username }) => Username);
  expect(others).toEqual(['administrator', 'administrator', 'administrator']);
});

it('the event history of the account has the calls of an unexplained session', async () => {
  await incidentsNamed(['unexplained-sessions'])[0]!.trigger(lab);
  await lab.kernel.clock.advance(5 * 60_000);
  const { Events = [] } = await new CloudTrailClient(lab.sandbox.administrator(SHOP)).send(
    new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'Username', AttributeValue: 'maintenance' }] }),
  );
  expect(Events[0]).toMatchObject({ EventName: 'DescribeSecurityGroups', EventSource: 'ec2.amazonaws.com' });
  expect(Events[0]!.CloudTrailEvent).toContain('assumed-role/suture-member/maintenance');
});

it('the AWS CLI reads the logs of functions, by words', async () => {
  const logs = new CloudWatchLogsClient(lab.security());
  const about = (filterPattern: string, logGroupName = '/aws/lambda/suture-triage') =>
    logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern }));
  const { events = [] } = await about('"Invoke Error" PolicyUnavailable');
  expect(events.length).toBeGreaterThan(0);
  for (const { message } of events) expect(message).toMatch(/Invoke Error.*PolicyUnavailable/);
  expect((await about('nothing-has-this')).events).toEqual([]);
  await expect(about('{ $.level = "ERROR" }')).rejects.toThrow('the filter pattern');
  await expect(about('a', '/aws/lambda/none')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

describe('several incidents at once', () => {
  const start = (...names: string[]) => startWithIncidents(incidentsNamed(names), 0, () => {});

  it('take no longer than they say, although executions of one wait for a day', async () => {
    const { organization, started } = await start('finding-updates-dlq', 'finding-updates-refused');
    expect(Math.abs(organization.sandbox.kernel.clock.now() - Date.now())).toBeLessThan(1_000);
    await organization.sandbox.close();
    await started.close();
  });

  it('are refused by name if one makes another take longer than it has', async () => {
    const [first, second] = incidentsNamed(['function-throttled', 'finding-updates-refused']) as [Incident, Incident];
    await expect(startWithIncidents([first, { ...second, hours: 0.01 }], 0, () => {})).rejects.toThrow(
      /^\S+ does not happen together with \S+: what one of them breaks makes the other wait for hours\. Give fewer of them\.$/,
    );
  });

  it('are refused by name if one keeps another from happening', async () => {
    await expect(start('policy-unavailable', 'journal-differs')).rejects.toThrow(
      /^journal-differs does not happen together with policy-unavailable: what one of them breaks is needed for the other\. Give fewer of them\.$/,
    );
  });

  it('happen as the guide has them', async () => {
    const [, names = ''] = /--incident ([\w-]+(?:,[\w-]+)+)/.exec(await readFile('docs/try.md', 'utf8')) ?? [];
    expect(names.split(',').length).toBeGreaterThan(1);
    const { organization, started } = await start(...names.split(','));
    expect(started.incidents).toHaveLength(names.split(',').length);
    await organization.sandbox.close();
    await started.close();
  });

  it.each([
    ['ip-ranges-errors', 'ip-ranges-failed', 'ip-ranges-refused', 'ip-ranges-orphans', 'ip-ranges-targets-failed'],
    ['ip-ranges-refused', 'ip-ranges-orphans', 'ip-ranges-targets-failed'],
    ['ip-ranges-errors', 'ip-ranges-refused'],
  ])('are refused by name if one hides another: %s, %s, …', async (...names) => {
    await expect(start(...names)).rejects.toThrow(
      /^ip-ranges-\S+( ip-ranges-\S+)* do(es)? not happen together with ip-ranges-[^:]+: [a-z ,]+\. Give fewer of them\.$/,
    );
  });
});

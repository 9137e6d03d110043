/** Triggers incidents in an organization, and ends their alarms when a person has resolved them. */

import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type MetricAlarm,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import type { ClientSettings } from '../../sandbox/index.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import type { Incident } from './incident.ts';
import type { IncidentEnd } from './incident-end.ts';
import type { IncidentLab } from './incident-lab.ts';

export type RunningIncident = {
  readonly incident: Incident;
  readonly end: IncidentEnd;
  isOver: boolean;
};

/** Triggers the incidents one after the other, and sets their alarms. */
export async function triggerIncidents(lab: IncidentLab, incidents: readonly Incident[]): Promise<RunningIncident[]> {
  const running: RunningIncident[] = [];
  for (const incident of incidents) {
    lab.begin();
    const end = await incident.trigger(lab);
    await setAlarms(lab, incident, 'ALARM');
    running.push({ incident, end, isOver: false });
  }
  return running;
}

/** Sets the alarms of resolved incidents to OK, unless an open incident has them too. Call it repeatedly. */
export async function endIncidents(lab: IncidentLab, running: readonly RunningIncident[]): Promise<void> {
  for (const each of running) {
    if (each.isOver || !(await each.end.isOver())) continue;
    each.isOver = true;
    const ringing = running.filter(({ isOver }) => !isOver).flatMap(({ incident }) => alarmsOf(incident));
    const alarms = alarmsOf(each.incident).filter((name) => !ringing.includes(name));
    await setAlarms(lab, { ...each.incident, alarms }, 'OK');
  }
}

/** Whether every alarm of the incident is in ALARM. */
export async function areRinging(lab: IncidentLab, incident: Incident): Promise<boolean> {
  const AlarmNames = alarmsOf(incident).map((name) => LAB_NAMES.own(name));
  if (AlarmNames.length === 0) return true;
  const cloudWatch = new CloudWatchClient(alarmSettings(lab, incident));
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames, StateValue: 'ALARM' }));
  return MetricAlarms.length === AlarmNames.length;
}

export const alarmsOf = ({ name, alarms = [name] }: Incident): readonly string[] => alarms;

export function alarmSettings({ sandbox, context }: IncidentLab, { alarmsAt = 'security' }: Incident): ClientSettings {
  const { securityAccount, serviceAccount, ipRanges, homeRegion } = context;
  if (alarmsAt === 'service') return sandbox.administrator(serviceAccount);
  const region = alarmsAt === 'ip-ranges' ? (ipRanges?.region as string | undefined) : undefined;
  return sandbox.administrator(securityAccount, region ?? homeRegion);
}

/**
 * Sets the state of alarms, because the sandbox does not evaluate metrics. Subscribers get the message, as in AWS.
 */
async function setAlarms(lab: IncidentLab, incident: Incident, StateValue: 'ALARM' | 'OK'): Promise<void> {
  const cloudWatch = new CloudWatchClient(alarmSettings(lab, incident));
  const AlarmNames = alarmsOf(incident).map((name) => LAB_NAMES.own(name));
  if (AlarmNames.length === 0) return;
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames }));
  for (const AlarmName of AlarmNames) {
    const alarm = MetricAlarms.find((each) => each.AlarmName === AlarmName);
    if (!alarm) throw new Error(`${incident.name}: there is no alarm ${AlarmName}`);
    const reason = reasonOf(StateValue, alarm, lab.now());
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, ...reason }));
  }
}

type Watched = Pick<MetricAlarm, 'ComparisonOperator' | 'Threshold' | 'Statistic' | 'Period'>;

/** Returns reasons as CloudWatch writes them, with a value just beyond the threshold, or just back. */
function reasonOf(state: 'ALARM' | 'OK', { ComparisonOperator, Threshold = 0, ...metric }: Watched, now: number) {
  const isLess = ComparisonOperator?.startsWith('Less') ?? false;
  const [okValue, alarmValue] = isLess ? [Threshold + 1, Threshold - 1] : [Threshold, Threshold + 1];
  const value = state === 'OK' ? okValue : alarmValue;
  const at = new Date(now).toLocaleString('en-GB', { timeZone: 'UTC' }).replace(',', '');
  const comparison = `${isLess ? 'less' : 'greater'} than the threshold`;
  const was = state === 'OK' ? 'was not' : 'was';
  const period = metric.Period ?? 60;
  const dateAt = (time: number) => new Date(time).toISOString().replace('Z', '+0000');
  const data = {
    ...{ version: '1.0', queryDate: dateAt(now), startDate: dateAt(now - period * 1000) },
    ...{ statistic: metric.Statistic, period, recentDatapoints: [value], threshold: Threshold },
  };
  return {
    StateReason: `Threshold Crossed: 1 datapoint [${value.toFixed(1)} (${at})] ${was} ${comparison} (${Threshold.toFixed(1)}).`,
    StateReasonData: JSON.stringify(data),
  };
}

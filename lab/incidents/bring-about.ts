/** Brings incidents about in an organization, and ends their alarms when a person has mended them. */

import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import type { ClientSettings } from '../../sandbox/index.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import type { Incident } from './incident.ts';
import type { IncidentEnd } from './incident-end.ts';
import type { Scene } from './scene.ts';

export type RunningIncident = {
  readonly incident: Incident;
  readonly end: IncidentEnd;
  isOver: boolean;
};

/** Returns after the alarms of all incidents ring. */
export async function bringAbout(scene: Scene, incidents: readonly Incident[]): Promise<RunningIncident[]> {
  const running: RunningIncident[] = [];
  for (const incident of incidents) {
    const end = await incident.bringAbout(scene);
    await setAlarms(scene, incident, 'ALARM');
    running.push({ incident, end, isOver: false });
  }
  return running;
}

/** Sets the alarms of incidents whose end has come to OK, unless another incident has them too. Call it repeatedly. */
export async function endIncidents(scene: Scene, running: readonly RunningIncident[]): Promise<void> {
  for (const each of running) {
    if (each.isOver || !(await each.end.isOver())) continue;
    each.isOver = true;
    const ringing = running.filter(({ isOver }) => !isOver).flatMap(({ incident }) => alarmsOf(incident));
    const alarms = alarmsOf(each.incident).filter((name) => !ringing.includes(name));
    await setAlarms(scene, { ...each.incident, alarms }, 'OK');
  }
}

export const alarmsOf = ({ name, alarms = [name] }: Incident): readonly string[] => alarms;

export function alarmSettings({ sandbox, context }: Scene, { alarmsAt = 'security' }: Incident): ClientSettings {
  const { securityAccount, serviceAccount, ipRanges, homeRegion } = context;
  if (alarmsAt === 'service') return sandbox.administrator(serviceAccount);
  const region = alarmsAt === 'ip-ranges' ? (ipRanges?.region as string | undefined) : undefined;
  return sandbox.administrator(securityAccount, region ?? homeRegion);
}

/**
 * Sets alarms with CloudWatch's words, because the sandbox does not evaluate metrics. Subscribers get the message, as
 * in AWS.
 */
async function setAlarms(scene: Scene, incident: Incident, StateValue: 'ALARM' | 'OK'): Promise<void> {
  const cloudWatch = new CloudWatchClient(alarmSettings(scene, incident));
  const AlarmNames = alarmsOf(incident).map((name) => LAB_NAMES.own(name));
  if (AlarmNames.length === 0) return;
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames }));
  for (const AlarmName of AlarmNames) {
    const alarm = MetricAlarms.find((each) => each.AlarmName === AlarmName);
    if (!alarm) throw new Error(`${incident.name}: there is no alarm ${AlarmName}`);
    const StateReason = reasonOf(StateValue, alarm, scene.now());
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason }));
  }
}

type Comparison = { readonly ComparisonOperator?: string; readonly Threshold?: number };

/** As CloudWatch writes it, with a value just beyond the threshold. */
function reasonOf(state: 'ALARM' | 'OK', { ComparisonOperator = '', Threshold = 0 }: Comparison, now: number): string {
  const isLess = ComparisonOperator.startsWith('Less');
  const value = state === 'OK' ? Threshold + (isLess ? 1 : 0) : Threshold + (isLess ? -1 : 1);
  const at = new Date(now).toLocaleString('en-GB', { timeZone: 'UTC' }).replace(',', '');
  const comparison = `${isLess ? 'less' : 'greater'} than the threshold`;
  const was = state === 'OK' ? 'was not' : 'was';
  return `Threshold Crossed: 1 datapoint [${value.toFixed(1)} (${at})] ${was} ${comparison} (${Threshold.toFixed(1)}).`;
}

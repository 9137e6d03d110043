/** Suture's alarms that ring: those of the home Region, and those of the Region of the updater of IP ranges. */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { InstallationPlaces } from '../../functions/domain/doctor.ts';
import { apiWith } from './api.ts';
import { installedNames } from './installed-names.ts';
import type { Operator } from './operator.ts';

export type ActiveAlarm = {
  readonly name: string;
  /** The Region, unless it is the home Region. */
  readonly region?: string;
  /** The article of the runbook that its description names. */
  readonly article?: string | undefined;
};

export type AlarmReport = {
  readonly alarms: readonly ActiveAlarm[];
  /** An account whose alarms the security account cannot read. Null in a trial, or if the API did not name it. */
  readonly unreadAccount: string | null;
  /** The error because of which the updater's alarms could not be read, or null. */
  readonly unreadBecause: string | null;
};

export const alarmText = ({ name, region }: ActiveAlarm): string => (region ? `${name} in ${region}` : name);

/** Returns the alarms of the home Region also if the API, or the updater's Region, does not answer. */
export async function readAlarms(operator: Operator): Promise<AlarmReport> {
  const { aws, account, region: home } = operator;
  const alarms = await activeAlarms(new CloudWatchClient(aws));
  let unreadAccount: string | null = null;
  try {
    const api = await apiWith(new APIGatewayClient(aws));
    const { serviceAccount, ipRangesRegion: region } = InstallationPlaces.parse(await api.call('showInstallation'));
    if (serviceAccount !== account) unreadAccount = serviceAccount;
    if (region && region !== home)
      for (const alarm of await activeAlarms(new CloudWatchClient({ ...aws, region })))
        alarms.push({ ...alarm, region });
  } catch (error) {
    const unreadBecause = `${(error as Error).message} (If ${installedNames().stack('Security')} is older than this command, deploy it.)`;
    return { alarms, unreadAccount, unreadBecause };
  }
  return { alarms, unreadAccount, unreadBecause: null };
}

/** Stacks write the article at the end of an alarm's description. */
const ARTICLE = /Runbook: suture docs runbook#([\w-]+)$/;

export async function activeAlarms(cloudWatch: CloudWatchClient): Promise<ActiveAlarm[]> {
  const alarms: ActiveAlarm[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: installedNames().own(''), StateValue: 'ALARM', NextToken }),
    );
    for (const { AlarmName, AlarmDescription = '' } of page.MetricAlarms ?? [])
      alarms.push({ name: AlarmName!, article: ARTICLE.exec(AlarmDescription)?.[1] });
    NextToken = page.NextToken;
  } while (NextToken);
  return alarms.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

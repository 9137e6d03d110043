import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { namesOf } from '../../functions/domain/names.ts';
import { openMemberSession, SESSION_ROLE, sessionRoleConfig } from '../session-role.ts';
import { NotYet, type Smoke, waitFor } from '../smoke.ts';
import type { SmokeStep } from '../step.ts';

/** CloudTrail delivers most events within five minutes; the queue and the metric take some more. */
const REPORT_MINUTES = 30;
const METRIC = 'UnexplainedSessions';

export const SESSION_ALARM_STEP: SmokeStep = {
  id: 'session-alarm',
  proves:
    'CloudTrail reports each session of the member role to EventBridge in the service account, and one that no execution explains counts in the metric that sets off the alarm',
  calls: [
    'sts:AssumeRole of the member role',
    'cloudwatch:GetMetricStatistics until the metric of unexplained sessions counts it',
  ],
  creates: [SESSION_ROLE],
  async run(smoke) {
    await openMemberSession(smoke, await sessionRoleConfig(smoke));
    const opened = smoke.now();
    const count = await waitFor(smoke, `a session in the metric ${METRIC}`, REPORT_MINUTES, () => countSessions(smoke));
    return [`${count} sessions were counted ${Math.round((smoke.now() - opened) / 1000)} s after the last one`];
  },
};

/** @throws NotYet while the metric counts no session since the run began */
async function countSessions({ config, context, startedAt, now }: Smoke): Promise<number> {
  const { namespace, service } = namesOf(context).metrics;
  const { Datapoints = [] } = await new CloudWatchClient(config(context.securityAccount)).send(
    new GetMetricStatisticsCommand({
      Namespace: namespace,
      MetricName: METRIC,
      Dimensions: [{ Name: 'service', Value: service }],
      StartTime: new Date(startedAt),
      EndTime: new Date(now() + 60_000),
      Period: 60,
      Statistics: ['Sum'],
    }),
  );
  const sum = Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
  if (sum === 0) throw new NotYet('it counts none. A trail must log the management events of the service account.');
  return sum;
}

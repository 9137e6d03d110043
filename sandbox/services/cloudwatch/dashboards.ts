/**
 * Reads of dashboards, which templates create.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetDashboard.html
 */
import type * as sdk from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/kernel.ts';
import { sdkErrors } from '../../records/errors.ts';
import { onlyMembers, pageOf } from '../requests.ts';
import { dashboardArn } from './arns.ts';
import { CLOUDWATCH, type CloudWatchAt, type StoredDashboard } from './state.ts';

/** Dashboards are of no Region: every Region has the same. */
const REGION = 'us-east-1';
const PER_PAGE = 1000;
const cloudwatchError = sdkErrors<typeof sdk>();

export const dashboardsOf = ({ kernel, partition, account }: CloudWatchAt): Map<string, StoredDashboard> =>
  kernel.state(CLOUDWATCH, { partition, account, region: REGION }).dashboards;

export const dashboardReads = {
  GetDashboard: {
    needs: ({ DashboardName = '' }: sdk.GetDashboardInput, at: CloudWatchAt) => [
      { action: 'cloudwatch:GetDashboard', resource: dashboardArn(at, DashboardName) },
    ],
    run({ DashboardName = '' }: sdk.GetDashboardInput, at: CloudWatchAt): sdk.GetDashboardOutput {
      if (!/^[\w-]{1,255}$/.test(DashboardName))
        throw cloudwatchError(
          'InvalidParameterValueException',
          `The value ${DashboardName} for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).`,
        );
      const dashboard = dashboardsOf(at).get(DashboardName);
      if (!dashboard) throw new AwsError('ResourceNotFound', `Dashboard ${DashboardName} does not exist`, 404);
      return { DashboardArn: dashboardArn(at, DashboardName), DashboardBody: dashboard.body, DashboardName };
    },
  },
  ListDashboards: {
    run(input: sdk.ListDashboardsInput, at: CloudWatchAt): sdk.ListDashboardsOutput {
      onlyMembers('ListDashboards', input, ['DashboardNamePrefix', 'NextToken']);
      const prefix = input.DashboardNamePrefix ?? '';
      const found = [...dashboardsOf(at)].filter(([name]) => name.startsWith(prefix));
      const { items, nextToken } = pageOf(found.toSorted(byName), input.NextToken, PER_PAGE, () =>
        cloudwatchError('InvalidParameterValueException', 'The NextToken is not valid.'),
      );
      const DashboardEntries = items.map(([DashboardName, { body, modifiedAt }]) => ({
        DashboardName,
        DashboardArn: dashboardArn(at, DashboardName),
        LastModified: new Date(modifiedAt),
        Size: Buffer.byteLength(body),
      }));
      return { DashboardEntries, ...(nextToken !== undefined && { NextToken: nextToken }) };
    },
  },
};

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);

/** @throws AwsError InvalidParameterInput for a body that is not JSON */
export function putDashboard(name: string, body: string, at: CloudWatchAt): void {
  try {
    JSON.parse(body);
  } catch {
    throw new AwsError('InvalidParameterInput', 'The field DashboardBody must be a valid JSON object');
  }
  dashboardsOf(at).set(name, { body, modifiedAt: at.kernel.clock.now() });
}

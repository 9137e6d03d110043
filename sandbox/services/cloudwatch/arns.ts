import type { AwsPlace } from '../../kernel/kernel.ts';

export const alarmArn = ({ partition, region, account }: AwsPlace, name: string) =>
  `arn:${partition}:cloudwatch:${region}:${account}:alarm:${name}`;

/** Dashboards are not of a Region. */
export const dashboardArn = ({ partition, account }: AwsPlace, name: string) =>
  `arn:${partition}:cloudwatch::${account}:dashboard/${name}`;

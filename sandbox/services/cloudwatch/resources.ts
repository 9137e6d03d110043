import * as z from 'zod';
import { AwsError, type ResourceName, type ResourceType } from '../../kernel/kernel.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { parseProperties, physicalName, tagsSchema } from '../properties.ts';
import { alarmSchema, commonProperties, mustHaveMetric } from './alarm-schema.ts';
import { newAlarm } from './alarms.ts';
import { dashboardsOf, putDashboard } from './dashboards.ts';
import type { Alarm, CloudWatchState } from './state.ts';

const compositeSchema = z.strictObject({ ...commonProperties, AlarmRule: z.string().min(1).max(10_240) });

const dashboardSchema = z.strictObject({
  DashboardName: z.string().optional(),
  DashboardBody: z.string(),
  Tags: tagsSchema.optional(),
});

const TYPES = {
  alarm: 'AWS::CloudWatch::Alarm',
  composite: 'AWS::CloudWatch::CompositeAlarm',
  dashboard: 'AWS::CloudWatch::Dashboard',
};

export const cloudwatchResources: Record<string, ResourceType<CloudWatchState>> = {
  [TYPES.alarm]: alarmType('metric', (properties, resource) => {
    const alarm = parseProperties(TYPES.alarm, alarmSchema, properties, resource);
    mustHaveMetric(alarm);
    return alarm;
  }),
  [TYPES.composite]: alarmType('composite', (properties, resource) =>
    parseProperties(TYPES.composite, compositeSchema, properties, resource),
  ),
  [TYPES.dashboard]: {
    create(properties, at, resource) {
      const { DashboardName, DashboardBody } = parseProperties(TYPES.dashboard, dashboardSchema, properties, resource);
      const ref = DashboardName ?? physicalName(at.kernel, resource, '', 255);
      putDashboard(ref, DashboardBody, at);
      return { ref };
    },
    update: (existing, properties, at, resource) => {
      const { DashboardBody } = parseProperties(TYPES.dashboard, dashboardSchema, properties, resource);
      putDashboard(existing.ref, DashboardBody, at);
      return existing;
    },
    remove: (existing, at) => void dashboardsOf(at).delete(existing.ref),
  },
};

/** A new alarm is in INSUFFICIENT_DATA; an update keeps its state. */
function alarmType(
  kind: Alarm['kind'],
  parse: (properties: unknown, resource: ResourceName) => z.infer<typeof alarmSchema> | z.infer<typeof compositeSchema>,
): ResourceType<CloudWatchState> {
  return {
    create(properties, at, resource) {
      const { AlarmName, Tags, ...settings } = parse(properties, resource);
      const name = AlarmName ?? physicalName(at.kernel, resource, '', 255);
      const alarm = newAlarm({ name, kind, settings, tags: TAG_LIST.read(Tags) }, at);
      at.state.alarms.set(name, alarm);
      return { ref: name, attributes: { Arn: alarm.arn } };
    },
    update(existing, properties, at, resource) {
      const { AlarmName, Tags, ...settings } = parse(properties, resource);
      if (AlarmName !== undefined && AlarmName !== existing.ref)
        throw new AwsError('NotModelled', `The sandbox does not model renaming the alarm ${existing.ref}.`, 501);
      at.state.alarms.set(existing.ref, { ...at.state.alarms.get(existing.ref)!, settings });
      return existing;
    },
    remove: (existing, at) => void at.state.alarms.delete(existing.ref),
  };
}

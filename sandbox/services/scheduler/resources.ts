import * as z from 'zod';
import type { Need, ResourceType } from '../../kernel/kernel.ts';
import { parseSchedule } from '../eventbridge/schedule-expression.ts';
import { repeatOnSchedule } from '../eventbridge/schedule-timers.ts';
import { parseProperties, physicalName } from '../properties.ts';
import type { SchedulerAt, SchedulerState } from './state.ts';
import { checkScheduleTarget, invokeScheduleTarget, scheduleArn } from './targets.ts';

const integer = z.coerce.number().int();
const scheduleProperties = z.strictObject({
  Name: z.string().optional(),
  GroupName: z.literal('default').optional(),
  Description: z.string().optional(),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.enum(['UTC', 'Etc/UTC']).optional(),
  State: z.enum(['ENABLED', 'DISABLED']).optional(),
  // AWS invokes the target at any time within a flexible window; the sandbox does so at its start.
  FlexibleTimeWindow: z.strictObject({ Mode: z.enum(['OFF', 'FLEXIBLE']), MaximumWindowInMinutes: integer.optional() }),
  KmsKeyArn: z.string().optional(),
  Target: z.strictObject({
    Arn: z.string(),
    RoleArn: z.string(),
    Input: z.string().optional(),
    RetryPolicy: z
      .strictObject({ MaximumEventAgeInSeconds: integer.optional(), MaximumRetryAttempts: integer.optional() })
      .optional(),
    DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
    SqsParameters: z.strictObject({ MessageGroupId: z.string() }).optional(),
  }),
});

export const schedulerResources: Readonly<Record<string, ResourceType<SchedulerState>>> = {
  'AWS::Scheduler::Schedule': {
    create: (properties, at, resource) => {
      const schedule = parseProperties('AWS::Scheduler::Schedule', scheduleProperties, properties, resource);
      const name = schedule.Name ?? physicalName(at.kernel, resource, '', 64);
      putSchedule(at, name, schedule);
      return { ref: name, attributes: { Arn: scheduleArn(at, name) } };
    },
    update: (existing, properties, at, resource) => {
      const schedule = parseProperties('AWS::Scheduler::Schedule', scheduleProperties, properties, resource);
      putSchedule(at, existing.ref, schedule);
      return existing;
    },
    remove: (existing, at) => {
      at.state.schedules.delete(existing.ref);
      repeatOnSchedule(at.kernel, scheduleArn(at, existing.ref), undefined, () => {});
    },
  },
};

function putSchedule(at: SchedulerAt, name: string, schedule: z.infer<typeof scheduleProperties>): void {
  const { kernel, principal, partition, account, region } = at;
  const place = { partition, account, region };
  const arn = scheduleArn(place, name);
  const { RoleArn } = schedule.Target;
  const needs: Need[] = [
    { action: 'scheduler:CreateSchedule', resource: arn },
    { action: 'iam:PassRole', resource: RoleArn, context: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
  ];
  for (const need of needs) kernel.authorize(principal, place, need, 'scheduler');
  checkScheduleTarget(kernel, schedule.Target);
  at.state.schedules.set(name, schedule);
  const times = schedule.State === 'DISABLED' ? undefined : parseSchedule(schedule.ScheduleExpression);
  repeatOnSchedule(kernel, arn, times, () => invokeScheduleTarget(kernel, place, arn, schedule.Target));
}

import { CfnRule } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { namesIn } from '../names.ts';

export type Schedule = {
  /** Without the prefix. */
  readonly name: string;
  readonly description: string;
  /** `rate(1 hour)` or `cron(…)`, in UTC. */
  readonly every: string;
  /** Default: EventBridge's own event. */
  readonly input?: object;
};

/** Adds a rule without a dead-letter queue, because the next run catches up. */
export function addSchedule(target: LambdaFunction, { name, description, every, input }: Schedule): void {
  const rule = new CfnRule(target, `Rule-${name}`, {
    name: namesIn(target).own(name),
    description,
    scheduleExpression: every,
    targets: [{ id: 'function', arn: target.functionArn, ...(input && { input: JSON.stringify(input) }) }],
  });
  target.addPermission(`Schedule-${name}`, {
    principal: new ServicePrincipal('events.amazonaws.com'),
    sourceArn: rule.attrArn,
  });
}

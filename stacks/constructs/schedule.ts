/** Runs a function on a schedule. */
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';

export type Schedule = {
  readonly name: string;
  readonly description: string;
  /** `rate(1 hour)` or `cron(…)`, in UTC. */
  readonly every: string;
  /** The function's input; default: EventBridge's own event. */
  readonly input?: object;
};

/** Runs a function on a schedule, without a dead-letter queue: the next run catches up. */
export function runs(target: LambdaFunction, { name, description, every, input }: Schedule): void {
  const rule = new CfnRule(target, `Rule-${name}`, {
    name,
    description,
    scheduleExpression: every,
    targets: [{ id: 'function', arn: target.functionArn, ...(input && { input: JSON.stringify(input) }) }],
  });
  target.addPermission(`Schedule-${name}`, {
    principal: new ServicePrincipal('events.amazonaws.com'),
    sourceArn: rule.attrArn,
  });
}

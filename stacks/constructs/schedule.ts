/** Runs a function on a schedule. */
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';

export type Schedule = {
  readonly name: string;
  readonly description: string;
  /** `rate(1 hour)` or `cron(…)`, in UTC. */
  readonly every: string;
  /** What the function gets; EventBridge's own event where nothing is said. */
  readonly input?: object;
};

/** No dead-letter queue: the next run makes up for one that was missed. */
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

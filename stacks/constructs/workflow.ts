/** The state machine of findings. One list has its placeholders and its role's permissions. */
import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { alarm } from './alarms.ts';
import type { KeyPlace } from './key.ts';
import { type Allowance, type FixedRole, keyUse } from './role.ts';
import { encryptedStateMachine } from './state-machine.ts';

export type WorkflowOptions = {
  /** `TriageFunction` replaces `${TriageFunction}` of the ASL file. */
  readonly functions: Readonly<Record<string, IFunction>>;
  readonly queues: Readonly<Record<string, IQueue>>;
  /** ARNs of machines whose executions a task starts and waits for. */
  readonly machines: Readonly<Record<string, string>>;
  readonly place: KeyPlace;
  readonly arn: string;
  readonly key: IKey;
  readonly topicArn: string;
};

export class Workflow extends Construct {
  readonly stateMachine: StateMachine;
  readonly role: FixedRole;

  constructor(scope: Construct, id: string, options: WorkflowOptions) {
    super(scope, id);
    const { place, key, arn, machines } = options;
    const parts = partsOf(options);
    const machine = encryptedStateMachine(this, {
      name: 'remediate-finding',
      description: 'Lets the workflow run its tasks',
      file: 'remediate-finding.asl.json',
      place,
      key,
      substitutions: Object.fromEntries(parts.map(({ placeholder, value }) => [placeholder, value])),
      allows: [
        ...parts.flatMap(({ allows }) => allows),
        keyUse(key, place.region, ['Decrypt', 'GenerateDataKey'], ['sqs']),
        reportOfEnds(place),
      ],
      histories: [arn, ...Object.values(machines)],
    });
    this.stateMachine = machine.stateMachine;
    this.role = machine.role;
    this.addAlarms(options.topicArn);
  }

  private addAlarms(topicArn: string): void {
    alarm(this, 'Failed', {
      name: 'executions-failed',
      metric: this.stateMachine.metricFailed({ period: Duration.minutes(5) }),
      means:
        "An execution failed, in the state that shows why. Read the error's text, remove the cause, then replay the execution within 14 days.",
      topicArn,
    });
    alarm(this, 'TimedOut', {
      name: 'executions-timed-out',
      metric: this.stateMachine.metricTimedOut({ period: Duration.minutes(5) }),
      means:
        'An execution ran for a year, the limit of the workflow. Look at the state in which it waited, then replay it.',
      topicArn,
    });
  }
}

/** A placeholder of the ASL file, its value, and what the role needs for it. */
type Part = { readonly placeholder: string; readonly value: string; readonly allows: readonly Allowance[] };

const partsOf = ({ functions, queues, machines }: WorkflowOptions): Part[] => [
  ...Object.entries(functions).map(([placeholder, { functionArn: value }]) => ({
    placeholder,
    value,
    allows: [{ actions: ['lambda:InvokeFunction'], on: value }],
  })),
  ...Object.entries(queues).map(([placeholder, { queueUrl: value, queueArn }]) => ({
    placeholder,
    value,
    allows: [{ actions: ['sqs:SendMessage'], on: queueArn }],
  })),
  ...Object.entries(machines).map(([placeholder, value]) => ({ placeholder, value, allows: nestedExecutions(value) })),
];

/** https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies */
const nestedExecutions = (machine: string): Allowance[] => [
  { actions: ['states:StartExecution'], on: machine },
  {
    actions: ['states:DescribeExecution', 'states:StopExecution'],
    on: `${machine.replace(':stateMachine:', ':execution:')}:*`,
    because: 'Step Functions names the executions that a task starts',
  },
];

/** Lets Step Functions create this rule with the role. It learns of the ends of nested executions by it. */
const reportOfEnds = ({ partition, region, account }: KeyPlace): Allowance => ({
  actions: ['events:PutRule', 'events:PutTargets', 'events:DescribeRule'],
  on: `arn:${partition}:events:${region}:${account}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`,
});

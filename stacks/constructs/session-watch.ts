/**
 * Watches sessions of the member role. CloudTrail reports each in the service account, whose rule passes it on to the
 * security account, where a function looks for the execution that explains it.
 */
import { Duration } from 'aws-cdk-lib';
import { CfnEventBusPolicy, CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type MemberRolePart, namesOfParts } from '../../functions/domain/member-role-parts.ts';
import type { Names } from '../../functions/domain/names.ts';
import { type SutureContext, securityPlace } from '../context.ts';
import { namesIn } from '../names.ts';
import { alarm } from './alarms.ts';
import { busArn } from './event-bus.ts';
import { executionsAllowance } from './failures.ts';
import { type FunctionEnvironment, SutureFunction } from './function.ts';
import { ownMetric } from './metrics.ts';
import { deadLetterQueue, encryptedQueue } from './queue.ts';
import { fixedRole, keyUse } from './role.ts';

const TIMEOUT = Duration.minutes(2);
const SOURCE = { source: ['aws.sts'], 'detail-type': ['AWS API Call via CloudTrail'] };

/** Sessions that STS opened. A refused request opens none. */
const sessions = ({ rolePath, memberRole, responseRole }: Names, parts: readonly MemberRolePart[]) => ({
  ...SOURCE,
  detail: {
    eventName: ['AssumeRole'],
    errorCode: [{ exists: false }],
    requestParameters: {
      roleArn: namesOfParts([memberRole, responseRole], parts).map((role) => ({ suffix: `:role${rolePath}${role}` })),
    },
  },
});

/** The rule of the service account, which passes the events on. */
export class SessionEvents extends Construct {
  constructor(scope: Construct, id: string, context: SutureContext, parts: readonly MemberRolePart[]) {
    super(scope, id);
    const bus = busArn(securityPlace(context), 'default');
    const role = fixedRole(this, 'Role', {
      name: 'session-events',
      description: "Lets a rule pass sessions of the member role on to the security account's bus, and nothing else",
      service: 'events.amazonaws.com',
      when: { StringEquals: { 'aws:SourceAccount': context.serviceAccount } },
      allows: [{ actions: ['events:PutEvents'], on: bus }],
    });
    new CfnRule(this, 'Rule', {
      name: namesIn(this).own('session-events'),
      description: 'Sessions of the member role, for the security account',
      eventPattern: sessions(namesIn(this), parts),
      targets: [{ id: 'security', arn: bus, roleArn: role.roleArn }],
    });
  }
}

export type SessionWatchOptions = FunctionEnvironment & {
  readonly context: SutureContext;
  readonly parts: readonly MemberRolePart[];
};

/** The queue and the function of the security account, which check the sessions. */
export class SessionWatch extends Construct {
  constructor(scope: Construct, id: string, { context, parts, ...options }: SessionWatchOptions) {
    super(scope, id);
    const { place, key, topicArn } = options;
    const queue = this.addQueue(options);
    this.receiveEvents(context, parts, queue);
    const watch = new SutureFunction(this, 'Function', {
      ...options,
      name: 'unexplained-sessions',
      description: 'Looks for the execution that explains each session of the member role',
      timeout: TIMEOUT,
      environment: {
        DOCTOR: `arn:${place.partition}:sts::${context.serviceAccount}:assumed-role/${namesIn(this).function('account-doctor')}/`,
        EXECUTIONS: `arn:${place.partition}:states:${place.region}:${place.account}:execution:${namesIn(this).stateMachine}:`,
      },
      allows: [
        { actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], on: queue.queueArn },
        executionsAllowance(place, ['states:DescribeExecution']),
        keyUse(key, place.region, ['Decrypt'], ['sqs', 'states']),
      ],
      article: 'sessions-dlq',
      errorsMean: 'Sessions of the member role are not being checked; their messages come back after 12 minutes.',
    });
    new EventSourceMapping(this, 'Source', {
      target: watch.function,
      eventSourceArn: queue.queueArn,
      batchSize: 100,
      maxBatchingWindow: Duration.minutes(1),
      // Two stay below the quota of DescribeExecution.
      maxConcurrency: 2,
      reportBatchItemFailures: true,
    });
    alarm(this, 'Unexplained', {
      name: 'unexplained-sessions',
      metric: ownMetric(this, 'UnexplainedSessions'),
      means: `Somebody used the member role, and no execution of the workflow explains it: credentials of a remediation may be stolen. The log of ${namesIn(this).function('unexplained-sessions')} names role, account, address and reason.`,
      topicArn,
    });
  }

  private addQueue({ key, topicArn }: FunctionEnvironment): Queue {
    return encryptedQueue(this, 'Queue', {
      name: 'sessions',
      key,
      // Six times the function's timeout, as Lambda's guide recommends for queues.
      visibilityTimeout: Duration.minutes(6 * TIMEOUT.toMinutes()),
      deadLetterQueue: {
        queue: deadLetterQueue(this, 'DeadLetters', {
          name: 'sessions-dlq',
          key,
          topicArn,
          means: 'Sessions of the member role could not be checked against executions. The messages are their events.',
        }),
        maxReceiveCount: 5,
      },
    });
  }

  private receiveEvents(context: SutureContext, parts: readonly MemberRolePart[], queue: Queue): void {
    const { securityAccount, serviceAccount } = context;
    if (serviceAccount !== securityAccount) this.admitServiceAccount(context);
    const rule = new CfnRule(this, 'Rule', {
      name: namesIn(this).own('sessions'),
      description: "Sessions of the member role, from the service account's bus",
      eventPattern: { ...sessions(namesIn(this), parts), account: [serviceAccount] },
      targets: [{ id: 'queue', arn: queue.queueArn, inputPath: '$.detail' }],
    });
    queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Sessions',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.attrArn } },
      }),
    );
  }

  private admitServiceAccount(context: SutureContext): void {
    const { partition, serviceAccount } = context;
    const bus = busArn(securityPlace(context), 'default');
    new CfnEventBusPolicy(this, 'BusPolicy', {
      statementId: namesIn(this).stack('Sessions'),
      eventBusName: 'default',
      statement: {
        Effect: 'Allow',
        Principal: { AWS: `arn:${partition}:iam::${serviceAccount}:root` },
        Action: 'events:PutEvents',
        Resource: bus,
        Condition: {
          StringEquals: { 'events:source': SOURCE.source[0], 'events:detail-type': SOURCE['detail-type'][0] },
        },
      },
    });
  }
}

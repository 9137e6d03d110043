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
import type { SutureContext } from '../context.ts';
import { functionName, MEMBER_ROLE, RESPONSE_ROLE, ROLE_PATH, STATE_MACHINE } from '../names.ts';
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
const SESSIONS = {
  ...SOURCE,
  detail: {
    eventName: ['AssumeRole'],
    errorCode: [{ exists: false }],
    requestParameters: {
      roleArn: [MEMBER_ROLE, RESPONSE_ROLE].map((role) => ({ suffix: `:role${ROLE_PATH}${role}` })),
    },
  },
};

/** In the service account: passes the events on. */
export class SessionEvents extends Construct {
  constructor(scope: Construct, id: string, { partition, homeRegion, securityAccount, serviceAccount }: SutureContext) {
    super(scope, id);
    const bus = busArn({ partition, region: homeRegion, account: securityAccount }, 'default');
    const role = fixedRole(this, 'Role', {
      name: 'suture-session-events',
      description: "Lets a rule pass sessions of the member role on to the security account's bus, and nothing else",
      service: 'events.amazonaws.com',
      when: { StringEquals: { 'aws:SourceAccount': serviceAccount } },
      allows: [{ actions: ['events:PutEvents'], on: bus }],
    });
    new CfnRule(this, 'Rule', {
      name: 'suture-session-events',
      description: 'Sessions of the member role, for the security account',
      eventPattern: SESSIONS,
      targets: [{ id: 'security', arn: bus, roleArn: role.roleArn }],
    });
  }
}

export type SessionWatchOptions = FunctionEnvironment & { readonly context: SutureContext };

/** In the security account. */
export class SessionWatch extends Construct {
  constructor(scope: Construct, id: string, { context, ...options }: SessionWatchOptions) {
    super(scope, id);
    const { place, key, topicArn } = options;
    const queue = this.addQueue(options);
    this.receiveEvents(context, queue);
    const watch = new SutureFunction(this, 'Function', {
      ...options,
      name: functionName('unexplained-sessions'),
      description: 'Looks for the execution that explains each session of the member role',
      role: { name: functionName('unexplained-sessions') },
      timeout: TIMEOUT,
      environment: {
        EXECUTIONS: `arn:${place.partition}:states:${place.region}:${place.account}:execution:${STATE_MACHINE}:`,
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
      metric: ownMetric('UnexplainedSessions'),
      means:
        'Somebody used the member role, and no execution of the workflow explains it: credentials of a remediation may be stolen. The log of suture-unexplained-sessions names role, account, address and reason.',
      topicArn,
    });
  }

  private addQueue({ key, topicArn }: FunctionEnvironment): Queue {
    return encryptedQueue(this, 'Queue', {
      name: 'suture-sessions',
      key,
      // Six times the function's timeout, as Lambda's guide recommends for queues.
      visibilityTimeout: Duration.minutes(6 * TIMEOUT.toMinutes()),
      deadLetterQueue: {
        queue: deadLetterQueue(this, 'DeadLetters', {
          name: 'suture-sessions-dlq',
          key,
          topicArn,
          means: 'Sessions of the member role could not be checked against executions. The messages are their events.',
        }),
        maxReceiveCount: 5,
      },
    });
  }

  private receiveEvents({ partition, homeRegion, securityAccount, serviceAccount }: SutureContext, queue: Queue): void {
    const bus = busArn({ partition, region: homeRegion, account: securityAccount }, 'default');
    new CfnEventBusPolicy(this, 'BusPolicy', {
      statementId: 'SutureSessions',
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
    const rule = new CfnRule(this, 'Rule', {
      name: 'suture-sessions',
      description: "Sessions of the member role, from the service account's bus",
      eventPattern: { ...SESSIONS, account: [serviceAccount] },
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
}

/** The function behind the API's routes that start, undo, redrive, stop and resume. */
import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ACCOUNT_LISTS } from '../../functions/domain/account.ts';
import { IP_RANGES_REQUESTS } from '../../functions/domain/api-ip-ranges.ts';
import { POLICY_GRANT } from '../../functions/domain/api-policy.ts';
import { deadLetterQueues } from '../../functions/domain/dead-letters.ts';
import { findingKey } from '../../functions/domain/ledger.ts';
import type { MessagePlace } from '../../functions/domain/message-places.ts';
import { namesOf } from '../../functions/domain/names.ts';
import { OPERATIONS, operationKey } from '../../functions/domain/operations.ts';
import type { MessageEventName } from '../../functions/domain/owner-message.ts';
import { placeQueue } from '../../functions/domain/place-queue.ts';
import { PROPOSAL_AUDIT, PROPOSALS } from '../../functions/domain/proposal.ts';
import { AUDIT, KILL_SWITCH } from '../../functions/domain/stops.ts';
import { namesIn } from '../names.ts';
import { publishAllowance } from './event-bus.ts';
import { type SecurityEnvironment, SutureFunction } from './function.ts';
import type { KeyPlace } from './key.ts';
import { policyDeployer } from './policy-configuration.ts';
import { type Allowance, items, keyUse } from './role.ts';

export type ApiFunctionOptions = SecurityEnvironment & {
  /** The Region of the address ranges' function, if there is one. */
  readonly ipRangesRegion: string | undefined;
  readonly stateMachineArn: string;
  readonly onePerson: boolean;
  /** Places of the stack SutureMessages; none without it. */
  readonly messagePlaces: readonly MessagePlace[];
};

export class ApiFunction extends Construct {
  readonly api: SutureFunction;

  constructor(
    scope: Construct,
    id: string,
    { ledger, stateMachineArn, ipRangesRegion, onePerson, messagePlaces, ...options }: ApiFunctionOptions,
  ) {
    super(scope, id);
    const { place, key } = options;
    const { region, account, partition } = place;
    const names = namesIn(this);
    const deployer = policyDeployer(place);
    const updaterArn =
      ipRangesRegion && `arn:${partition}:lambda:${ipRangesRegion}:${account}:function:${names.function('ip-ranges')}`;
    this.api = new SutureFunction(this, 'Function', {
      ...options,
      name: 'api',
      description: 'Starts, replays, undoes, stops, resumes and deploys policies for people, under their own names',
      timeout: Duration.seconds(29),
      environment: {
        LEDGER_TABLE: names.ledgerTable,
        STATE_MACHINE_ARN: stateMachineArn,
        NOTIFY_FUNCTION: names.function('notify'),
        ...(onePerson && { ONE_PERSON: 'true' }),
        ...(updaterArn && { IP_RANGES_FUNCTION: updaterArn }),
        ...(messagePlaces.length > 0 && { MESSAGE_PLACES: JSON.stringify(messagePlaces) }),
        ...deployer.environment,
      },
      allows: [
        items(ledger.tableArn, ['GetItem', 'Query'], [findingKey('*'), PROPOSALS]),
        items(ledger.tableArn, ['GetItem', 'Query', 'PutItem', 'UpdateItem'], [OPERATIONS, operationKey('*')]),
        items(ledger.tableArn, ['PutItem'], [KILL_SWITCH.pk, AUDIT, PROPOSALS, PROPOSAL_AUDIT, POLICY_GRANT.pk]),
        items(ledger.tableArn, ['GetItem'], [KILL_SWITCH.pk, ACCOUNT_LISTS, 'account#*']),
        items(ledger.tableArn, ['DeleteItem'], [KILL_SWITCH.pk, POLICY_GRANT.pk]),
        items(ledger.tableArn, ['UpdateItem'], [KILL_SWITCH.pk]),
        items(ledger.tableArn, ['GetItem', 'PutItem'], [IP_RANGES_REQUESTS]),
        { actions: ['states:StartExecution', 'states:DescribeStateMachine'], on: stateMachineArn },
        ...pastExecutions(place),
        ...deadLetters(place),
        ...(updaterArn ? [{ actions: ['lambda:InvokeFunction'], on: updaterArn }] : []),
        ...eventReplays(place),
        ...deployer.allows,
        {
          actions: ['securityhub:GetFindings'],
          on: `arn:${place.partition}:securityhub:${region}:${account}:hub/default`,
        },
        keyUse(key, region, ['Decrypt', 'GenerateDataKey'], ['dynamodb', 'sqs', 'states']),
        ...messages(place, messagePlaces),
      ],
      errorsMean:
        'Requests of people failed. Their commands can be run again: a run continues where it was, and an execution is started once.',
    });
  }
}

const pastExecutions = ({ prefix, partition, region, account }: KeyPlace): Allowance[] => [
  {
    actions: ['states:DescribeExecution', 'states:DescribeStateMachineForExecution', 'states:RedriveExecution'],
    on: `arn:${partition}:states:${region}:${account}:execution:${namesOf({ prefix }).stateMachine}:*`,
    because: 'Each execution has its own name',
  },
];

const deadLetters = ({ prefix, partition, region, account }: KeyPlace): Allowance[] => {
  const arns = (names: readonly string[]) => names.map((name) => `arn:${partition}:sqs:${region}:${account}:${name}`);
  const queues = Object.entries(deadLetterQueues({ prefix }));
  const movable = queues.flatMap(([name, { method }]) => (method.kind === 'move' ? [name] : []));
  const targets = queues.flatMap(([, { method }]) => ('to' in method ? [method.to] : []));
  const functions = queues.flatMap(([, { method }]) => (method.kind === 'invoke' ? [method.functionName] : []));
  return [
    {
      actions: ['sqs:DeleteMessage', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage'],
      on: arns(queues.map(([name]) => name)),
    },
    { actions: ['sqs:StartMessageMoveTask'], on: arns(movable) },
    { actions: ['sqs:GetQueueUrl', 'sqs:SendMessage'], on: arns(targets) },
    {
      actions: ['lambda:InvokeFunction'],
      on: functions.map((name) => `arn:${partition}:lambda:${region}:${account}:function:${name}`),
    },
  ];
};

const PUBLISHED: MessageEventName[] = ['suture.message.test.v1', 'suture.message.again.v1'];

/** Lets the function publish test messages, and the dead letters of places again. */
const messages = (place: KeyPlace, places: readonly MessagePlace[]): Allowance[] =>
  places.length === 0
    ? []
    : [
        {
          ...publishAllowance(place),
          when: { StringEquals: { 'events:detail-type': PUBLISHED } },
        },
        {
          actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage'],
          on: places.map(
            ({ name }) => `arn:${place.partition}:sqs:${place.region}:${place.account}:${placeQueue(place, name)}`,
          ),
        },
      ];

const eventReplays = ({ prefix, partition, region, account }: KeyPlace): Allowance[] => {
  const events = (path: string) => `arn:${partition}:events:${region}:${account}:${path}`;
  const { findingArchive, own } = namesOf({ prefix });
  return [
    { actions: ['events:ListRules'], on: '*', because: 'EventBridge takes no resource for listing rules' },
    { actions: ['events:DescribeArchive'], on: events(`archive/${findingArchive}`) },
    {
      actions: ['events:StartReplay'],
      on: [events(`archive/${findingArchive}`), events('event-bus/default'), events(`replay/${own('*')}`)],
      because: 'Each run of the command names a replay of its own',
    },
  ];
};

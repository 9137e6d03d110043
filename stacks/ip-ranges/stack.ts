/** The address-range updater: a function that AWS's topic and a daily schedule invoke. */
import { type App, BootstraplessSynthesizer, Duration, type Stack, type StackProps } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnEventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscription } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { IP_RANGES_REQUESTS } from '../../functions/domain/api-ip-ranges.ts';
import { namesOf } from '../../functions/domain/names.ts';
import { REMEDIATION_TAG } from '../../functions/domain/permissions.ts';
import { KILL_SWITCH } from '../../functions/domain/stops.ts';
import {
  IP_RANGES_EVENT,
  IP_RANGES_ID,
  IP_RANGES_METRICS,
  IP_RANGES_PARTITION,
  IP_RANGES_TOPIC,
} from '../../ip-ranges/contract/targets.ts';
import { alarm, alarmTopic, alarmTopicArn } from '../constructs/alarms.ts';
import { synthesizerFor } from '../constructs/bootstrap.ts';
import { type Bundles, SutureFunction } from '../constructs/function.ts';
import { customerKey, type KeyPlace } from '../constructs/key.ts';
import { ownMetric } from '../constructs/metrics.ts';
import { deadLetterQueue } from '../constructs/queue.ts';
import { type Allowance, items, keyUse, sessionsOf } from '../constructs/role.ts';
import { type SutureContext, securityPlace } from '../context.ts';
import { InstallationStack, ipRangesMemberRoleArn, namesIn } from '../names.ts';
import { type IpRangesInstallation, otherAccounts } from './context.ts';
import { IP_RANGES_ROLE, IpRangesMemberRoleStack } from './member-role.ts';
import { ipRangesAllowances } from './permissions.ts';

export type IpRangesStackProps = StackProps & {
  readonly context: SutureContext;
  readonly installation: IpRangesInstallation;
  /** The security account's key; used if the function runs in the home Region. */
  readonly key: IKey;
  readonly bundles: Bundles;
};

type IpRanges = {
  readonly context: SutureContext;
  readonly installation: IpRangesInstallation;
  readonly security: Stack;
  readonly key: IKey;
  readonly bundles: Bundles;
};

/** Adds the updater's stack, and a stack with its role for each other account that has targets. */
export function addIpRanges(app: App, { context, installation, security, key, bundles }: IpRanges): void {
  const { securityAccount, homeRegion } = context;
  const names = namesOf(context);
  const stack = new IpRangesStack(app, names.stack('IpRanges'), {
    env: { account: securityAccount, region: installation.region },
    synthesizer: synthesizerFor(context, securityAccount),
    description: 'Suture: keeps security groups equal to the ranges that AWS publishes',
    context,
    installation,
    bundles,
    key,
  });
  stack.addStackDependency(security, 'its state is in the ledger');
  const { rollout } = context;
  const accounts = otherAccounts(context, installation.targets);
  // StackSets create the role in the accounts of a rollout, and never in the management account.
  for (const account of accounts.filter((each) => !rollout || each === rollout.managementAccount))
    new IpRangesMemberRoleStack(app, names.stack(`IpRangesRole-${account}`), {
      env: { account, region: homeRegion },
      synthesizer: new BootstraplessSynthesizer(),
      description: IP_RANGES_ROLE,
      context,
      account,
      targets: installation.targets.filter((target) => target.account === account),
    });
}

const NAME = 'ip-ranges';

function ledgerItems({ prefix, partition, homeRegion, securityAccount }: SutureContext): Allowance[] {
  const table = `arn:${partition}:dynamodb:${homeRegion}:${securityAccount}:table/${namesOf({ prefix }).ledgerTable}`;
  return [
    items(table, ['GetItem', 'PutItem', 'DeleteItem', 'Query'], [IP_RANGES_PARTITION]),
    items(table, ['GetItem', 'UpdateItem'], [IP_RANGES_REQUESTS]),
    items(table, ['GetItem'], [KILL_SWITCH.pk]),
  ];
}

const eventsOf = ({ partition, region, account }: KeyPlace): Allowance => ({
  actions: ['events:PutEvents'],
  on: `arn:${partition}:events:${region}:${account}:event-bus/default`,
  when: {
    StringEquals: { 'events:source': IP_RANGES_EVENT.source, 'events:detail-type': IP_RANGES_EVENT.detailType },
  },
});
const [, , , TOPIC_REGION] = IP_RANGES_TOPIC.split(':');

export class IpRangesStack extends InstallationStack {
  constructor(
    scope: Construct,
    id: string,
    { context, installation, key: homeKey, bundles, ...props }: IpRangesStackProps,
  ) {
    super(scope, id, { ...props, context });
    const names = namesIn(this);
    const { homeRegion } = context;
    const place = { ...securityPlace(context), region: installation.region };
    const isHomeRegion = place.region === homeRegion;
    const key = isHomeRegion ? homeKey : customerKey(this, place);
    const topicArn = isHomeRegion ? alarmTopicArn(place) : alarmTopic(this, place).topicArn;
    const deadLetters = deadLetterQueue(this, 'Failed', {
      name: `${NAME}-failed`,
      key,
      means:
        'Changes of published ranges could not be applied in three attempts. Security groups allow at least the ranges of before. The message says which target failed and why; remove the cause, then run suture ip-ranges apply. The next change and the daily run try again too.',
      topicArn,
    });

    const updater = new SutureFunction(this, 'Function', {
      place,
      key,
      bundles,
      topicArn,
      name: NAME,
      description: 'Keeps security groups equal to the ranges that AWS publishes',
      role: { path: names.ipRangesRolePath, tags: { [REMEDIATION_TAG]: IP_RANGES_ID } },
      timeout: Duration.minutes(5),
      environment: {
        ...installation.environment,
        ...memberRoleVariables(context, installation),
        LEDGER_TABLE: names.ledgerTable,
        LEDGER_REGION: homeRegion,
      },
      allows: [
        ...targetsOf(context, installation),
        ...ledgerItems(context),
        isHomeRegion ? keyUse(key, homeRegion, ['Decrypt'], ['dynamodb']) : useOfLedgerKey(context),
        eventsOf(place),
        { actions: ['sqs:SendMessage'], on: deadLetters.queueArn },
        keyUse(key, place.region, ['Decrypt', 'GenerateDataKey'], ['sqs']),
      ],
      errorsMean:
        'Published ranges could not be applied to every target. Each attempt that fails is tried twice more. Its log line says which target and why; suture ip-ranges status shows where each one stands.',
    });

    new CfnEventInvokeConfig(this, 'Attempts', {
      functionName: updater.function.functionName,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: 6 * 3600,
      // A dead-letter queue of the subscription would have to be in the topic's Region.
      destinationConfig: { onFailure: { destination: deadLetters.queueArn } },
    }).node.addDependency(updater.role);
    this.#addTriggers(updater);
    this.#addAlarms(topicArn);
  }

  #addTriggers(updater: SutureFunction): void {
    const { functionArn } = updater.function;
    updater.function.addPermission('Topic', {
      principal: new ServicePrincipal('sns.amazonaws.com'),
      // AWS documents no source account of SNS's invocations; the topic's ARN has the account.
      sourceArn: IP_RANGES_TOPIC,
    });
    new CfnSubscription(this, 'Changes', {
      topicArn: IP_RANGES_TOPIC,
      region: TOPIC_REGION,
      protocol: 'lambda',
      endpoint: functionArn,
    });
    const names = namesIn(this);
    const daily = new CfnRule(this, 'Daily', {
      name: names.function(NAME),
      description: 'Applies the published ranges, for messages that got lost and what people changed meanwhile',
      scheduleExpression: 'rate(1 day)',
      // Without a dead-letter queue, because the next run catches up.
      targets: [{ id: 'ip-ranges', arn: functionArn }],
    });
    updater.function.addPermission('Schedule', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: daily.attrArn,
    });
  }

  #addAlarms(topicArn: string): void {
    alarm(this, 'Refused', {
      name: 'ip-ranges-refused',
      metric: ownMetric(this, IP_RANGES_METRICS.refused),
      means:
        'A document was applied only in part, because a service has no ranges in it, it removes too many ranges, or a row is invalid. Security groups allow the ranges of before and the new ones. Look at suture ip-ranges plan; when the document is right, run suture ip-ranges apply --allow-shrink, or correct the name of the service.',
      topicArn,
    });
    alarm(this, 'Orphans', {
      name: 'ip-ranges-orphans',
      metric: ownMetric(this, IP_RANGES_METRICS.orphans),
      means:
        'A target was renamed or removed from the configuration, and what it left in its account stays as it was and follows no document. suture ip-ranges status shows it; suture ip-ranges remove takes it away where nothing depends on it.',
      topicArn,
    });
    alarm(this, 'TargetsFailed', {
      name: 'ip-ranges-targets-failed',
      metric: ownMetric(this, IP_RANGES_METRICS.targetsFailed),
      means:
        'Security groups of a target could not get all published ranges. They allow at least the ranges of before, and the new ones that fit. The log line names the target and the obstacle.',
      topicArn,
    });
  }
}

/** Targets in the function's account use its own role; those in other accounts use the role there. */
function targetsOf(context: SutureContext, { targets }: IpRangesInstallation): Allowance[] {
  const { securityAccount: account } = context;
  const own = targets.filter((target) => target.account === account);
  const others = otherAccounts(context, targets);
  return [
    ...(own.length > 0 ? ipRangesAllowances(own, { ...context, account }) : []),
    ...(others.length > 0
      ? sessionsOf(
          others.map((other) => ipRangesMemberRoleArn(context, other)),
          context,
        )
      : []),
  ];
}

/** Returns the variables with which the function assumes its role in other accounts; none without such targets. */
const memberRoleVariables = (context: SutureContext, { targets }: IpRangesInstallation): Record<string, string> =>
  otherAccounts(context, targets).length > 0
    ? {
        MEMBER_ROLE: `${namesOf(context).rolePath.slice(1)}${namesOf(context).ipRangesMemberRole}`,
        EXTERNAL_ID: context.externalId,
      }
    : {};

/** Allows the ledger's key by its encryption context, because a stack of another Region cannot know the key's id. */
const useOfLedgerKey = ({ prefix, partition, securityAccount, homeRegion }: SutureContext): Allowance => ({
  actions: ['kms:Decrypt'],
  on: `arn:${partition}:kms:${homeRegion}:${securityAccount}:key/*`,
  when: {
    StringEquals: {
      'kms:ViaService': `dynamodb.${homeRegion}.amazonaws.com`,
      'kms:EncryptionContext:aws:dynamodb:tableName': namesOf({ prefix }).ledgerTable,
    },
  },
  because: "The ledger's key, whose id a stack of another Region cannot know",
});

/** The security account's stack: rules, workflow, its functions, ledger, policy, alarms. */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Remediation } from '../functions/contract/remediation.ts';
import type { SuturePolicy } from '../functions/domain/policy.ts';
import { alarmTopic } from './constructs/alarms.ts';
import { ApprovalFunction } from './constructs/approval-function.ts';
import { DirectoryFunction, lookUpAccounts } from './constructs/directory.ts';
import { busArn, encryptEvents, eventBus, publishEvents } from './constructs/event-bus.ts';
import { FindingRules } from './constructs/finding-rules.ts';
import { FindingUpdates } from './constructs/finding-updates.ts';
import { type Bundles, SutureFunction } from './constructs/function.ts';
import { customerKey, keepDeadLetters, runWorkflow } from './constructs/key.ts';
import { Operations } from './constructs/operations.ts';
import { PolicyConfiguration } from './constructs/policy-configuration.ts';
import { items, keyUse } from './constructs/role.ts';
import { sampledTraces } from './constructs/sampling.ts';
import { ledgerTable } from './constructs/table.ts';
import { Workflow } from './constructs/workflow.ts';
import { excludedAccounts, type SutureContext } from './context.ts';
import {
  customActionArn,
  EVENT_BUS,
  functionName,
  LEDGER_TABLE,
  PROXY_ROLE,
  remediationAliasArns,
  stateMachineArn,
  workflowRoleArn,
} from './names.ts';

export type SecurityStackProps = StackProps & {
  readonly context: SutureContext;
  readonly remediations: readonly Remediation[];
  readonly policy: SuturePolicy;
  readonly bundles: Bundles;
};

export class SecurityStack extends Stack {
  readonly key: IKey;

  constructor(scope: Construct, id: string, { context, remediations, policy, bundles, ...props }: SecurityStackProps) {
    super(scope, id, props);
    const { partition, securityAccount, serviceAccount, homeRegion } = context;
    const place = { partition, account: securityAccount, region: homeRegion };
    const workflow = { arn: stateMachineArn(context), roleArn: workflowRoleArn(context) };
    const key = customerKey(this, place, [
      keepDeadLetters(place),
      ...runWorkflow(place, workflow),
      ...encryptEvents(place),
    ]);
    this.key = key;
    const { topicArn } = alarmTopic(this, place, key);
    const ledger = ledgerTable(this, 'Ledger', LEDGER_TABLE, key);
    const configuration = new PolicyConfiguration(this, 'Policy', { policy, place, key, bundles, topicArn });
    const updates = new FindingUpdates(this, 'FindingUpdates', {
      place,
      key,
      topicArn,
      ledger,
      bundles,
      stateMachineArn: workflow.arn,
    });
    const bus = eventBus(this, key);
    sampledTraces(this);

    const shared = { place, key, topicArn, bundles };
    const useLedger = keyUse(key, homeRegion, ['Decrypt'], ['dynamodb']);

    const triage = new SutureFunction(this, 'Triage', {
      ...shared,
      name: functionName('triage'),
      description: 'Decides what becomes of a finding',
      role: { name: functionName('triage') },
      timeout: Duration.minutes(1),
      environment: {
        ...configuration.environment,
        LEDGER_TABLE,
        STATE_MACHINE_ARN: workflow.arn,
        SECURITY_ACCOUNT: securityAccount,
        SERVICE_ACCOUNT: serviceAccount,
        EXCLUDED_ACCOUNTS: excludedAccounts(context).join(','),
        HOME_REGION: homeRegion,
      },
      allows: [
        ...configuration.reading,
        lookUpAccounts(context),
        { actions: ['states:StartExecution'], on: workflow.arn },
        items(ledger.tableArn, ['GetItem'], ['finding#*', 'account#*']),
        items(ledger.tableArn, ['UpdateItem'], ['counter#executions#*']),
        useLedger,
      ],
      errorsMean:
        'Findings could not be triaged; their executions try again and then fail in Triage. Look at the policy deployment and at Organizations.',
    });

    const proxy = new SutureFunction(this, 'Proxy', {
      ...shared,
      name: functionName('proxy'),
      description: 'Checks once more, takes the lease and invokes the remediation',
      role: { name: PROXY_ROLE },
      // Longer than a remediation's function runs, shorter than a lease holds.
      timeout: Duration.minutes(6),
      environment: {
        ...configuration.environment,
        LEDGER_TABLE,
        SERVICE_ACCOUNT: serviceAccount,
        HOME_REGION: homeRegion,
      },
      allows: [
        ...configuration.reading,
        {
          actions: ['lambda:InvokeFunction'],
          on: remediationAliasArns(context),
          because: 'One function a remediation, live versions alone; each alias names the proxy in its own policy',
        },
        lookUpAccounts(context),
        items(ledger.tableArn, ['GetItem'], ['account#*']),
        items(ledger.tableArn, ['BatchGetItem'], ['stop', 'circuits', 'finding#*', 'counter#*']),
        items(ledger.tableArn, ['ConditionCheckItem'], ['stop']),
        items(ledger.tableArn, ['UpdateItem'], ['finding#*', 'counter#*']),
        items(ledger.tableArn, ['PutItem', 'DeleteItem'], ['lease#*']),
        items(ledger.tableArn, ['GetItem', 'UpdateItem'], ['circuits']),
        items(ledger.tableArn, ['PutItem', 'Query'], ['circuit#*']),
        items(ledger.tableArn, ['PutItem'], ['caps']),
        useLedger,
      ],
      errorsMean:
        'Attempts to remediate failed; most are tried again. Executions that failed for good have an alarm of their own.',
    });

    const report = new SutureFunction(this, 'Report', {
      ...shared,
      name: functionName('report'),
      description: 'Records the outcome and notes it on the finding',
      role: { name: functionName('report') },
      timeout: Duration.minutes(1),
      environment: { LEDGER_TABLE, EVENT_BUS, FINDING_UPDATES_QUEUE_URL: updates.queue.queueUrl },
      allows: [
        items(ledger.tableArn, ['PutItem', 'UpdateItem'], ['finding#*']),
        items(ledger.tableArn, ['UpdateItem'], ['approvals', 'statistics#*']),
        publishEvents(place),
        { actions: ['sqs:SendMessage'], on: updates.queue.queueArn },
        keyUse(key, homeRegion, ['Decrypt', 'GenerateDataKey'], ['dynamodb', 'sqs']),
      ],
      errorsMean:
        'Outcomes could not be recorded; their executions try again and then fail in Report, after the resource was fixed. Redrive them.',
    });

    const { stateMachine } = new Workflow(this, 'Workflow', {
      place,
      arn: workflow.arn,
      functions: { TriageFunction: triage.function, ProxyFunction: proxy.function, ReportFunction: report.function },
      queues: { FindingUpdatesQueueUrl: updates.queue },
      key,
      topicArn,
    });
    new ApprovalFunction(this, 'Approvals', { ...shared, ledger, stateMachineArn: workflow.arn });
    new DirectoryFunction(this, 'Directory', { ...shared, context, ledger });
    new Operations(this, 'Operations', {
      ...shared,
      ledger,
      stateMachineArn: workflow.arn,
      stateMachine,
      findingUpdates: updates.queue,
      bus: bus.ref,
    });
    new FindingRules(this, 'FindingRules', {
      remediations,
      customActionArn: customActionArn(context),
      stateMachineArn: stateMachine.stateMachineArn,
      defaultBusArn: busArn(place, 'default'),
      key,
      topicArn,
    });
  }
}

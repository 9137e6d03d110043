/** The three functions that the workflow invokes for every finding: triage, proxy and report. */
import { Duration } from 'aws-cdk-lib';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ACCOUNT_LISTS } from '../../functions/domain/account.ts';
import { attemptErrorsKey } from '../../functions/domain/ledger.ts';
import { operationKey } from '../../functions/domain/operations.ts';
import { excludedAccounts, handledRegions, type SutureContext } from '../context.ts';
import { invokerRoleArn, namesIn, signingKeyArn } from '../names.ts';
import { contactAllowances, directoryEnvironment, lookUpAllowances } from './directory.ts';
import { publishAllowance } from './event-bus.ts';
import { type SecurityEnvironment, SutureFunction } from './function.ts';
import { policyReader } from './policy-configuration.ts';
import { items, keyUse, signatureUse } from './role.ts';

export type PipelineFunctionOptions = SecurityEnvironment & {
  readonly context: SutureContext;
  readonly stateMachineArn: string;
  readonly findingUpdates: IQueue;
};

export function triageFunction(scope: Construct, options: PipelineFunctionOptions): SutureFunction {
  const { context, ledger, stateMachineArn, findingUpdates, ...environment } = options;
  return new SutureFunction(scope, 'Triage', {
    ...environment,
    name: 'triage',
    description: 'Decides the route of a finding',
    timeout: Duration.minutes(1),
    environment: {
      ...policyReader(options.place).environment,
      LEDGER_TABLE: namesIn(scope).ledgerTable,
      STATE_MACHINE_ARN: stateMachineArn,
      SECURITY_ACCOUNT: context.securityAccount,
      EXCLUDED_ACCOUNTS: excludedAccounts(context).join(','),
      REGIONS: handledRegions(context).join(','),
      ...directoryEnvironment(context),
      HOME_REGION: context.homeRegion,
      SIGNING_KEY: signingKeyArn(context, 'triage'),
    },
    allows: [
      ...policyReader(options.place).allows,
      ...lookUpAllowances(context),
      ...contactAllowances(context, ledger.tableArn),
      signatureUse(context, 'GenerateMac', ['triage']),
      { actions: ['states:StartExecution'], on: stateMachineArn },
      items(ledger.tableArn, ['GetItem'], ['finding#*', 'account#*', ACCOUNT_LISTS, operationKey('*')]),
      items(ledger.tableArn, ['UpdateItem'], ['counter#executions#*', attemptErrorsKey('*').pk]),
      keyUse(options.key, context.homeRegion, ['Decrypt'], ['dynamodb']),
    ],
    errorsMean:
      'Triage fails for some findings. Their executions retry and then fail in the state Triage. Look at the policy deployment and at Organizations.',
  });
}

export function proxyFunction(scope: Construct, options: PipelineFunctionOptions): SutureFunction {
  const { context, ledger, stateMachineArn, findingUpdates, ...environment } = options;
  return new SutureFunction(scope, 'Proxy', {
    ...environment,
    name: 'proxy',
    description: 'Checks policy again, takes the lease and invokes the remediation',
    // Longer than a remediation's timeout, shorter than a lease.
    timeout: Duration.minutes(6),
    environment: {
      ...policyReader(options.place).environment,
      LEDGER_TABLE: namesIn(scope).ledgerTable,
      SERVICE_ACCOUNT: context.serviceAccount,
      HOME_REGION: context.homeRegion,
      INVOKER_ROLE: invokerRoleArn(context),
      ...directoryEnvironment(context),
    },
    allows: [
      ...policyReader(options.place).allows,
      { actions: ['sts:AssumeRole'], on: invokerRoleArn(context) },
      ...lookUpAllowances(context),
      items(ledger.tableArn, ['GetItem'], ['account#*', ACCOUNT_LISTS]),
      items(ledger.tableArn, ['BatchGetItem'], ['stop', 'circuits', 'finding#*', 'counter#*']),
      items(ledger.tableArn, ['ConditionCheckItem'], ['stop']),
      items(ledger.tableArn, ['UpdateItem'], ['finding#*', 'counter#*', attemptErrorsKey('*').pk]),
      items(ledger.tableArn, ['PutItem', 'DeleteItem'], ['lease#*']),
      items(ledger.tableArn, ['GetItem', 'UpdateItem'], ['circuits']),
      items(ledger.tableArn, ['PutItem', 'Query'], ['circuit#*']),
      items(ledger.tableArn, ['PutItem'], ['caps']),
      keyUse(options.key, context.homeRegion, ['Decrypt'], ['dynamodb']),
    ],
    errorsMean:
      'Attempts to remediate fail in the proxy or in the function of a remediation; the workflow retries most of them. Executions that fail finally have their own alarm.',
  });
}

export function reportFunction(scope: Construct, options: PipelineFunctionOptions): SutureFunction {
  const { context, ledger, stateMachineArn, findingUpdates, ...environment } = options;
  const names = namesIn(scope);
  return new SutureFunction(scope, 'Report', {
    ...environment,
    name: 'report',
    description: 'Records the outcome and writes a note on the finding',
    timeout: Duration.minutes(1),
    environment: {
      LEDGER_TABLE: names.ledgerTable,
      EVENT_BUS: names.eventBus,
      FINDING_UPDATES_QUEUE_URL: findingUpdates.queueUrl,
    },
    allows: [
      items(ledger.tableArn, ['PutItem', 'UpdateItem'], ['finding#*']),
      items(ledger.tableArn, ['UpdateItem'], ['approvals', 'statistics#*', attemptErrorsKey('*').pk]),
      publishAllowance(options.place),
      { actions: ['sqs:SendMessage'], on: findingUpdates.queueArn },
      keyUse(options.key, context.homeRegion, ['Decrypt', 'GenerateDataKey'], ['dynamodb', 'sqs']),
    ],
    errorsMean:
      'Outcomes cannot be recorded. The resource is fixed, but its execution retries and then fails in the state Report. Replay those executions.',
  });
}

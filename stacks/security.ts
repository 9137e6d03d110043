/** The stack of the security account: rules, workflow with its functions, ledger, policy and alarms. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Remediation } from '../functions/contract/remediation.ts';
import type { SuturePolicy } from '../functions/domain/policy.ts';
import { alarmTopic } from './constructs/alarms.ts';
import { Api } from './constructs/api.ts';
import { ApiFunction, type ApiFunctionOptions } from './constructs/api-function.ts';
import { ApprovalFunction } from './constructs/approval-function.ts';
import { ApprovalMachine } from './constructs/approval-machine.ts';
import { DirectoryFunction } from './constructs/directory.ts';
import { busArn, eventBus, eventKeyStatements } from './constructs/event-bus.ts';
import { FindingRules } from './constructs/finding-rules.ts';
import { FindingUpdates } from './constructs/finding-updates.ts';
import type { Bundles } from './constructs/function.ts';
import {
  customerKey,
  deadLetterKeyStatement,
  type KeyPlace,
  type MachineKeyUse,
  workflowKeyStatements,
} from './constructs/key.ts';
import { Operations } from './constructs/operations.ts';
import { proxyFunction, reportFunction, triageFunction } from './constructs/pipeline-functions.ts';
import { PolicyConfiguration } from './constructs/policy-configuration.ts';
import { traceSamplingRule } from './constructs/sampling.ts';
import { SessionWatch } from './constructs/session-watch.ts';
import { ledgerTable } from './constructs/table.ts';
import { Workflow } from './constructs/workflow.ts';
import type { SutureContext } from './context.ts';
import { ipRangesRegionOf } from './ip-ranges/context.ts';
import { APPROVAL_MACHINE, customActionArn, LEDGER_TABLE, stateMachineArn, workflowRoleArn } from './names.ts';

export type SecurityStackProps = StackProps & {
  readonly context: SutureContext;
  readonly remediations: readonly Remediation[];
  readonly policy: SuturePolicy;
  readonly bundles: Bundles;
};

export class SecurityStack extends Stack {
  readonly key: IKey;
  readonly ledger: ITable;

  constructor(scope: Construct, id: string, { context, remediations, policy, bundles, ...props }: SecurityStackProps) {
    super(scope, id, props);
    const place: KeyPlace = {
      partition: context.partition,
      account: context.securityAccount,
      region: context.homeRegion,
    };
    const arn = stateMachineArn(context);
    const key = securityKey(this, place, context);
    this.key = key;
    const { topicArn } = alarmTopic(this, place, key);
    const ledger = ledgerTable(this, 'Ledger', LEDGER_TABLE, key, { streams: context.audit });
    this.ledger = ledger;
    const bootstrap = context.bootstrap ? policy : undefined;
    const configuration = new PolicyConfiguration(this, 'Policy', { bootstrap, ledger, place, key, bundles, topicArn });
    const shared = { place, key, topicArn, bundles, ledger, stateMachineArn: arn };
    const updates = new FindingUpdates(this, 'FindingUpdates', shared);
    const bus = eventBus(this, key);
    traceSamplingRule(this);

    const approvalMachine = stateMachineArn(context, APPROVAL_MACHINE);
    const machine = new ApprovalMachine(this, 'ApprovalMachine', { place, key, ledger, arn: approvalMachine });
    const parts = { ...shared, context, configuration, findingUpdates: updates.queue };
    const report = reportFunction(this, parts);
    const workflow = new Workflow(this, 'Workflow', {
      place,
      arn,
      functions: {
        TriageFunction: triageFunction(this, parts).function,
        ProxyFunction: proxyFunction(this, parts).function,
        ReportFunction: report.function,
      },
      queues: { FindingUpdatesQueueUrl: updates.queue },
      machines: { ApprovalMachine: approvalMachine },
      key,
      topicArn,
    });
    workflow.node.addDependency(machine);
    const { stateMachine } = workflow;
    const { api } = this.addApi(context, {
      ...shared,
      configuration,
      onePerson: context.onePerson,
      ipRangesRegion: ipRangesRegionOf(context),
    });
    new DirectoryFunction(this, 'Directory', { place, key, topicArn, bundles, ledger, context });
    const { recurringFindings } = new Operations(this, 'Operations', {
      ...shared,
      stateMachine,
      findingUpdates: updates.queue,
      bus: bus.ref,
      configuration,
    });
    updates.addConsumer(
      { ...shared, configuration },
      { workflow: workflow.role, report: report.role, recurringFindings, api: api.role },
    );
    new SessionWatch(this, 'SessionWatch', { place, key, topicArn, bundles, context });
    new FindingRules(this, 'FindingRules', {
      remediations,
      customActionArn: customActionArn(context),
      stateMachineArn: stateMachine.stateMachineArn,
      defaultBusArn: busArn(place, 'default'),
      key,
      topicArn,
    });
  }

  private addApi(context: SutureContext, shared: ApiFunctionOptions): ApiFunction {
    const { configuration: _, onePerson: __, ipRangesRegion: ___, ...withoutConfiguration } = shared;
    const apiFunction = new ApiFunction(this, 'ApiFunction', shared);
    const functions = {
      approvals: new ApprovalFunction(this, 'Approvals', {
        ...withoutConfiguration,
        stateMachineArn: stateMachineArn(context, APPROVAL_MACHINE),
      }).function,
      api: apiFunction.api.function,
    };
    new Api(this, 'Api', { ...withoutConfiguration, context, functions });
    return apiFunction;
  }
}

const securityKey = (scope: Construct, place: KeyPlace, context: SutureContext): IKey =>
  customerKey(scope, place, [
    deadLetterKeyStatement(place),
    ...workflowKeyStatements(place, machineKeyUses(context)),
    ...eventKeyStatements(place),
  ]);

function machineKeyUses(context: SutureContext): MachineKeyUse[] {
  const approvals = stateMachineArn(context, APPROVAL_MACHINE);
  return [
    {
      sid: 'RunWorkflow',
      roleArn: workflowRoleArn(context),
      histories: [stateMachineArn(context), approvals],
    },
    { sid: 'AwaitApprovals', roleArn: workflowRoleArn(context, APPROVAL_MACHINE), histories: [approvals] },
  ];
}

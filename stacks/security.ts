/** The stack of the security account: rules, workflow with its functions, API and alarms. */
import type { StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Remediation } from '../functions/contract/remediation.ts';
import type { MemberRolePart } from '../functions/domain/member-role-parts.ts';
import { alarmTopicArn } from './constructs/alarms.ts';
import { Api } from './constructs/api.ts';
import { ApiFunction, type ApiFunctionOptions } from './constructs/api-function.ts';
import { ApprovalFunction } from './constructs/approval-function.ts';
import { ApprovalMachine } from './constructs/approval-machine.ts';
import { DirectoryFunction } from './constructs/directory.ts';
import { doctorFunction } from './constructs/doctor.ts';
import { busArn, eventBus } from './constructs/event-bus.ts';
import { FindingRules } from './constructs/finding-rules.ts';
import { FindingUpdates } from './constructs/finding-updates.ts';
import type { Bundles } from './constructs/function.ts';
import { Operations } from './constructs/operations.ts';
import { proxyFunction, reportFunction, triageFunction } from './constructs/pipeline-functions.ts';
import { traceSamplingRule } from './constructs/sampling.ts';
import { SessionWatch } from './constructs/session-watch.ts';
import { Workflow } from './constructs/workflow.ts';
import { type SutureContext, securityHubProducts, securityPlace } from './context.ts';
import { ipRangesRegionOf } from './ip-ranges/context.ts';
import { importedLedger } from './ledger-stack.ts';
import { messagesInstallation, publicPlaces } from './messages/context.ts';
import { accountDoctorArn, approvalMachineArn, customActionArn, InstallationStack, stateMachineArn } from './names.ts';

export type SecurityStackProps = StackProps & {
  readonly context: SutureContext;
  readonly remediations: readonly Remediation[];
  readonly parts: readonly MemberRolePart[];
  readonly bundles: Bundles;
  readonly key: IKey;
  /** The alarm topic's key. */
  readonly alarmKey: IKey;
};

export class SecurityStack extends InstallationStack {
  constructor(
    scope: Construct,
    id: string,
    { context, remediations, parts: memberParts, bundles, key, alarmKey, ...props }: SecurityStackProps,
  ) {
    super(scope, id, { ...props, context });
    const place = securityPlace(context);
    const arn = stateMachineArn(context);
    const topicArn = alarmTopicArn(place);
    const ledger = importedLedger(this, context);
    const shared = { place, key, topicArn, bundles, ledger, stateMachineArn: arn };
    const updates = new FindingUpdates(this, 'FindingUpdates', shared);
    const bus = eventBus(this, key);
    traceSamplingRule(this);

    const approvalMachine = approvalMachineArn(context);
    const machine = new ApprovalMachine(this, 'ApprovalMachine', { place, key, ledger, arn: approvalMachine });
    const parts = { ...shared, context, findingUpdates: updates.queue };
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
    const ipRangesRegion = ipRangesRegionOf(context);
    const messages = messagesInstallation(context);
    const messagePlaces = messages ? publicPlaces(messages) : [];
    const { api } = this.addApi(context, { ...shared, onePerson: context.onePerson, ipRangesRegion, messagePlaces });
    new DirectoryFunction(this, 'Directory', { place, key, topicArn, bundles, ledger, context });
    const { recurringFindings, failures } = new Operations(this, 'Operations', {
      ...shared,
      stateMachine,
      findingUpdates: updates.queue,
      bus: bus.ref,
      alarmKey,
      products: securityHubProducts(context),
    });
    const writers = { workflow: workflow.role, report: report.role, failures, recurringFindings, api: api.role };
    updates.addConsumer(shared, writers);
    new SessionWatch(this, 'SessionWatch', { place, key, topicArn, bundles, context, parts: memberParts });
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
    const { onePerson: _, ipRangesRegion: __, messagePlaces: ___, ...environment } = shared;
    const apiFunction = new ApiFunction(this, 'ApiFunction', shared);
    const functions = {
      approvals: new ApprovalFunction(this, 'Approvals', {
        ...environment,
        context,
        stateMachineArn: approvalMachineArn(context),
      }).function,
      api: apiFunction.api.function,
      doctor: doctorFunction(this, { ...environment, context }).function,
      'account-doctor': { functionArn: accountDoctorArn(context) },
    };
    new Api(this, 'Api', { ...environment, context, functions });
    return apiFunction;
  }
}

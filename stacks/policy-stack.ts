/** The first stack of the security account: its keys, its alarms' topic, and the policy. */
import type { StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { namesOf } from '../functions/domain/names.ts';
import type { SuturePolicy } from '../functions/domain/policy.ts';
import { alarmTopic } from './constructs/alarms.ts';
import { eventKeyStatements } from './constructs/event-bus.ts';
import type { Bundles } from './constructs/function.ts';
import {
  customerKey,
  deadLetterKeyStatement,
  type KeyPlace,
  type MachineKeyUse,
  publishThroughSns,
  workflowKeyStatements,
} from './constructs/key.ts';
import { PolicyConfiguration } from './constructs/policy-configuration.ts';
import { type SutureContext, securityPlace } from './context.ts';
import { approvalMachineArn, InstallationStack, stateMachineArn, workflowRoleArn } from './names.ts';

export type PolicyStackProps = StackProps & {
  readonly context: SutureContext;
  readonly policy: SuturePolicy;
  readonly bundles: Bundles;
};

/** It comes before ledger and workflow, so that a policy that AppConfig refuses leaves nothing of them behind. */
export class PolicyStack extends InstallationStack {
  readonly key: IKey;
  readonly alarmKey: IKey;

  constructor(scope: Construct, id: string, { context, policy, bundles, ...props }: PolicyStackProps) {
    super(scope, id, { ...props, context });
    const place = securityPlace(context);
    this.key = securityKey(this, place, context);
    const { topicArn, key: alarmKey } = alarmTopic(this, place, publishThroughSns(place));
    this.alarmKey = alarmKey;
    const bootstrap = context.bootstrap ? policy : undefined;
    new PolicyConfiguration(this, 'Policy', { bootstrap, place, key: this.key, bundles, topicArn });
  }
}

const securityKey = (scope: Construct, place: KeyPlace, context: SutureContext): IKey =>
  customerKey(scope, place, [
    deadLetterKeyStatement(place),
    ...workflowKeyStatements(place, machineKeyUses(context)),
    ...eventKeyStatements(place),
  ]);

function machineKeyUses(context: SutureContext): MachineKeyUse[] {
  const approvals = approvalMachineArn(context);
  return [
    {
      sid: 'RunWorkflow',
      roleArn: workflowRoleArn(context),
      histories: [stateMachineArn(context), approvals],
    },
    {
      sid: 'AwaitApprovals',
      roleArn: workflowRoleArn(context, namesOf(context).approvalMachine),
      histories: [approvals],
    },
  ];
}

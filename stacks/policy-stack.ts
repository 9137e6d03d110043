/** The first stack of the security account: its key, its alarms' topic, and the policy. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { SuturePolicy } from '../functions/domain/policy.ts';
import { alarmTopic } from './constructs/alarms.ts';
import { eventKeyStatements } from './constructs/event-bus.ts';
import type { Bundles } from './constructs/function.ts';
import {
  customerKey,
  deadLetterKeyStatement,
  type KeyPlace,
  type MachineKeyUse,
  workflowKeyStatements,
} from './constructs/key.ts';
import { PolicyConfiguration } from './constructs/policy-configuration.ts';
import { type SutureContext, securityPlace } from './context.ts';
import { APPROVAL_MACHINE, stateMachineArn, workflowRoleArn } from './names.ts';

export type PolicyStackProps = StackProps & {
  readonly context: SutureContext;
  readonly policy: SuturePolicy;
  readonly bundles: Bundles;
};

/** Before ledger and workflow: a policy that AppConfig refuses leaves nothing of them behind. */
export class PolicyStack extends Stack {
  readonly key: IKey;

  constructor(scope: Construct, id: string, { context, policy, bundles, ...props }: PolicyStackProps) {
    super(scope, id, props);
    const place = securityPlace(context);
    this.key = securityKey(this, place, context);
    const { topicArn } = alarmTopic(this, place, this.key);
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

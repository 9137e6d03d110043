/** Constructs for operators: failure recording, reconcilers, notifications, alarms and dashboard. */
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { Failures } from './failures.ts';
import type { Bundles } from './function.ts';
import type { KeyPlace } from './key.ts';
import { Notify } from './notify.ts';
import { Reconcilers } from './reconcilers.ts';
import type { FixedRole } from './role.ts';
import { Watching } from './watching.ts';

export type OperationsOptions = {
  readonly place: KeyPlace;
  readonly key: IKey;
  readonly topicArn: string;
  readonly alarmKey: IKey;
  readonly ledger: ITable;
  readonly bundles: Bundles;
  readonly stateMachineArn: string;
  readonly stateMachine: IStateMachine;
  readonly findingUpdates: IQueue;
  readonly bus: string;
  /** ARNs of Security Hub's own product in the Regions of the context. */
  readonly products: readonly string[];
};

export class Operations extends Construct {
  readonly recurringFindings: FixedRole;
  readonly failures: FixedRole;

  constructor(
    scope: Construct,
    id: string,
    { findingUpdates, stateMachineArn, stateMachine, bus, alarmKey, products, ...shared }: OperationsOptions,
  ) {
    super(scope, id);
    const { queue, role } = new Failures(this, 'Failures', { ...shared, stateMachineArn, findingUpdates });
    this.failures = role;
    const reconcilers = new Reconcilers(this, 'Reconcilers', {
      ...shared,
      stateMachineArn,
      failures: queue,
      findingUpdates,
      products,
    });
    this.recurringFindings = reconcilers.recurringFindings;
    new Notify(this, 'Notify', { ...shared, bus, alarmKey });
    const { topicArn, ledger } = shared;
    new Watching(this, 'Watching', { topicArn, ledger, stateMachine, findingUpdates, failures: queue });
  }
}

/**
 * The state machine that waits for a person's answer. It is apart from the workflow because IAM can tell the task
 * tokens of two machines apart, but not those of one machine.
 */
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { namesIn } from '../names.ts';
import type { KeyPlace } from './key.ts';
import { items, keyUse } from './role.ts';
import { encryptedStateMachine } from './state-machine.ts';

export type ApprovalMachineOptions = {
  readonly place: KeyPlace;
  readonly key: IKey;
  readonly ledger: ITable;
  readonly arn: string;
};

export class ApprovalMachine extends Construct {
  constructor(scope: Construct, id: string, { place, key, ledger, arn }: ApprovalMachineOptions) {
    super(scope, id);
    encryptedStateMachine(this, {
      name: 'await-approval',
      description: 'Lets an execution that waits for approval store its plan and its task token',
      file: 'await-approval.asl.json',
      place,
      key,
      substitutions: { LedgerTable: namesIn(this).ledgerTable },
      allows: [
        items(ledger.tableArn, ['PutItem'], ['approvals']),
        keyUse(key, place.region, ['Decrypt'], ['dynamodb']),
      ],
      histories: [arn],
    });
  }
}

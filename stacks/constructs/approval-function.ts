/** The function behind the API's routes to approvals. It alone may send an answer to a waiting task. */
import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { operationKey } from '../../functions/domain/operations.ts';
import type { SutureContext } from '../context.ts';
import { namesIn, signingKeyArn } from '../names.ts';
import { type SecurityEnvironment, SutureFunction } from './function.ts';
import { items, keyUse, signatureUse } from './role.ts';

export type ApprovalFunctionOptions = SecurityEnvironment & {
  readonly context: SutureContext;
  /** The machine that waits for answers. */
  readonly stateMachineArn: string;
};

export class ApprovalFunction extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { context, ledger, stateMachineArn, ...options }: ApprovalFunctionOptions) {
    super(scope, id);
    const { place, key } = options;
    this.function = new SutureFunction(this, 'Function', {
      ...options,
      name: 'approvals',
      description: 'Lists changes that wait for approval, and takes answers',
      timeout: Duration.seconds(30),
      environment: { LEDGER_TABLE: namesIn(this).ledgerTable, SIGNING_KEY: signingKeyArn(context, 'approvals') },
      allows: [
        items(ledger.tableArn, ['GetItem', 'Query', 'UpdateItem'], ['approvals']),
        items(ledger.tableArn, ['Query'], [operationKey('redrive-*')]),
        { actions: ['states:SendTaskSuccess'], on: stateMachineArn },
        signatureUse(context, 'GenerateMac', ['approvals']),
        keyUse(key, place.region, ['Decrypt'], ['dynamodb']),
      ],
      errorsMean:
        'Answers could not be taken or delivered. Answer again: an answer that was taken is kept. Changes without an answer are denied when their time is up.',
    }).function;
  }
}

/** The function's URL requires IAM authorization, and the function may send results of waiting tasks. */
import { Duration } from 'aws-cdk-lib';
import { CfnPermission, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { functionName, LEDGER_TABLE } from '../names.ts';
import { type SecurityEnvironment, SutureFunction } from './function.ts';
import { items, keyUse } from './role.ts';

export type ApprovalFunctionOptions = SecurityEnvironment & {
  readonly stateMachineArn: string;
};

export class ApprovalFunction extends Construct {
  constructor(scope: Construct, id: string, { ledger, stateMachineArn, ...options }: ApprovalFunctionOptions) {
    super(scope, id);
    const { place, key } = options;
    const approvals = new SutureFunction(this, 'Function', {
      ...options,
      name: functionName('approvals'),
      description: 'Lists changes that wait for approval, and takes answers',
      role: { name: functionName('approvals') },
      timeout: Duration.seconds(30),
      environment: { LEDGER_TABLE },
      allows: [
        items(ledger.tableArn, ['GetItem', 'Query', 'UpdateItem'], ['approvals']),
        { actions: ['states:SendTaskSuccess'], on: stateMachineArn },
        keyUse(key, place.region, ['Decrypt'], ['dynamodb']),
      ],
      errorsMean:
        'Answers could not be taken or delivered. Answer again: an answer that was taken is kept. Changes without an answer are denied when their time is up.',
    });
    approvals.function.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
    this.allowAccount(approvals.function.functionArn, place.account);
  }

  /**
   * Allows principals of this account whose own policies allow both actions. AWS requires both since October 2025:
   * https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
   */
  private allowAccount(functionName: string, principal: string): void {
    const target = { functionName, principal };
    new CfnPermission(this, 'MayCallUrl', {
      ...target,
      action: 'lambda:InvokeFunctionUrl',
      functionUrlAuthType: FunctionUrlAuthType.AWS_IAM,
    });
    new CfnPermission(this, 'MayInvokeByUrl', {
      ...target,
      action: 'lambda:InvokeFunction',
      invokedViaFunctionUrl: true,
    });
  }
}

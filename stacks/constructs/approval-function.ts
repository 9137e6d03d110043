/** The function by which people answer: a URL that IAM guards, and the right to answer executions that wait. */
import { Duration } from 'aws-cdk-lib';
import { CfnPermission, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { functionName, LEDGER_TABLE } from '../names.ts';
import { type SecuritySurroundings, SutureFunction } from './function.ts';
import { items, keyUse } from './role.ts';

export type ApprovalFunctionOptions = SecuritySurroundings & {
  readonly stateMachineArn: string;
};

export class ApprovalFunction extends Construct {
  constructor(scope: Construct, id: string, { ledger, stateMachineArn, ...options }: ApprovalFunctionOptions) {
    super(scope, id);
    const { place, key } = options;
    const made = new SutureFunction(this, 'Function', {
      ...options,
      name: functionName('approvals'),
      description: 'Lists changes that wait for approval, and takes the answers of people',
      role: { name: functionName('approvals') },
      timeout: Duration.seconds(30),
      environment: { LEDGER_TABLE },
      allows: [
        items(ledger.tableArn, ['GetItem', 'Query', 'UpdateItem'], ['approvals']),
        { actions: ['states:SendTaskSuccess'], on: stateMachineArn },
        keyUse(key, place.region, ['Decrypt'], ['dynamodb']),
      ],
      errorsMean:
        'Answers of people could not be taken or delivered. Ask again: an answer that was taken is kept. Changes that nobody can approve are denied when their time is up.',
    });
    made.function.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
    this.letAccountDecide(made.function.functionArn, place.account);
  }

  /**
   * Principals of this account whose own policies allow both actions; nobody else. Both are needed since October 2025:
   * https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
   */
  private letAccountDecide(functionName: string, principal: string): void {
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

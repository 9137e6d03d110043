/** Requests to the API that fail, and the permissions without which it fails. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AddPermissionCommand, GetPolicyCommand, LambdaClient, RemovePermissionCommand } from '@aws-sdk/client-lambda';
import { stopsClient } from '../../cli/clients/stops.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import type { IncidentEnd } from './incident-end.ts';
import type { IncidentLab } from './incident-lab.ts';

/** @throws Error unless the API answers the request with 5xx */
export async function expectServerError(request: () => Promise<unknown>): Promise<void> {
  const answer = await request().then(
    () => 'done',
    ({ message }: Error) => message,
  );
  if (!/^Suture's API failed: /.test(answer)) throw new Error(`The API did not fail: ${answer}`);
}

export const stopSuture = (lab: IncidentLab): Promise<unknown> =>
  stopsClient(new DynamoDBClient(lab.security()), () => lab.now()).stop('looking into failures');

/** Removes the statements that let API Gateway invoke the API's function. `resolve` adds them again. */
export async function removeInvokePermissions(lab: IncidentLab): Promise<IncidentEnd> {
  const FunctionName = LAB_NAMES.function('api');
  const lambda = () => new LambdaClient(lab.security());
  const statements = async (): Promise<any[]> => {
    try {
      return JSON.parse((await lambda().send(new GetPolicyCommand({ FunctionName }))).Policy!).Statement;
    } catch (error) {
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
      return [];
    }
  };
  const removed = await statements();
  for (const { Sid } of removed) await lambda().send(new RemovePermissionCommand({ FunctionName, StatementId: Sid }));
  return {
    isOver: async () => (await statements()).length > 0,
    async resolve() {
      for (const { Sid, Principal, Action, Condition } of removed)
        await lambda().send(
          new AddPermissionCommand({
            ...{ FunctionName, StatementId: Sid, Action, Principal: Principal.Service },
            SourceArn: Condition?.ArnLike?.['AWS:SourceArn'],
          }),
        );
    },
  };
}

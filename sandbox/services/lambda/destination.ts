import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import { parseArn } from '../arn.ts';
import { functionRoleSession, type ResolvedFunction } from './function-reference.ts';

/** Sends the record of an invocation to a queue, topic or function, with the role of the invoked function. */
export const sendRecord = async (
  kernel: Kernel,
  target: ResolvedFunction,
  destination: string,
  text: string,
): Promise<void> => {
  const { service, region, account, resource } = parseArn(destination);
  const place = { ...target.fn.place, region, account };
  const role = functionRoleSession(kernel, target);
  const call = (operation: string, input: object) => kernel.call(role, place, service, operation, input);
  if (service === 'sqs') {
    await call('SendMessage', { QueueUrl: `${kernel.endpoint}/${account}/${resource}`, MessageBody: text });
  } else if (service === 'sns') {
    await call('Publish', { TopicArn: destination, Message: text });
  } else if (service === 'lambda') {
    await call('Invoke', { FunctionName: destination, InvocationType: 'Event', Payload: Buffer.from(text) });
  } else {
    throw new AwsError('NotModelled', `The sandbox does not model the destination ${destination}.`, 501);
  }
};

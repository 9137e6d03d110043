import { SendTaskFailureCommand, SendTaskSuccessCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { TaskTokens } from '../ports/task-tokens.ts';

export const taskTokens = (states: SFNClient): TaskTokens => ({
  async succeed(taskToken, output) {
    await states.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
  },
  async fail(taskToken, error, cause) {
    await states.send(new SendTaskFailureCommand({ taskToken, error, cause }));
  },
});

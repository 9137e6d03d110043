/** Errors that lead developers to the folder of a missing operation. */
import { globSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SERVICES } from '../../../sandbox/services/services.generated.ts';
import { sqs } from '../../../sandbox/services/sqs/index.ts';
import { CLIENT_ACCOUNT, CLIENT_PLACE, sandboxFor } from '../support/sdk-client.ts';

it('each service has the name of its folder, which messages give', () => {
  const folders = globSync('sandbox/services/*/index.ts').map((path) => path.split(/[\\/]/).at(-2));
  expect(SERVICES.map(({ name }) => name)).toEqual(folders.sort());
});

it('the error for an operation that is not modelled names its folder and the command', async () => {
  const { kernel, close } = await sandboxFor(sqs);
  const call = kernel.call(kernel.administrator!(CLIENT_ACCOUNT), CLIENT_PLACE, 'sqs', 'CancelMessageMoveTask', {});
  await expect(call).rejects.toMatchObject({
    code: 'NotModelled',
    message:
      'The sandbox does not model sqs CancelMessageMoveTask. Its place is sandbox/services/sqs: npm run new:operation -- sqs CancelMessageMoveTask',
  });
  await close();
});
